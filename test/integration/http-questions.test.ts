import { request } from "node:http";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { holdUpload, requestsInFlight } from "../support/held-upload.js";
import { useHttpTarget } from "../support/http-target.js";
import { tinyPicture } from "../support/tiny-artifact.js";

const target = useHttpTarget();
const picture = tinyPicture([200, 30, 40]);
const json = "application/json";

type Headers = Readonly<Record<string, string>>;
const post = (body: Uint8Array<ArrayBuffer> | string, headers: Headers = { "content-type": "image/png" }) =>
  fetch(`${target.url()}/invocations`, { method: "POST", headers, body });
const postJson = async (value: unknown) => {
  const response = await post(JSON.stringify(value), { "content-type": json });
  return { status: response.status, reply: (await response.json()) as Reply };
};
const image = Buffer.from(picture).toString("base64");

type Row = Readonly<{ item_id: string; category: string; rank: number; similarity: number; score: number }>;
type Reply = Readonly<{ recommendations: readonly Row[]; error?: { code: string }; profile: string; index: string }> &
  Readonly<Record<string, unknown>>;

describe("/ping", () => {
  it("is 200 and empty, for any host and caller", async () => {
    const headers = { host: "model.aws.local:8080", "user-agent": "AHC/2.0" };
    const status = await new Promise((resolve, reject) => {
      request(`${target.url()}/ping`, { headers }, (response) => {
        response.resume().once("end", () => resolve([response.statusCode, response.headers["content-length"]]));
      })
        .once("error", reject)
        .end();
    });
    expect(status).toEqual([200, "0"]);
  });

  it("answers at once while pictures are worked on", async () => {
    // Bytes of their own each, so that each is decoded and encoded.
    const copies = Array.from({ length: 40 }, (_, number) => Uint8Array.from([...picture, 1, number]));
    const work = Promise.all(copies.map((copy) => post(copy).then((response) => response.status)));
    const times: number[] = [];
    for (let i = 0; i < 40; i++) {
      const startedAt = performance.now();
      expect((await fetch(`${target.url()}/ping`)).status).toBe(200);
      times.push(performance.now() - startedAt);
    }
    expect(new Set(await work)).toEqual(new Set([200]));
    expect(Math.max(...times)).toBeLessThan(2000);
  });
});

