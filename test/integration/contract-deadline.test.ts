import { describe, expect, it } from "vitest";
import { anItemId, freshPng, png, typed } from "../support/contract-bodies.js";
import { ask, metricOf, parse, type Question } from "../support/contract-request.js";
import { artifactOf, ownCheck, startOwnServer, useContractTarget } from "../support/contract-target.js";
import { type HeldUpload, holdUpload, requestsInFlight } from "../support/held-upload.js";
import { flat } from "../support/test-pictures.js";
import { tinyPicture } from "../support/tiny-artifact.js";

// sagemaker-contract.md, section 8, check 13: what has run out of time, or has nobody waiting for it, is not worked on.

const target = useContractTarget();
const lineType = "application/jsonlines";
const withOptions = (text: string) => ({ ...typed("image/png"), "x-amzn-sagemaker-custom-attributes": text });
/** How soon the place of a caller who has left must be free. */
const freeAfterMs = 1000;

/** So many that their encoding takes seconds on any machine. */
const manyLines = 3000;
const manyPictures = () =>
  Buffer.from(
    Array.from({ length: manyLines }, () => JSON.stringify({ image: Buffer.from(freshPng()).toString("base64") })).join(
      "\n",
    ),
  );
const seenPictures = (url: string) => metricOf(url, "stygig_batch_pictures_sum");
const askOne = async (url: string) => (await ask(url, { headers: typed("image/png"), body: freshPng() })).status;

/** Fails unless nothing but these newcomers' pictures is encoded from now on, and most of a job's were not. */
async function expectNoMoreWork(url: string, seenBefore: number): Promise<void> {
  // Whoever comes now comes after what is in a worker already.
  expect(await askOne(url)).toBe(200);
  const seen = await seenPictures(url);
  expect(seen - seenBefore).toBeLessThan(manyLines / 2);
  for (let i = 0; i < 20; i++) expect(await askOne(url)).toBe(200);
  expect(await seenPictures(url)).toBe(seen + 20);
}

/** Lets the callers leave, and fails unless nobody is inside within the second. */
async function expectPlacesFree(url: string, callers: readonly HeldUpload[]): Promise<void> {
  const leftAt = performance.now();
  for (const { leave } of callers) leave();
  await expect.poll(() => requestsInFlight(url), { interval: 5, timeout: 20_000 }).toBe(0);
  expect(performance.now() - leftAt).toBeLessThan(freeAfterMs);
}

describe("check 13", () => {
  it("check 13: a request whose limit is over is answered 504 with its code, and its place is free", async () => {
    const url = target.url();
    const held = holdUpload(url, png, { attributes: "timeout_ms=200" });
    const { status, body } = await held.reply;
    expect([status, JSON.parse(body).error]).toMatchObject([
      504,
      { code: "deadline_exceeded", retryable: true, details: { limit_ms: 200 } },
    ]);
    await expect.poll(() => requestsInFlight(url)).toBe(0);
    held.leave();
  });

  it("check 13: the rest of its work is not done any more", async () => {
    const url = target.url();
    const before = await seenPictures(url);
    const headers = { ...typed(lineType), "x-amzn-sagemaker-custom-attributes": "timeout_ms=300" };
    const answer = await ask(url, { headers, body: manyPictures() });
    expect([answer.status, parse(answer).error.code]).toEqual([504, "deadline_exceeded"]);
    expect(await requestsInFlight(url)).toBe(0);
    await expectNoMoreWork(url, before);
  });

  ownCheck("check 13: the configured limit ends what is in the encoder and what waits for it", async () => {
    const model = { STYGIG_MODEL_DIR: await artifactOf({ lingers: true }), STYGIG_MAX_BATCH: "1" };
    const { server, url } = await startOwnServer({ ...model, STYGIG_REQUEST_TIMEOUT_MS: "1000" });
    const black = tinyPicture([0, 0, 0], 0, 96, [0, 0, 0]);
    // One is in the only encoder for minutes, two wait.
    const bodies = [0, 1, 2].map((number) => Uint8Array.from([...black, number]));
    const answers = await Promise.all(bodies.map((body) => ask(url, { headers: typed("image/png"), body })));
    for (const answer of answers) {
      expect([answer.status, parse(answer).error]).toMatchObject([
        504,
        { code: "deadline_exceeded", details: { limit_ms: 1000 } },
      ]);
    }
    expect(await requestsInFlight(url)).toBe(0);
    expect(await metricOf(url, 'stygig_queue_depth{stage="encode"}')).toBe(0);
    expect((await ask(url, { path: "/ping" })).status).toBe(200);
    server.child.kill("SIGKILL");
  });

  ownCheck("check 13: a request's own limit goes before the configured one, shorter or longer", async () => {
    const { url } = await startOwnServer({ STYGIG_REQUEST_TIMEOUT_MS: "250" });
    // All the pixels there may be, in few bytes: soon sent, long decoded.
    const huge = await flat(8192, 8192, [200, 30, 40]).png().toBuffer();
    const askFor = async (options: string, question: Partial<Question> = {}) => {
      const answer = await ask(url, { headers: withOptions(options), body: huge, ...question });
      return [answer.status, parse(answer).error?.details.limit_ms];
    };
    expect(await askFor("timeout_ms=20", { isUnfinished: true })).toEqual([504, 20]);
    expect(await askFor("")).toEqual([504, 250]);
    expect(await askFor("timeout_ms=60000")).toEqual([200, undefined]);
  });

  it("check 13: callers who leave in the middle of their upload free their places within a second", async () => {
    const url = target.url();
    const held = [1, 2, 3].map(() => holdUpload(url, freshPng()));
    await expect.poll(() => requestsInFlight(url)).toBe(3);
    await expectPlacesFree(url, held);
    expect(await askOne(url)).toBe(200);
  });

  it("check 13: a caller who leaves in the middle of the work frees its place, and the work ends", async () => {
    const url = target.url();
    const before = await seenPictures(url);
    const job = holdUpload(url, manyPictures(), { type: lineType });
    await expect.poll(() => seenPictures(url), { interval: 5 }).toBeGreaterThan(before);
    await expectPlacesFree(url, [job]);
    await expectNoMoreWork(url, before);
  });

  ownCheck("check 13: callers who wait for an encoder that is busy for minutes free their places, too", async () => {
    const model = { STYGIG_MODEL_DIR: await artifactOf({ lingers: true }), STYGIG_MAX_BATCH: "1" };
    const { server, url } = await startOwnServer({ ...model, STYGIG_MAX_IN_FLIGHT: "3" });
    const known = JSON.stringify({ item_id: await anItemId(url) });
    const askKnown = () => ask(url, { headers: typed("application/json"), body: known });
    const black = tinyPicture([0, 0, 0], 0, 96, [0, 0, 0]);
    const waiting = [0, 1, 2].map((number) => holdUpload(url, Uint8Array.from([...black, number])));
    for (const upload of waiting) upload.finish();
    await expect.poll(() => requestsInFlight(url)).toBe(3);
    expect((await askKnown()).status).toBe(429);
    await expectPlacesFree(url, waiting);
    expect((await askKnown()).status).toBe(200);
    server.child.kill("SIGKILL");
  });
});
