import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type AsyncSettings, createAsyncClient, type InvokeError } from "../../client/client.js";
import { startOwnServer } from "../support/contract-target.js";
import { type FrontSettings, startEndpointFront } from "../support/endpoint-front.js";
import { startHost } from "../support/image-host.js";
import { type MissingAnswer, startObjectStore } from "../support/object-store.js";
import { tinyPicture } from "../support/tiny-artifact.js";

const picture = tinyPicture([200, 30, 40]);
/** What follows a PNG's end is not looked at. */
const largePicture = Buffer.concat([picture, Buffer.alloc(200_000)]);
let url = "";
beforeAll(async () => {
  ({ url } = await startOwnServer());
});

type Wishes = Readonly<{
  front?: Partial<FrontSettings>;
  client?: Partial<AsyncSettings>;
  missing?: () => MissingAnswer;
}>;

/** An asynchronous endpoint with this server behind it, and a client whose clock goes by what it sleeps. */
async function anEndpoint({ front: frontWishes, client: clientWishes, missing }: Wishes = {}) {
  const store = await startObjectStore(["sagemaker-output", "pictures"], missing);
  const front = await startEndpointFront({ endpoints: { looks: { blue: url } }, store, ...frontWishes });
  const waits: number[] = [];
  const waiting = {
    now: () => waits.reduce((sum, ms) => sum + ms, 0),
    // The answer comes from another process: each wait gives it a turn of the loop, and its time to the clock.
    sleep: async (ms: number, signal: AbortSignal) => {
      waits.push(ms);
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
    },
    random: () => 0.5,
  };
  // One try of the SDK's own: its waits are real ones.
  const s3 = { ...store.sdk, maxAttempts: 1 };
  const client = await createAsyncClient({ endpointName: "looks", sdk: front.sdk, s3, waiting, ...clientWishes });
  onTestFinished(() => client.close());
  return { store, front, client, waits };
}

async function failureOf(work: Promise<unknown>): Promise<InvokeError> {
  return work.then(
    () => expect.fail("there was an answer"),
    (error) => error,
  );
}

// Waits cost nothing here, so that a deadline is a number of looks.
const patient = { deadlineMs: 1e9 };

describe("a question to an asynchronous endpoint", () => {
  it("is sent inside the call where it fits, and answered where the endpoint says", async () => {
    const { front, store, client } = await anEndpoint();
    const ticket = await client.submit({ image: picture });
    expect(ticket.outputLocation).toMatch(/^s3:\/\/sagemaker-output\/[0-9a-f-]+\.out$/);
    const reply = await client.collect(ticket, patient);
    expect(reply.query_item.dominant_color_rgb).toEqual([200, 30, 40]);
    expect(front.calls).toMatchObject([{ operation: "async", bodyBytes: picture.length }]);
    expect(front.calls[0]!.headers).not.toHaveProperty("x-amzn-sagemaker-inputlocation");
    expect(front.calls[0]!.headers).toMatchObject({ "x-amzn-sagemaker-content-type": "application/x-image" });
    expect([...store.objects.keys()]).toEqual([ticket.outputLocation.replace("s3://", "")]);
  });

  it("takes its options in the body: no header is promised to arrive", async () => {
    const { front, client } = await anEndpoint();
    const reply = await client.collect(await client.submit({ image: picture, top_k: 2 }), patient);
    expect(reply.recommendations).toHaveLength(2);
    expect(front.calls[0]!.headers).not.toHaveProperty("x-amzn-sagemaker-custom-attributes");
    expect(front.calls[0]!.headers).toMatchObject({ "x-amzn-sagemaker-content-type": "application/json" });
  });

  it("is put into S3 where it does not fit, under its digest, and not sent a second time", async () => {
    const { front, store, client } = await anEndpoint({ client: { inputFolder: "s3://pictures/asked/" } });
    const reply = await client.collect(await client.submit({ image: largePicture }), patient);
    expect(reply.query_item.dominant_color_rgb).toEqual([200, 30, 40]);
    const key = `pictures/asked/${createHash("sha256").update(largePicture).digest("hex")}`;
    expect(store.objects.get(key)?.bytes.equals(largePicture)).toBe(true);
    expect(front.calls).toMatchObject([{ bodyBytes: 0 }]);
    expect(front.calls[0]!.headers).toMatchObject({ "x-amzn-sagemaker-inputlocation": `s3://${key}` });
  });

  it.each([
    [128_000, 0],
    [128_001, 1],
  ])("of %d bytes makes %d uploads", async (bytes, uploads) => {
    const { store, client } = await anEndpoint({ client: { inputFolder: "s3://pictures" } });
    const image = Buffer.concat([picture, Buffer.alloc(bytes - picture.length)]);
    await client.collect(await client.submit({ image }), patient);
    expect([...store.objects.keys()].filter((key) => key.startsWith("pictures/"))).toHaveLength(uploads);
  });

  it("that lies in S3 already is not touched", async () => {
    const { store, front, client } = await anEndpoint();
    store.objects.set("pictures/mine.png", { bytes: Buffer.from(picture), contentType: "image/png" });
    const ticket = await client.submit({ inputLocation: "s3://pictures/mine.png", top_k: 3 });
    expect((await client.collect(ticket, patient)).recommendations).toHaveLength(3);
    expect(front.calls).toMatchObject([{ bodyBytes: 0 }]);
  });

  it.each([undefined, "pictures/asked", "s3://"])("without a folder for large ones is refused: %s", async (folder) => {
    const { front, client } = await anEndpoint({ client: { inputFolder: folder } });
    const error = await failureOf(client.submit({ image: largePicture }));
    expect(error).toMatchObject({ code: "body_too_large_for_async", isRetryable: false });
    expect(error.message).toMatch(/128000.*name a folder/);
    expect(front.calls).toEqual([]);
  });

  it("whose folder is in no bucket is told so", async () => {
    const { client } = await anEndpoint({ client: { inputFolder: "s3://elsewhere/asked" } });
    const error = await failureOf(client.submit({ image: largePicture }));
    expect(error).toMatchObject({ code: "storage_failed", status: 404 });
    expect(error.message).toContain("s3://elsewhere/asked/");
  });

  it("to an endpoint that is not there is refused at once", async () => {
    const { front, client } = await anEndpoint({ client: { endpointName: "other" } });
    expect(await failureOf(client.submit({ image: picture }))).toMatchObject({ code: "platform_refused", status: 400 });
    expect(front.calls).toHaveLength(1);
  });

  it("says how long it may wait and take", async () => {
    const { front, client } = await anEndpoint({ client: { ttlSeconds: 60, invocationSeconds: 30 } });
    await client.submit({ image: picture });
    expect(front.calls[0]!.headers).toMatchObject({
      "x-amzn-sagemaker-requestttlseconds": "60",
      "x-amzn-sagemaker-invocationtimeoutseconds": "30",
    });
  });
});

