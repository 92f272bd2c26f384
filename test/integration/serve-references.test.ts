import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { openReferences } from "../../src/open-pipeline-references.js";
import { aFolder } from "../support/a-folder.js";
import { captureLog } from "../support/captured-log.js";
import { serve } from "../support/compiled-main.js";
import { startHost } from "../support/image-host.js";
import { stubS3Environment } from "../support/s3-environment.js";
import { type S3Answer, startS3 } from "../support/s3-server.js";
import { tinyPicture, writeTinyArtifact } from "../support/tiny-artifact.js";

const picture = Buffer.from(tinyPicture([200, 30, 40]));
const noSuchKey: S3Answer = { status: 404, name: "NoSuchKey" };
let artifactFolder = "";

beforeAll(async () => {
  artifactFolder = await writeTinyArtifact(await aFolder());
});

type Answer = Readonly<{ recommendations?: readonly object[]; metadata?: object; error?: Readonly<{ code: string }> }>;

/** A server with these variables, and what it logs. */
async function startServer(env: Readonly<Record<string, string>>) {
  const { log, lines } = captureLog();
  const usual = { PORT: "0", STYGIG_ENCODER_WORKERS: "1", INDEX: "exact" };
  const server = await serve({ artifactFolder, log, env: { ...usual, ...env } });
  onTestFinished(() => server.stop());
  await server.ready;
  const send = async (body: string | Uint8Array, type: string) => {
    const headers = { "content-type": type };
    const response = await fetch(`http://127.0.0.1:${server.port}/invocations`, { method: "POST", headers, body });
    return { status: response.status, text: await response.text() };
  };
  const ask = async (body: object) => {
    const { status, text } = await send(JSON.stringify(body), "application/json");
    return { status, text, answer: JSON.parse(text) as Answer };
  };
  return { send, ask, lines };
}

describe("a server that may read a folder in S3", () => {
  it("answers a picture there as it answers its bytes, with the SDK's own identity and endpoint", async () => {
    const host = await startS3((path) => (path === "/photos/summer/a%2520b.png" ? picture : noSuchKey));
    stubS3Environment(host);
    const { ask, send } = await startServer({ STYGIG_ALLOWED_S3_PREFIXES: "photos/summer" });
    const { status, answer } = await ask({ image_s3_uri: "s3://photos/summer/a%20b.png" });
    expect(status).toBe(200);
    const sent = JSON.parse((await send(picture, "image/png")).text) as Answer;
    expect(answer.recommendations).toEqual(sent.recommendations);
    expect(answer.metadata).toMatchObject({ fetch_ms: expect.any(Number) });
    expect(sent.metadata).toMatchObject({ fetch_ms: null });
    expect(host.seen).toHaveLength(1);
  });

  it("answers each line in its place, whatever becomes of its picture", async () => {
    const host = await startS3((path) => (path === "/photos/summer/a.png" ? picture : noSuchKey));
    stubS3Environment(host);
    const { send } = await startServer({ STYGIG_ALLOWED_S3_PREFIXES: "photos/summer" });
    const keys = [
      "photos/summer/missing",
      "photos/summer/a.png",
      "photos/winter/a.png",
      "other/a.png",
      "photos/summer/a.png",
    ];
    const body = keys.map((key) => JSON.stringify({ image_s3_uri: `s3://${key}` })).join("\n");
    const { status, text } = await send(body, "application/jsonlines");
    expect(status).toBe(200);
    const codes = text.split("\n").map((line) => (JSON.parse(line) as Answer).error?.code ?? "ok");
    expect(codes).toEqual(["reference_not_found", "ok", "reference_not_allowed", "reference_not_allowed", "ok"]);
    expect(host.seen).toHaveLength(3);
  });

  it("keeps what S3 says, who it is and where it asked to itself", async () => {
    stubS3Environment(await startS3(() => ({ status: 403, name: "InvalidAccessKeyId" })));
    const { ask, lines } = await startServer({ STYGIG_ALLOWED_S3_PREFIXES: "photos" });
    const { status, text } = await ask({ image_s3_uri: "s3://photos/private-key.png" });
    expect(status).toBe(424);
    expect(JSON.parse(text)).toMatchObject({ error: { code: "reference_unreachable", details: { status: 403 } } });
    expect(text).not.toMatch(/secret|AKIA|127\.0|private-key|photos/);
    const logged = JSON.stringify(lines.filter(({ event }) => event === "request_finished"));
    // The operator learns what is wrong with the identity, and nothing of the caller's.
    expect(logged).toMatch(/account 123/);
    expect(logged).not.toMatch(/AKIA|private-key/);
  });
});