describe("POST /invocations", () => {
  it.each(["image/png", "IMAGE/PNG", "image/jpeg", "application/x-image", "application/octet-stream"])(
    "takes a raw picture as %s",
    async (type) => {
      const response = await post(picture, { "content-type": type });
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toBe(json);
      expect(((await response.json()) as Reply).recommendations.length).toBeGreaterThan(0);
    },
  );

  it.each([json, "application/json; charset=utf-8", "APPLICATION/JSON"])("takes JSON as %s", async (type) => {
    expect((await post(JSON.stringify({ image }), { "content-type": type })).status).toBe(200);
  });

  it("gives the same answer to a picture in JSON and to a raw one", async () => {
    const raw = (await (await post(picture)).json()) as Reply;
    expect((await postJson({ image })).reply.recommendations).toEqual(raw.recommendations);
  });

  it("takes the options of a raw picture from the custom attributes", async () => {
    const headers = { "content-type": "image/png", "X-Amzn-SageMaker-Custom-Attributes": "trace=1,top_k=2,profile=v4" };
    const reply = (await (await post(picture, headers)).json()) as Reply;
    expect(reply).toMatchObject({ profile: "v4", query_item: { predicted_gender: "unisex" } });
    expect(reply.recommendations).toHaveLength(2);
  });

  it("finds an item's nearest ones, and never the item itself", async () => {
    const { recommendations } = (await postJson({ image, mode: "similar" })).reply;
    const [first] = recommendations;
    const similar = (await postJson({ item_id: first!.item_id, mode: "similar", top_k: 3 })).reply.recommendations;
    expect(similar).toHaveLength(3);
    expect(similar.map(({ item_id }) => item_id)).not.toContain(first!.item_id);
    expect(similar.map(({ rank }) => rank)).toEqual([1, 2, 3]);
    expect((await postJson({ item_id: first!.item_id })).status).toBe(200);
  });

  it("answers a top_k above the maximum with the maximum, and a smaller one with its first rows", async () => {
    const all = (await postJson({ image, top_k: 100_000 })).reply.recommendations;
    const two = (await postJson({ image, top_k: 2 })).reply.recommendations;
    expect(all.length).toBeGreaterThan(2);
    expect(two).toEqual(all.slice(0, 2));
  });

  it("leaves out what is excluded", async () => {
    const before = (await postJson({ image })).reply.recommendations.map(({ item_id }) => item_id);
    const after = (await postJson({ image, exclude_ids: before })).reply.recommendations;
    expect(after.filter(({ item_id }) => before.includes(item_id))).toEqual([]);
  });

  it.each([
    ["application/json", 200],
    ["*/*", 200],
    ["", 200],
    ["text/plain;q=0.9, application/json;q=0.5", 200],
    ["application/json; charset=utf-8", 200],
    ["Application/*", 200],
    ["text/html", 406],
    ["application/json;q=0, text/plain", 406],
  ])("with Accept %j is %i", async (accept, status) => {
    expect((await post(picture, { "content-type": "image/png", accept })).status).toBe(status);
  });

  it("refuses a compressed body by its coding", async () => {
    const response = await post(picture, { "content-type": "image/png", "content-encoding": "gzip" });
    expect(response.status).toBe(415);
    expect(await response.json()).toMatchObject({ error: { details: { content_encoding: "gzip" } } });
  });

  it("frees the place of a caller who leaves in the middle of the upload", async () => {
    const before = await requestsInFlight(target.url());
    const held = holdUpload(target.url(), picture);
    await expect.poll(() => requestsInFlight(target.url())).toBe(before + 1);
    held.leave();
    await expect.poll(() => requestsInFlight(target.url()), { timeout: 1000 }).toBe(before);
  });

  it("declares a length for everything it sends, and never more than 4,096 bytes of headers", async () => {
    const responses = await Promise.all([
      post(picture),
      post("{", { "content-type": json }),
      ...["/ping", "/metrics", "/health", "/execution-parameters", "/nothing"].map((path) =>
        fetch(target.url() + path),
      ),
    ]);
    for (const response of responses) {
      const body = await response.arrayBuffer();
      expect(Number(response.headers.get("content-length")), response.url).toBe(body.byteLength);
      expect(response.headers.has("transfer-encoding")).toBe(false);
      expect(response.headers.has("x-powered-by")).toBe(false);
      expect([...response.headers].flat().join(": ").length).toBeLessThan(4096);
    }
  });
});

describe("a body over the limit", () => {
  // A server elsewhere may allow more; no platform hands on more than this.
  const size = 101 * 1024 * 1024;

  it("is refused by its declared length alone, before it is sent", async () => {
    const answer = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { "content-type": "image/png", "content-length": size, expect: "100-continue" };
      const upload = request(`${target.url()}/invocations`, { method: "POST", headers });
      upload.once("continue", () => reject(new Error("the upload was asked for")));
      upload.once("response", (response) => resolve(response.resume().statusCode));
      upload.once("error", reject).flushHeaders();
    });
    expect(answer).toBe(413);
  });

  it("is refused while it arrives when its length is not declared, and the server goes on", async () => {
    const answer = await new Promise<number | undefined>((resolve, reject) => {
      const upload = request(`${target.url()}/invocations`, {
        method: "POST",
        headers: { "content-type": "image/png" },
      });
      const chunk = new Uint8Array(1024 * 1024);
      let sent = 0;
      const send = () => {
        while (sent < size * 2 && !upload.destroyed) {
          sent += chunk.length;
          if (!upload.write(chunk)) return void upload.once("drain", send);
        }
        upload.end();
      };
      upload.once("response", (response) => {
        upload.destroy();
        resolve(response.statusCode);
      });
      upload.on("error", reject);
      send();
    });
    expect(answer).toBe(413);
    expect((await post(picture)).status).toBe(200);
  });
});

