import { readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RunningServer } from "../../src/main.js";
import { aFolder } from "../support/a-folder.js";
import { captureLog } from "../support/captured-log.js";
import { serve } from "../support/compiled-main.js";
import { holdUpload, requestsInFlight } from "../support/held-upload.js";
import { postPieces } from "../support/post-pieces.js";
import { startProcess } from "../support/server-process.js";
import { tinyPicture, writeTinyArtifact } from "../support/tiny-artifact.js";

const type = "application/jsonlines";
const picture = tinyPicture([200, 30, 40]);
const image = Buffer.from(picture).toString("base64");
const { log, lines } = captureLog();
const running = new Set<RunningServer>();
const usualFolder = process.env.TMPDIR;
let artifactFolder = "";
let spoolFolder = "";
let line = "";

async function start(
  env: Readonly<Record<string, string>> = {},
): Promise<Readonly<{ server: RunningServer; url: string }>> {
  const settings = { PORT: "0", INDEX: "exact", STYGIG_ENCODER_WORKERS: "1" };
  const server = await serve({ artifactFolder, log, env: { ...settings, ...env } });
  running.add(server);
  await server.ready;
  return { server, url: `http://127.0.0.1:${server.port}` };
}

const post = (url: string, body: string | Uint8Array<ArrayBuffer>, contentType = type) =>
  fetch(`${url}/invocations`, { method: "POST", headers: { "content-type": contentType }, body });
const codesOf = (text: string) =>
  text
    .split("\n")
    .map((each) => (JSON.parse(each) as Readonly<{ error?: Readonly<{ code: string }> }>).error?.code ?? "ok");

/** Answers that the server keeps in files: nameless ones, which only its descriptors show. */
async function openSpools(process: number | "self" = "self"): Promise<number> {
  const folder = `/proc/${process}/fd`;
  const links = await Promise.all((await readdir(folder)).map((fd) => readlink(join(folder, fd)).catch(() => "")));
  return links.filter((link) => link.startsWith(`${spoolFolder}/`)).length;
}

/** Those that anybody could see. Other libraries have files of their own here. */
const namedSpools = async () => (await readdir(spoolFolder)).filter((name) => name.startsWith("stygig-"));

beforeAll(async () => {
  artifactFolder = await writeTinyArtifact(await aFolder());
  spoolFolder = await aFolder();
  process.env.TMPDIR = spoolFolder;
  const { server, url } = await start();
  const similar = await post(url, JSON.stringify({ image, mode: "similar" }), "application/json");
  const { recommendations } = (await similar.json()) as { recommendations: { item_id: string }[] };
  line = `${JSON.stringify({ item_id: recommendations[0]!.item_id })}\n`;
  await server.stop();
});
afterEach(async () => {
  await Promise.all([...running].map((server) => server.stop()));
  running.clear();
  expect(await openSpools()).toBe(0);
  expect(await namedSpools()).toEqual([]);
  expect(lines.filter(({ fields }) => fields.code === "internal")).toEqual([]);
});
afterAll(() => {
  if (usualFolder === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = usualFolder;
});

/** Enough lines for an answer that needs a file, the last one of them unfinished. */
const manyLines = () => Buffer.from(line.repeat(600));

describe("one body", () => {
  it("of a batch job may have forty megabytes, and one line too long for itself", async () => {
    const { url } = await start({ SAGEMAKER_BATCH: "true" });
    const long = `{"image":"${"A".repeat(26 * 1024 * 1024)}"}\n`;
    const padding = `${line.trimEnd()}${" ".repeat(7 * 1024 * 1024)}\n`;
    const response = await post(url, [line, padding, long, padding, line].join(""));
    expect(response.status).toBe(200);
    expect(codesOf(await response.text())).toEqual(["ok", "ok", "body_too_large", "ok", "ok"]);
  });

  it("is refused at the limit when it did not say its length, and frees its place", async () => {
    const { url } = await start({ STYGIG_MAX_BODY_BYTES: "20000" });
    const pieces = Array(40).fill(Buffer.from(line.repeat(50)));
    const reply = await postPieces(url, pieces, { "content-type": type });
    expect(reply.status).toBe(413);
    expect(JSON.parse(reply.body)).toMatchObject({
      error: { code: "body_too_large", details: { limit_bytes: 20_000 } },
    });
    expect(await requestsInFlight(url)).toBe(0);
  });

  it("leaves room at the gate for everybody else", async () => {
    const { url } = await start({ STYGIG_MAX_IN_FLIGHT: "2" });
    const body = `${JSON.stringify({ image })}\n`.repeat(200);
    const work = post(url, body).then((response) => response.text());
    let single = 0;
    let isOver = false;
    const all = work.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      expect((await post(url, picture, "image/png")).status).toBe(200);
      single++;
    }
    expect(codesOf(await all)).toEqual(Array(200).fill("ok"));
    expect(single).toBeGreaterThan(0);
  });

  it("claims no more of that room than a body may have, when it does not say its length", async () => {
    const { url } = await start({ STYGIG_MAX_BODY_BYTES: "2048", STYGIG_MAX_IN_FLIGHT_BYTES: "8192" });
    const held = holdUpload(url, Buffer.from(line), { type, declared: false });
    await expect.poll(() => requestsInFlight(url)).toBe(1);
    expect((await post(url, line)).status).toBe(200);
    held.finish();
    expect((await held.reply).status).toBe(200);
  });

  it("that takes too long is refused as a whole", async () => {
    const { url } = await start({ STYGIG_REQUEST_TIMEOUT_MS: "500" });
    const held = holdUpload(url, manyLines(), { type });
    const reply = await held.reply;
    expect(JSON.parse(reply.body)).toMatchObject({ error: { code: "deadline_exceeded" } });
    expect([reply.status, await requestsInFlight(url)]).toEqual([504, 0]);
    held.leave();
  });

  it("counts its records for the log and the metrics", async () => {
    const { url } = await start();
    await (await post(url, `${line}{}\n\n${line}{}`)).text();
    await expect
      .poll(() => lines.findLast(({ fields }) => fields.records === 5)?.fields.record_failures)
      .toEqual({ body_malformed: 2, body_empty: 1 });
    const page = await (await fetch(`${url}/metrics`)).text();
    expect(page).toContain('stygig_records_total{code="ok"} 2');
    expect(page).toContain('stygig_records_total{code="body_malformed"} 2');
  });
});

