import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { anItemId, freshPng, image, jpeg, png, typed } from "../support/contract-bodies.js";
import { type Provoked, provocations, provoke } from "../support/contract-provocations.js";
import { type Answer, ask, askRaw, parse } from "../support/contract-request.js";
import { artifactOf, ownCheck, spawnServer, startOwnServer, useContractTarget } from "../support/contract-target.js";
import { freePort } from "../support/free-port.js";
import { holdUpload, requestsInFlight } from "../support/held-upload.js";
import { tinyPicture } from "../support/tiny-artifact.js";

// sagemaker-contract.md, section 8, checks 9 and 10: the form of every answer, and what failures look like.

const secrets = { HF_TOKEN: "hf_secret0123456789", AWS_SECRET_ACCESS_KEY: "aws-secret-0123456789" };
const target = useContractTarget(secrets);
const json = typed("application/json");
const lineType = typed("application/jsonlines");

/** What a list of answers is called when one of them fails. */
type Named = Readonly<{ name: string; answer: Answer }>;

/** Asynchronous endpoints refuse an answer without its length, and one with more headers than this. */
function expectWhole({ name, answer }: Named, isHead = false): void {
  const { headers, headerBytes, body } = answer;
  expect(headers["transfer-encoding"], name).toBeUndefined();
  if (!isHead) expect(headers["content-length"], name).toBe(String(body.length));
  expect(headers["content-length"], name).toMatch(/^\d+$/);
  expect(headerBytes, name).toBeLessThanOrEqual(4096);
}

