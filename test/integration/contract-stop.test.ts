import { describe, expect } from "vitest";
import { settings } from "../../src/config.js";
import { freshPng, image, png, typed } from "../support/contract-bodies.js";
import { ask, parse } from "../support/contract-request.js";
import { artifactOf, type OwnServer, ownCheck, startOwnServer } from "../support/contract-target.js";
import { holdUpload, requestsInFlight } from "../support/held-upload.js";
import { keepConnection } from "../support/kept-connection.js";
import { asProcessOne, noProcessOne, outerPid } from "../support/process-one.js";
import { startLoad } from "../support/steady-load.js";
import { tinyPicture } from "../support/tiny-artifact.js";

// sagemaker-contract.md, section 8, check 14: how the container goes down.

/** The platform kills so long after it has asked for the end. */
const killAfterMs = 30_000;
/** What "at once" may take on a machine that others use, too. */
const atOnceMs = 2000;

/** A picture, JSON and lines, each without its last byte; of the lines all but the last are at work. */
async function holdThree(url: string, lines = 100) {
  const line = () => `${JSON.stringify({ image: Buffer.from(freshPng()).toString("base64") })}\n`;
  const held = [
    holdUpload(url, png),
    holdUpload(url, Buffer.from(JSON.stringify({ image })), { type: "application/json" }),
    holdUpload(url, Buffer.from(Array.from({ length: lines }, line).join("")), { type: "application/jsonlines" }),
  ];
  await expect.poll(() => requestsInFlight(url)).toBe(3);
  return held;
}

/** From the signal to the exit code: what callers from outside see of it. */
async function expectPeacefulEnd({ server, url }: OwnServer, terminate: () => void): Promise<void> {
  const kept = keepConnection();
  expect((await ask(url, { path: "/ping", agent: kept.agent })).status).toBe(200);
  const held = await holdThree(url);
  const askedAt = performance.now();
  terminate();
  const ping = async () => (await ask(url, { path: "/ping" })).status;
  await expect.poll(ping, { interval: 1, timeout: 20_000 }).toBe(503);
  const pingMs = performance.now() - askedAt;
  expect((await ask(url, { path: "/ping", agent: kept.agent })).status).toBe(503);
  const refused = await ask(url, { headers: typed("image/png"), body: freshPng() });
  expect([refused.status, parse(refused).error.code]).toEqual([503, "shutting_down"]);
  expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
  for (const upload of held) upload.finish();
  const replies = await Promise.all(held.map(({ reply }) => reply));
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(replies[2]!.body.split("\n").filter((row) => "error" in JSON.parse(row))).toEqual([]);
  expect(await server.ended).toBe(0);
  const endMs = performance.now() - askedAt;
  console.log(`SIGTERM: /ping 503 after ${pingMs.toFixed(0)} ms, the end after ${endMs.toFixed(0)} ms`);
  expect([pingMs < atOnceMs, endMs < killAfterMs]).toEqual([true, true]);
  expect(await server.until("server_stopped")).toMatchObject({ requests_cut: 0 });
  kept.close();
}

/** The second signal of two ends it, whatever is at work. */
async function expectEndAtOnce(
  { server, url }: OwnServer,
  terminate: () => void,
  lines?: number,
): Promise<string | number | null> {
  await holdThree(url, lines);
  terminate();
  await server.until("server_stopping");
  const askedAt = performance.now();
  terminate();
  const end = await server.ended;
  expect(performance.now() - askedAt).toBeLessThan(atOnceMs);
  expect(await server.until("server_cut")).toMatchObject({ requests_cut: 3 });
  return end;
}

describe("check 14", () => {
  ownCheck(
    "check 14: after SIGTERM /ping is 503, new work is refused, three at work are answered, and it ends with 0",
    async () => {
      const own = await startOwnServer();
      await expectPeacefulEnd(own, () => own.server.child.kill("SIGTERM"));
    },
  );

  ownCheck("check 14: a second SIGTERM ends it at once", async () => {
    const own = await startOwnServer();
    expect(await expectEndAtOnce(own, () => own.server.child.kill("SIGTERM"))).toBe("SIGTERM");
  });

  ownCheck("check 14: work that does not end is cut off before the platform kills", async () => {
    const drainMs = 300;
    const env = { STYGIG_MODEL_DIR: await artifactOf({ lingers: true }), STYGIG_DRAIN_TIMEOUT_MS: String(drainMs) };
    const { server, url } = await startOwnServer(env);
    const black = tinyPicture([0, 0, 0], 0, 96, [0, 0, 0]);
    const stuck = startLoad(url, 1, () => black);
    await expect.poll(() => requestsInFlight(url)).toBe(1);
    const askedAt = performance.now();
    server.child.kill("SIGTERM");
    await server.ended;
    const beyondMs = performance.now() - askedAt - drainMs;
    console.log(
      `SIGTERM with an encoder that works for minutes: the end ${beyondMs.toFixed(0)} ms after the drain limit`,
    );
    expect(beyondMs + settings.drainTimeoutMs.usual).toBeLessThan(killAfterMs);
    expect(await server.until("server_stopped")).toMatchObject({ requests_cut: 1 });
    await stuck.stop();
  });

  ownCheck(
    "check 14: as process 1 it ends in peace, too",
    async () => {
      const own = await startOwnServer({}, { under: asProcessOne });
      const pid = outerPid(own.server);
      await expectPeacefulEnd(own, () => process.kill(pid, "SIGTERM"));
    },
    noProcessOne,
  );

  ownCheck(
    "check 14: as process 1 a second SIGTERM ends it at once, too",
    async () => {
      const own = await startOwnServer({}, { under: asProcessOne });
      const pid = outerPid(own.server);
      // Process 1 cannot end in the middle of an encode before Node 22 has execve: then nothing is to be encoded.
      const lines = "execve" in process ? 100 : 1;
      expect(await expectEndAtOnce(own, () => process.kill(pid, "SIGTERM"), lines)).toBe(128 + 15);
    },
    noProcessOne,
  );
});