describe("an answer in a file", () => {
  it("is sent whole", async () => {
    const { url } = await start();
    const held = holdUpload(url, manyLines(), { type });
    await expect.poll(() => openSpools()).toBe(1);
    held.finish();
    const { status, headers, body } = await held.reply;
    expect([status, headers["content-length"]]).toEqual([200, String(Buffer.byteLength(body))]);
    expect(codesOf(body)).toEqual(Array(600).fill("ok"));
  });

  it("is gone as soon as its caller is", async () => {
    const { url } = await start();
    const held = holdUpload(url, manyLines(), { type });
    await expect.poll(() => openSpools()).toBe(1);
    held.leave();
    await expect.poll(() => requestsInFlight(url)).toBe(0);
    expect(await openSpools()).toBe(0);
  });

  it("is finished by a server that has been told to stop", async () => {
    const { server, url } = await start();
    const held = holdUpload(url, manyLines(), { type });
    await expect.poll(() => openSpools()).toBe(1);
    const stopped = server.stop();
    expect((await post(url, line)).status).toBe(503);
    held.finish();
    expect(codesOf((await held.reply).body)).toEqual(Array(600).fill("ok"));
    await stopped;
  });

  it("is given up by a server that may not wait any longer", async () => {
    const { server, url } = await start({ STYGIG_DRAIN_TIMEOUT_MS: "100" });
    const held = holdUpload(url, manyLines(), { type });
    await expect.poll(() => openSpools()).toBe(1);
    await server.stop();
    await expect(held.reply).rejects.toThrow();
    await expect.poll(() => openSpools()).toBe(0);
  });

  it("leaves nothing behind when the process is killed", async () => {
    const killed = startProcess({ STYGIG_MODEL_DIR: artifactFolder, TMPDIR: spoolFolder });
    const { port } = await killed.until("server_listening");
    await killed.until("server_ready");
    const held = holdUpload(`http://127.0.0.1:${port}`, manyLines(), { type });
    await expect.poll(() => openSpools(killed.child.pid)).toBe(1);
    killed.child.kill("SIGKILL");
    expect(await killed.ended).toBe("SIGKILL");
    await expect(held.reply).rejects.toThrow();
    expect(await namedSpools()).toEqual([]);
  });
});