describe("a server that may ask hosts", () => {
  it("refuses them on its own machine, listed or not, by every spelling, and connects to nobody", async () => {
    const host = await startHost((_, response) => response.end(picture));
    const { port } = host;
    const { ask } = await startServer({
      STYGIG_ALLOWED_IMAGE_HOSTS: `http://127.0.0.1:${port}, http://[::1]:${port}, http://[::ffff:127.0.0.1]:${port}`,
    });
    const spellings = [
      "127.0.0.1",
      "0x7f.1",
      "2130706433",
      "0177.0.0.1",
      "127.1",
      "[::1]",
      "[::ffff:7f00:1]",
      "localhost",
    ];
    for (const spelling of spellings) {
      const { status, answer, text } = await ask({ image_url: `http://${spelling}:${port}/a.png` });
      expect([spelling, status, answer.error?.code]).toEqual([spelling, 403, "reference_not_allowed"]);
      expect(text).not.toMatch(/127\.0|::1/);
    }
    expect(host.connections()).toBe(0);
  });

  it("does not follow the other kind of reference", async () => {
    const { ask } = await startServer({ STYGIG_ALLOWED_IMAGE_HOSTS: "cdn.example.com" });
    expect((await ask({ image_s3_uri: "s3://photos/a.png" })).answer.error?.code).toBe("reference_disabled");
  });

  it.each([
    ["STYGIG_ALLOWED_IMAGE_HOSTS", "https://cdn.example.com/path"],
    ["STYGIG_ALLOWED_S3_PREFIXES", "s3://photos"],
    ["STYGIG_MAX_REFERENCE_BYTES", "1"],
    ["STYGIG_REFERENCE_TIMEOUT_MS", "0"],
  ])("does not start with %s=%s, and says so in one line", async (variable, value) => {
    const { log } = captureLog();
    const started = serve({ artifactFolder, log, env: { PORT: "0", [variable]: value } });
    await expect(started).rejects.toThrow(new RegExp(`^${variable} must be [^\n]*$`));
  });
});

describe("the memory of fetched pictures", () => {
  const reference = { kind: "s3", bucket: "photos", key: "a.png" } as const;
  const never = new AbortController().signal;

  /** Room for eight pictures of this size; the room itself is what is looked at. */
  async function withS3(answer: S3Answer = picture) {
    stubS3Environment(await startS3(() => answer));
    const references = await openReferences({
      ...{ allowedS3Prefixes: [{ bucket: "photos", folder: "" }], allowedImageHosts: null },
      ...{ maxReferenceBytes: picture.length, referenceTimeoutMs: 20_000 },
      backlog: () => ({ waitMs: 3000, serviceMs: 10 }),
    });
    onTestFinished(() => references.close());
    return references.fetchImage;
  }

  it("is given back when they are let go: until then a ninth caller is sent away, and a job waits", async () => {
    const fetchImage = await withS3();
    const held = await Promise.all(Array.from({ length: 8 }, () => fetchImage(reference, never, "interactive")));
    await expect(fetchImage(reference, never, "interactive")).rejects.toMatchObject({
      code: "overloaded",
      details: { limit_bytes: 8 * picture.length, retry_after_seconds: 3 },
    });
    let isDone = false;
    const waiting = fetchImage(reference, never, "batch").finally(() => {
      isDone = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isDone).toBe(false);
    held[0]!.letGo();
    held[0]!.letGo();
    (await waiting).letGo();
    (await fetchImage(reference, never, "interactive")).letGo();
  });

  it("is given back when fetching fails", async () => {
    const fetchImage = await withS3(noSuchKey);
    for (let round = 0; round < 20; round += 1) {
      await expect(fetchImage(reference, never, "batch")).rejects.toMatchObject({ code: "reference_not_found" });
    }
  });

  it("is not waited for by a job that has ended", async () => {
    const fetchImage = await withS3();
    await Promise.all(Array.from({ length: 8 }, () => fetchImage(reference, never, "interactive")));
    const controller = new AbortController();
    const waiting = fetchImage(reference, controller.signal, "batch");
    const reason = new Error("the job ended");
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });
});