describe("the other routes", () => {
  it("tell a batch job what it may ask for", async () => {
    const parameters = (await (await fetch(`${target.url()}/execution-parameters`)).json()) as Record<string, number>;
    const { MaxConcurrentTransforms, MaxPayloadInMB, ...others } = parameters;
    expect(others).toEqual({});
    expect(Number.isInteger(MaxConcurrentTransforms) && Number.isInteger(MaxPayloadInMB)).toBe(true);
    expect(MaxConcurrentTransforms! * MaxPayloadInMB!).toBeLessThanOrEqual(100);
  });

  it("tell how the server is", async () => {
    const health = await (await fetch(`${target.url()}/health`)).json();
    expect(health).toMatchObject({
      status: "ready",
      reasons: [],
      catalog_digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      index: expect.stringMatching(/^(faiss|exact)$/),
    });
  });

  it("tell Prometheus what was measured", async () => {
    await post(picture);
    const response = await fetch(`${target.url()}/metrics`);
    expect(response.headers.get("content-type")).toMatch(/^text\/plain/);
    const text = await response.text();
    expect(text).toMatch(/^stygig_requests_total\{route="\/invocations",status="200",code="ok"\} [1-9]/m);
    expect(text).toMatch(/^stygig_stage_duration_seconds_count\{stage="decode"\} [1-9]/m);
    expect(text).toMatch(
      /^stygig_served_info\{catalog_digest="[0-9a-f]{64}",model_digest="[0-9a-f]{64}",index="(faiss|exact)".*\} 1$/m,
    );
    expect(text).toMatch(/^stygig_encoder_rung\{provider="\w+",precision="[\w-]+"\} 1$/m);
    expect(text).toMatch(/^stygig_encoder_degraded [01]$/m);
    expect(text).toMatch(/^stygig_ready 1$/m);
    expect(text).not.toContain('route="/ping"');
  });

  it.each([
    ["DELETE", "/ping", 405, "GET, HEAD"],
    ["GET", "/invocations", 405, "POST"],
    ["POST", "/metrics", 405, "GET, HEAD"],
    ["OPTIONS", "/invocations", 405, "POST"],
    ["GET", "/", 404, null],
    ["POST", "/invocations/more", 404, null],
    ["GET", "/%E0%A4%A", 404, null],
    ["HEAD", "/ping", 200, null],
  ])("%s %s is %i", async (method, path, status, allow) => {
    const response = await fetch(target.url() + path, { method });
    expect([response.status, response.headers.get("allow")]).toEqual([status, allow]);
  });

  it("answer what is not HTTP with a length, too", async () => {
    const { hostname, port } = new URL(target.url());
    const socket = connect(Number(port || 80), hostname).end("NONSENSE\r\n\r\n");
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 400 .*\r\ncontent-length: 0\r\n/s);
  });
});

describe.skipIf(!target.isOwn)(`the log${target.isOwn ? "" : " (skipped: TARGET_URL keeps its own)"}`, () => {
  it("has one line for a request, with the platform's id and no picture, and none for a ping", async () => {
    const before = target.lines.length;
    await fetch(`${target.url()}/ping`);
    await fetch(`${target.url()}/metrics`);
    const headers = { "content-type": json, "x-amzn-sagemaker-inference-id": "order 66" };
    // Bytes that nobody has asked about yet.
    const fresh = Buffer.concat([picture, Buffer.from("log")]).toString("base64");
    await post(JSON.stringify({ image: fresh, top_k: 1 }), headers);
    await expect.poll(() => target.lines.length).toBe(before + 1);
    const [line] = target.lines.slice(before);
    expect(line).toMatchObject({
      level: "info",
      event: "request_finished",
      fields: {
        request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        inference_id: "order 66",
        ...{ route: "/invocations", status: 200, code: "ok", source: "image", suggestions: 1, cache: "miss" },
        ...{ total_ms: expect.any(Number), decode_ms: expect.any(Number), encode_ms: expect.any(Number) },
      },
    });
    expect(JSON.stringify(line)).not.toContain(image.slice(0, 40));
  });

  it("says where every setting came from, once", () => {
    const config = target.lines.filter(({ event }) => event === "config_loaded");
    expect(config).toHaveLength(1);
    expect(config[0]?.fields).toMatchObject({
      config: { port: { value: 0, from: "PORT" }, maxInFlight: { value: 128, from: "default" } },
    });
  });
});