describe("an answer that is not there yet", () => {
  it.each([404, 403, 503] as const)("is looked for again while S3 says %d", async (status) => {
    const { client, waits } = await anEndpoint({ missing: () => status });
    const seen: number[] = [];
    const ticket = await client.submit({ image: picture });
    const reply = await client.collect(ticket, { ...patient, onPending: (ms) => seen.push(ms) });
    expect(reply.recommendations.length).toBeGreaterThan(0);
    expect(seen).toHaveLength(waits.length);
  });

  it("is given up at the deadline, with where it may still come to", async () => {
    const silent = await startHost(() => {});
    const endpoints = { looks: { blue: `http://127.0.0.1:${silent.port}` } };
    const { client, waits } = await anEndpoint({ front: { endpoints } });
    const ticket = await client.submit({ image: picture });
    const error = await failureOf(client.collect(ticket, { deadlineMs: 60_000 }));
    expect(error).toMatchObject({ code: "async_timed_out", message: expect.stringContaining(ticket.outputLocation) });
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBe(60_000);
    expect(waits.slice(0, 3)).toEqual([400, 600, 900]);
    expect(Math.max(...waits)).toBeLessThanOrEqual(15_000);
    expect(error.message).not.toContain("403");
  });

  it("cannot be had from an S3 that is overloaded until the deadline, which is told", async () => {
    const silent = await startHost(() => {});
    const endpoints = { looks: { blue: `http://127.0.0.1:${silent.port}` } };
    const { client } = await anEndpoint({ front: { endpoints }, missing: () => 503 });
    const error = await failureOf(client.collect(await client.submit({ image: picture }), { deadlineMs: 1000 }));
    expect(error).toMatchObject({ code: "async_timed_out", message: expect.stringContaining("SlowDown") });
  });

  it("may be hidden by rights, which is told at the deadline", async () => {
    const silent = await startHost(() => {});
    const endpoints = { looks: { blue: `http://127.0.0.1:${silent.port}` } };
    const { client } = await anEndpoint({ front: { endpoints }, missing: () => 403 });
    const error = await failureOf(client.collect(await client.submit({ image: picture }), { deadlineMs: 1000 }));
    expect(error.message).toMatch(/403.*s3:ListBucket/);
  });

  it("is no longer looked for after an abort", async () => {
    const silent = await startHost(() => {});
    const endpoints = { looks: { blue: `http://127.0.0.1:${silent.port}` } };
    const { client } = await anEndpoint({ front: { endpoints } });
    const controller = new AbortController();
    const reason = new Error("no longer wanted");
    const ticket = await client.submit({ image: picture });
    const onPending = () => controller.abort(reason);
    const collecting = client.collect(ticket, { ...patient, signal: controller.signal, onPending });
    await expect(collecting).rejects.toBe(reason);
  });

  it("and never will be, in a bucket that does not exist, is a failure", async () => {
    const { client } = await anEndpoint();
    const ticket = { inferenceId: "", outputLocation: "s3://nowhere-at-all/a.out", failureLocation: null };
    expect(await failureOf(client.collect(ticket, patient))).toMatchObject({ code: "storage_failed" });
  });

  it("cannot be looked for where no place is named", async () => {
    const { client } = await anEndpoint();
    const ticket = { inferenceId: "", outputLocation: "https://elsewhere/a.out", failureLocation: null };
    expect(await failureOf(client.collect(ticket, patient))).toMatchObject({ code: "answer_malformed" });
  });
});

describe("a failure", () => {
  it("is told with the endpoint's text", async () => {
    const { client } = await anEndpoint();
    const ticket = await client.submit({ image: Buffer.from("no picture") });
    const error = await failureOf(client.collect(ticket, patient));
    expect(error).toMatchObject({ code: "model_failed", status: 422, isRetryable: false });
    expect(error.message).toContain("image_undecodable");
    expect(error.message.length).toBeLessThanOrEqual(2048);
  });

  it("of which nothing can be told ends at the deadline", async () => {
    const { client } = await anEndpoint({ front: { tellsFailures: false } });
    const ticket = await client.submit({ image: Buffer.from("no picture") });
    expect(ticket.failureLocation).toBeNull();
    expect(await failureOf(client.collect(ticket, { deadlineMs: 5000 }))).toMatchObject({ code: "async_timed_out" });
  });
});
