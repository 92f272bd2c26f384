import { randomBytes } from "node:crypto";
import { appendFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { validateCall } from "../../deploy/models/validate-call.js";
import type { SendCall } from "../../deploy/planned-call.js";
import { uploadModel } from "../../deploy/upload.js";
import { findBucketProblem } from "../../deploy/upload-bucket.js";
import { digestFile, toPartBytes } from "../../deploy/upload-digest.js";
import { aFolder } from "../support/a-folder.js";
import { senderTo } from "../support/apply-to.js";
import { startHost } from "../support/image-host.js";
import { testIdentity } from "../support/object-store.js";
import { makeUploadStore, type UploadStore } from "../support/upload-store.js";

const mebibyte = 2 ** 20;
const epoch = Date.parse("2026-03-01T00:00:00Z");

let store: UploadStore;
let url: string;
beforeEach(async () => {
  store = makeUploadStore({ models: "us-east-1", far: "eu-west-1" });
  url = `http://127.0.0.1:${(await startHost(store.listen)).port}`;
});

async function aFile(bytes: number): Promise<string> {
  const file = join(await aFolder(), "model.tar.gz");
  await writeFile(file, randomBytes(bytes));
  return file;
}

type Changes = Readonly<{ signal?: AbortSignal; onProgress?: (done: number) => unknown }>;

async function upload(file: string, { signal, onProgress = () => {} }: Changes = {}) {
  const connection = { region: "us-east-1", endpointUrl: url, credentials: testIdentity };
  const sender = senderTo({ url }, { requestTimeoutMs: 5000 });
  const lines: string[] = [];
  const shown: number[] = [];
  const send: SendCall = (call) => {
    expect(validateCall(call)).toEqual([]);
    return sender.send(call);
  };
  const parts = {
    ...{ send, tell: (line: string) => void lines.push(line), epochMs: () => epoch },
    connection: { ...connection, ...(signal === undefined ? {} : { signal }) },
    progress: ({ done }: Readonly<{ done: number }>) => {
      shown.push(done);
      onProgress(done);
    },
  };
  try {
    return { ...(await uploadModel(parts, file, { bucket: "models", key: "looks/" })), lines, shown };
  } finally {
    sender.close();
  }
}

const keyOf = async (file: string) => `models/looks/${(await digestFile(file)).sha256.slice(0, 16)}/model.tar.gz`;

describe("an upload", () => {
  // One piece, the largest one piece, the smallest two, two whole ones, and a rest.
  it.each([
    [1000, 1],
    [8 * mebibyte, 1],
    [8 * mebibyte + 1, 2],
    [16 * mebibyte, 2],
    [19 * mebibyte, 3],
  ])("of %i bytes arrives whole in %i parts, by its content, and once", async (bytes, parts) => {
    const file = await aFile(bytes);
    const first = await upload(file);
    expect(first).toMatchObject({ uri: `s3://${await keyOf(file)}`, bytes, outcome: "made", lines: [] });
    expect([...store.objects.keys()]).toEqual([await keyOf(file)]);
    expect(store.objects.get(await keyOf(file))?.bytes.length).toBe(bytes);
    expect(store.seen.filter((kind) => kind === "PUT part" || kind === "PUT object")).toHaveLength(parts);
    expect([first.shown[0], first.shown.at(-1), store.uploads.size]).toEqual([0, bytes, 0]);
    const requests = store.seen.length;
    expect(await upload(file)).toMatchObject({ uri: first.uri, outcome: "same", shown: [] });
    expect(store.seen.slice(requests)).toEqual(["HEAD object"]);
  });

  it("is done again where the object is another than its name says", async () => {
    const file = await aFile(1000);
    store.objects.set(await keyOf(file), { bytes: Buffer.alloc(1000), checksum: "" });
    expect(await upload(file)).toMatchObject({ outcome: "made" });
  });

  it("sends a part again that was lost", async () => {
    const file = await aFile(9 * mebibyte);
    store.fail("PUT part", { status: 503, name: "SlowDown" }, 2);
    store.fail("PUT part", "cut");
    expect(await upload(file)).toMatchObject({ outcome: "made" });
    expect(store.seen.filter((kind) => kind === "PUT part")).toHaveLength(5);
  });

  it.each(["PUT part", "POST complete"])("that S3 refuses at %s leaves no parts behind", async (kind) => {
    const file = await aFile(20 * mebibyte);
    store.fail(kind, { status: 403, name: "AccessDenied" });
    await expect(upload(file)).rejects.toMatchObject({ name: "AccessDenied" });
    expect([store.uploads.size, store.objects.size]).toEqual([0, 0]);
    expect(store.seen.at(-1)).toBe("DELETE complete");
  });

  it("that somebody interrupts ends at once, and leaves no parts behind", async () => {
    const file = await aFile(20 * mebibyte);
    const interruption = new AbortController();
    store.fail("PUT part", "hangs", 2);
    const onProgress = (done: number) => done > 0 && interruption.abort(new Error("interrupted"));
    await expect(upload(file, { signal: interruption.signal, onProgress })).rejects.toThrow("interrupted");
    expect([store.uploads.size, store.objects.size]).toEqual([0, 0]);
  });

  it("of a file that changes meanwhile never completes", async () => {
    const file = await aFile(20 * mebibyte);
    // Told of nothing sent when the file is digested, and not yet read again.
    const onProgress = (done: number) => done === 0 && appendFileSync(file, "x");
    await expect(upload(file, { onProgress })).rejects.toThrow(`${file} changed while it was read`);
    expect([store.uploads.size, store.objects.size]).toEqual([0, 0]);
  });

  it("takes away what a killed one has left a day ago, and no other's", async () => {
    const file = await aFile(1000);
    const path = await keyOf(file);
    const began = (initiated: string, of = path) => ({ path: of, parts: new Map(), initiated });
    store.uploads.set("old", began("2026-02-27T00:00:00.000Z"));
    store.uploads.set("running", began("2026-02-28T23:00:00.000Z"));
    store.uploads.set("other", began("2026-02-01T00:00:00.000Z", `${path}.bak`));
    const { lines } = await upload(file);
    expect([...store.uploads.keys()]).toEqual(["running", "other"]);
    expect(lines).toEqual([expect.stringContaining("2026-02-27")]);
  });

  it("goes on where nobody may look for what was left, and says so", async () => {
    store.fail("GET uploads", { status: 403, name: "AccessDenied" });
    const { outcome, lines } = await upload(await aFile(10));
    expect([outcome, lines]).toEqual(["made", [expect.stringContaining("s3:ListBucketMultipartUploads")]]);
  });

  it("of nothing is refused", async () => {
    await expect(upload(await aFile(0))).rejects.toThrow("is not a file with something in it");
    await expect(upload("/nonexistent")).rejects.toThrow("/nonexistent cannot be read (ENOENT)");
  });

  it("has parts that grow with it, so that there is room for all of them", () => {
    expect(toPartBytes(1)).toBe(8 * mebibyte);
    expect(toPartBytes(5 * 2 ** 40) % mebibyte).toBe(0);
    expect((5 * 2 ** 40) / toPartBytes(5 * 2 ** 40)).toBeLessThanOrEqual(10_000);
  });
});

describe("the bucket", () => {
  const problemOf = async (bucket: string) => {
    const sender = senderTo({ url });
    return findBucketProblem(sender.send, bucket, "us-east-1").finally(sender.close);
  };

  it("is where the endpoint is, elsewhere, not there, or somebody else's", async () => {
    expect(await problemOf("models")).toBeNull();
    expect(await problemOf("far")).toBe(
      "bucket far is in eu-west-1, and endpoints in us-east-1 read buckets of their own region alone",
    );
    expect(await problemOf("nowhere")).toBe("bucket nowhere is not there");
    store.fail("HEAD bucket", { status: 403, name: "Forbidden" });
    expect(await problemOf("models")).toContain("may not be seen");
    store.fail("HEAD bucket", { status: 400, name: "ExpiredToken" });
    await expect(problemOf("models")).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
  });
});
