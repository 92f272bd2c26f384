import { createHash } from "node:crypto";
import { CreateBucketCommand, HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { beforeEach, describe, expect, inject, it, onTestFinished } from "vitest";
import { createAsyncClient, createEndpointClient } from "../../client/client.js";
import { unlessSkipped } from "../support/skip-by-name.js";

// The client against a runtime that somebody else has written. Moto answers with what it was told to, in a bucket of
// its own choice: who builds the place of an answer instead of following it finds nothing there.

const moto = inject("moto");
const url = "url" in moto ? moto.url : "";
const connection = {
  ...{ region: "us-east-1", endpoint: url },
  credentials: { accessKeyId: "testing", secretAccessKey: "testing" },
};
const s3 = { ...connection, forcePathStyle: true };
const reply = { recommendations: [], mode: "outfit", profile: "v5" };
const large = new Uint8Array(200_000).fill(7);

async function tell(queue: "endpoint-results" | "async-endpoint-results", result: object): Promise<void> {
  const body = JSON.stringify({ results: [result] });
  const headers = { "content-type": "application/json" };
  const told = await fetch(`${url}/moto-api/static/sagemaker/${queue}`, { method: "POST", headers, body });
  expect(told.status).toBe(201);
}

async function anAsyncClient() {
  const client = await createAsyncClient({
    ...{ endpointName: "looks", inputFolder: "s3://pictures/asked", sdk: connection, s3 },
  });
  onTestFinished(() => client.close());
  return client;
}

unlessSkipped("the client and moto", "url" in moto ? null : moto.missing, () => {
  beforeEach(async () => {
    await fetch(`${url}/moto-api/reset`, { method: "POST" });
    const client = new S3Client(s3);
    await client.send(new CreateBucketCommand({ Bucket: "pictures" }));
    client.destroy();
  });

  describe("an asynchronous question", () => {
    it("is put into S3 where it is large, and answered in a bucket that nobody could have guessed", async () => {
      await tell("async-endpoint-results", { data: JSON.stringify(reply) });
      const client = await anAsyncClient();
      const ticket = await client.submit({ image: large });
      expect(ticket.outputLocation).toMatch(/^s3:\/\/sagemaker-output-[0-9a-f-]{36}\/response\.json$/);
      expect(await client.collect(ticket)).toEqual(reply);
      const store = new S3Client(s3);
      const Key = `asked/${createHash("sha256").update(large).digest("hex")}`;
      const { ContentLength } = await store.send(new HeadObjectCommand({ Bucket: "pictures", Key }));
      expect(ContentLength).toBe(large.length);
      store.destroy();
    });

    it("goes inside the call where it fits", async () => {
      await tell("async-endpoint-results", { data: JSON.stringify(reply) });
      const client = await anAsyncClient();
      expect(await client.collect(await client.submit({ item_id: "one" }))).toEqual(reply);
    });

    it("tells why it failed", async () => {
      const data = 'Received client error (422) from primary with message "{}"';
      await tell("async-endpoint-results", { data, is_failure: true });
      const client = await anAsyncClient();
      const collecting = client.collect(await client.submit({ image: large }));
      await expect(collecting).rejects.toMatchObject({ code: "model_failed", status: 422, message: data });
    });
  });

  it("a question to a real-time endpoint is answered", async () => {
    const result = { ContentType: "application/json", InvokedProductionVariant: "blue", CustomAttributes: "" };
    await tell("endpoint-results", { ...result, Body: JSON.stringify(reply) });
    const client = await createEndpointClient({ endpointName: "looks", sdk: connection });
    onTestFinished(() => client.close());
    expect(await client.invoke({ image: large, top_k: 3 })).toEqual(reply);
  });
});
