import { cp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { aFolder } from "../support/a-folder.js";
import { freshPng, png, typed } from "../support/contract-bodies.js";
import { ask, metricOf, parse } from "../support/contract-request.js";
import { artifactOf, ownCheck, spawnServer, startOwnServer, useContractTarget } from "../support/contract-target.js";
import type { Doom } from "../support/doomed-worker.js";
import { countOutcomes, startLoad } from "../support/steady-load.js";
import { tinyPicture } from "../support/tiny-artifact.js";

// sagemaker-contract.md, section 8, checks 4 to 6: what /ping says and when.

const target = useContractTarget();
const black = tinyPicture([0, 0, 0], 0, 96, [0, 0, 0]);
const blackCopy = (number: number): Uint8Array => Uint8Array.from([...black, number & 255, number >> 8]);
const post = (url: string, body: Uint8Array | string, type = "image/png") => ask(url, { headers: typed(type), body });
const pingOf = async (url: string) => (await ask(url, { path: "/ping" })).status;

/** The platform's own limits. */
const pingLimitMs = 2000;
const acceptLimitMs = 250;

/** How long the operating system takes to have a connection accepted, in ms. */
function timeToConnect(url: string): Promise<number> {
  const { hostname, port } = new URL(url);
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port || 80), hostname, () => {
      resolve(performance.now() - startedAt);
      socket.destroy();
    }).once("error", reject);
  });
}

/** Two hundred pings one after the other, each of them 200; their times and those of as many connections, in order. */
async function pingOften(url: string) {
  const [pings, connections]: [number[], number[]] = [[], []];
  for (let i = 0; i < 200; i++) {
    connections.push(await timeToConnect(url));
    const startedAt = performance.now();
    expect(await pingOf(url)).toBe(200);
    pings.push(performance.now() - startedAt);
  }
  const ordered = (times: readonly number[]) => times.toSorted((one, other) => one - other);
  return { pings: ordered(pings), connections: ordered(connections) };
}

function expectPrompt({ pings, connections }: Awaited<ReturnType<typeof pingOften>>): void {
  const shown = (times: readonly number[]) => `p99 ${times[197]!.toFixed(1)} ms, worst ${times[199]!.toFixed(1)} ms`;
  console.log(`200 pings: ${shown(pings)}; connections: ${shown(connections)}`);
  expect(pings[199]).toBeLessThan(pingLimitMs);
  // On a machine that others use, too, one connection may wait for its client.
  expect(connections[197]).toBeLessThan(acceptLimitMs);
}

describe("check 4", () => {
  ownCheck("check 4: with all workers busy and the queue full, 200 pings are answered at once", async () => {
    const env = { STYGIG_MODEL_DIR: await artifactOf({ lingers: true }), STYGIG_MAX_IN_FLIGHT: "4" };
    const { url, server } = await startOwnServer({ ...env, STYGIG_ENCODER_THREADS: "1" });
    // One is in the only encoder for minutes, three wait.
    const stuck = startLoad(url, 4, blackCopy);
    await expect.poll(() => metricOf(url, "stygig_requests_in_flight"), { timeout: 20_000 }).toBe(4);
    const refused = startLoad(url, 2);
    expectPrompt(await pingOften(url));
    await refused.stop();
    expect(countOutcomes(refused.outcomes)).toEqual({ 429: refused.outcomes.length });
    expect(refused.outcomes.length).toBeGreaterThan(0);
    expect(stuck.outcomes).toEqual([]);
    server.child.kill("SIGKILL");
    await stuck.stop();
  });

  it("check 4: under the load of many callers, 200 pings are answered at once", async () => {
    const load = startLoad(target.url(), 24);
    expectPrompt(await pingOften(target.url()));
    await load.stop();
    const { 200: answered = 0, 429: refused = 0, ...others } = countOutcomes(load.outcomes);
    expect([answered > 0, answered + refused, others]).toEqual([true, load.outcomes.length, {}]);
  });
});

describe("check 5", () => {
  const headers = { host: "model.aws.local:8080", "user-agent": "AHC/2.0" };

  it("check 5: the platform's own ping, with its Host and User-Agent, is answered 200", async () => {
    expect((await ask(target.url(), { path: "/ping", headers })).status).toBe(200);
  });

  ownCheck("check 5: successful pings leave no line in the log", async () => {
    const { server, url } = await startOwnServer();
    for (let i = 0; i < 20; i++) await ask(url, { path: "/ping", headers });
    // Lines come in order: were there any of the pings, they would stand before this one.
    await post(url, png);
    await server.until("request_finished");
    const lines = server.stdout().trimEnd().split("\n");
    expect(lines.filter((line) => line.includes("/ping") || line.includes("AHC"))).toEqual([]);
    expect(lines.filter((line) => line.includes('"request_finished"'))).toHaveLength(1);
  });
});

describe("check 6", () => {
  ownCheck(
    "check 6: /ping is 503 once the workers are used up, and the process ends so that it is replaced",
    async () => {
      const { server, url } = await startOwnServer({ STYGIG_DECODER_WORKERS: "1" }, { isDoomed: true });
      const doom: Doom = { pool: "encoder", how: "exit" };
      const lost = () => server.stdout().split('"event":"worker_lost"').length - 1;
      for (let round = 1; round <= 6; round++) {
        server.child.send(doom);
        await expect.poll(lost, { timeout: 20_000 }).toBe(round);
        if (round <= 5) expect(await pingOf(url)).toBe(200);
        // A request waits for the worker that takes the place of the one lost.
        if (round <= 5) expect((await post(url, freshPng())).status).toBe(200);
      }
      await server.until("workers_exhausted");
      expect(await pingOf(url)).toBe(503);
      expect(await server.ended).toBe(3);
    },
  );

  ownCheck("check 6: a model file that is missing at the start never becomes 200", async () => {
    const folder = join(await aFolder(), "artifact");
    await cp(await artifactOf(), folder, { recursive: true });
    await rm(join(folder, "encoder/model.onnx"));
    const server = spawnServer({ STYGIG_MODEL_DIR: folder });
    expect(await server.ended).toBe(1);
    expect(server.stderr()).toMatch(/^stygig: .*model\.onnx.*\n$/);
    expect(server.stdout()).not.toContain("server_ready");
  });

  ownCheck("check 6: /ping stays 200 through overload and a request's own 500", async () => {
    const flawed = { STYGIG_MODEL_DIR: await artifactOf({ flaw: "nan-on-black" }), STYGIG_MAX_IN_FLIGHT: "1" };
    const { url } = await startOwnServer(flawed);
    const failed = await post(url, black);
    expect([failed.status, parse(failed).error.code]).toEqual([500, "encoder_failed"]);
    expect(await pingOf(url)).toBe(200);
    const load = startLoad(url, 6);
    await expect.poll(() => countOutcomes(load.outcomes)[429] ?? 0, { timeout: 20_000 }).toBeGreaterThan(5);
    expect(await pingOf(url)).toBe(200);
    await load.stop();
  });

  it("check 6: /ping stays 200 after requests that were refused", async () => {
    for (const [body, status] of [
      ["", 400],
      ["no picture", 422],
    ] as const) {
      expect((await post(target.url(), body)).status).toBe(status);
      expect(await pingOf(target.url())).toBe(200);
    }
  });
});