/** The platform hands on this many characters of an error. */
const shownCharacters = 2048;
/** A frame of a stack, a file or folder of a machine, a module. */
const inside = /\n\s+at |\bat \w+ \(|node:|node_modules|\.[cm]?[jt]s\b|\/(?:home|root|tmp|work|opt|usr|var|etc)\//;

function expectTelling({ name, status, code, answer }: Provoked): void {
  expect(answer.status, name).toBe(status);
  const text = answer.body.toString();
  const { error } = parse(answer);
  expect(error.code, name).toMatch(code);
  const shown = text.slice(0, shownCharacters);
  expect(shown, name).toContain(`"code":"${error.code}"`);
  expect(shown, name).toContain(`"message":"${error.message}"`);
  expect(text.length, name).toBeLessThanOrEqual(shownCharacters);
  expect(text, name).not.toMatch(inside);
  for (const secret of Object.values(secrets)) expect(text, name).not.toContain(secret);
  if (status === 429 || status === 503) expect(Number(answer.headers["retry-after"]), name).toBeGreaterThan(0);
}

/** Failures of a server of our own: full, without a place for files, over a black picture, at its start, at its end. */
async function provokeOwn(): Promise<readonly Provoked[]> {
  const model = { STYGIG_MODEL_DIR: await artifactOf({ flaw: "nan-on-black" }), ...secrets };
  const port = await freePort();
  spawnServer({ ...model, PORT: String(port), STYGIG_MAX_ANSWER_BYTES: "20000" });
  const starting = `http://127.0.0.1:${port}`;
  // It listens before it loads: the first answer of all comes from a server that is not ready.
  const notReady = await vi.waitFor(() => ask(starting, { headers: typed("image/png"), body: png }), {
    interval: 1,
    timeout: 20_000,
  });
  await expect.poll(async () => (await ask(starting, { path: "/ping" })).status, { timeout: 20_000 }).toBe(200);
  const manyLines = {
    headers: lineType,
    body: `${JSON.stringify({ item_id: await anItemId(starting) })}\n`.repeat(800),
  };
  const tooLarge = await ask(starting, manyLines);

  const { server, url } = await startOwnServer({
    ...model,
    ...{ TMPDIR: join(model.STYGIG_MODEL_DIR, "missing"), STYGIG_MAX_IN_FLIGHT: "1" },
  });
  const black = tinyPicture([0, 0, 0], 0, 96, [0, 0, 0]);
  const unseen = await ask(url, { headers: typed("image/png"), body: black });
  const noRoom = await ask(url, manyLines);
  const held = holdUpload(url, png);
  await expect.poll(() => requestsInFlight(url)).toBe(1);
  const full = await ask(url, { headers: typed("image/png"), body: png });
  server.child.kill("SIGTERM");
  await server.until("server_stopping");
  const stopping = await ask(url, { headers: typed("image/png"), body: png });
  held.finish();
  expect((await held.reply).status).toBe(200);
  return [
    { name: "not ready yet", status: 503, code: "not_ready", answer: notReady },
    { name: "an answer over the limit", status: 413, code: "answer_too_large", answer: tooLarge },
    { name: "a picture that the model fails", status: 500, code: "encoder_failed", answer: unseen },
    { name: "no place for a file", status: 507, code: "spool_failed", answer: noRoom },
    { name: "a full server", status: 429, code: "overloaded", answer: full },
    { name: "a server that stops", status: 503, code: "shutting_down", answer: stopping },
  ];
}

let fromOutside: Promise<readonly Provoked[]> | null = null;
const provokeOnce = () => {
  fromOutside ??= provoke(target.url());
  return fromOutside;
};
let ofOwn: Promise<readonly Provoked[]> | null = null;
const provokeOwnOnce = () => {
  ofOwn ??= provokeOwn();
  return ofOwn;
};

describe("check 9", () => {
  it("check 9: every answer that succeeds has its length, is not chunked and has at most 4,096 bytes of headers", async () => {
    const url = target.url();
    const item = `${JSON.stringify({ item_id: await anItemId(url) })}\n`;
    const attributes = { ...typed("image/png"), "x-amzn-sagemaker-custom-attributes": "a".repeat(1024) };
    const asked = {
      "a PNG": { headers: typed("image/png"), body: freshPng() },
      "a JPEG": { headers: typed("image/jpeg"), body: jpeg },
      JSON: { headers: json, body: JSON.stringify({ image, explain: true }) },
      "a list": { headers: json, body: JSON.stringify({ instances: [{ image }, {}, { item_id: "none" }] }) },
      "JSON Lines": { headers: lineType, body: `${item}{}\n\n${item}` },
      "no lines": { headers: lineType, body: "" },
      "a large answer": { headers: lineType, body: item.repeat(800) },
      pieces: { headers: typed("image/png"), body: [png.subarray(0, 100), png.subarray(100)] },
      "as many attributes as there may be": { headers: attributes, body: png },
      ...Object.fromEntries(
        ["/ping", "/metrics", "/health", "/execution-parameters", "/gpu/stats", "/openapi.json", "/docs"].map(
          (path) => [path, { path }],
        ),
      ),
    };
    for (const [name, question] of Object.entries(asked)) {
      const answer = await ask(url, question);
      expect(answer.status, name).toBe(200);
      expectWhole({ name, answer });
      if (name === "a large answer") expect(answer.body.length).toBeGreaterThan(1024 * 1024);
    }
    for (const path of ["/ping", "/health"]) {
      expectWhole({ name: `HEAD ${path}`, answer: await ask(url, { path, method: "HEAD" }) }, true);
    }
  });

  it("check 9: every failure does, too", async () => {
    const answers = await provokeOnce();
    expect(answers).toHaveLength(provocations.length);
    for (const each of answers) expectWhole(each);
    const raw = await askRaw(target.url(), "NONSENSE\r\n\r\n");
    expect(raw).toMatch(/^HTTP\/1\.1 400 .*\r\ncontent-length: 0\r\n/s);
  });

  ownCheck("check 9: as does a server that starts, is full, breaks or ends", async () => {
    for (const each of await provokeOwnOnce()) expectWhole(each);
  });
});

describe("check 10", () => {
  it("check 10: each failure has its status, code and cause within 2,048 characters, and nothing of the inside", async () => {
    for (const each of await provokeOnce()) expectTelling(each);
  });

  ownCheck("check 10: so have overload, with the time to come again, and our own failures", async () => {
    for (const each of await provokeOwnOnce()) expectTelling(each);
  });

  it("check 10: a record's failure among many is told in the same words", async () => {
    const body = ['{"item_id":"none"}', "{", '{"image":"aGVsbG8="}'].join("\n");
    const { body: text } = await ask(target.url(), { headers: lineType, body });
    const rows = text.toString().split("\n");
    const codes = rows.map((row) => (JSON.parse(row) as Readonly<{ error: Readonly<{ code: string }> }>).error.code);
    expect(codes).toEqual(["item_unknown", "body_malformed", "image_undecodable"]);
    for (const row of rows) expect(row).not.toMatch(inside);
  });
});
