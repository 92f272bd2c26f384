import { readFileSync } from "node:fs";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { aFolder } from "../support/a-folder.js";
import { holdUpload, requestsInFlight } from "../support/held-upload.js";
import { asProcessOne, noProcessOne, outerPid } from "../support/process-one.js";
import { type ServerProcess, startProcess } from "../support/server-process.js";
import { unlessSkipped } from "../support/skip-by-name.js";
import { countOutcomes, startLoad } from "../support/steady-load.js";
import { tinyPicture, writeTinyArtifact } from "../support/tiny-artifact.js";

const shirt = tinyPicture([200, 30, 40]);
const black = tinyPicture([0, 0, 0], 0, 96, [0, 0, 0]);
/** Twenty by hand, fewer in the suite. */
const rounds = Number(process.env.STYGIG_TEST_ROUNDS ?? 5);

let artifactFolder = "";
/** Its encoder works for minutes on a black picture, inside one run. */
let lingeringFolder = "";
const started: ServerProcess[] = [];
beforeAll(async () => {
  artifactFolder = await writeTinyArtifact(await aFolder());
  lingeringFolder = await writeTinyArtifact(await aFolder(), { lingers: true });
});
afterEach(() => {
  for (const { child } of started.splice(0)) child.kill("SIGKILL");
});

type Started = Readonly<{ server: ServerProcess; url: string }>;

async function start(...[env, options]: Partial<Parameters<typeof startProcess>>): Promise<Started> {
  const server = startProcess({ STYGIG_MODEL_DIR: artifactFolder, ...env }, options);
  started.push(server);
  await server.until("server_ready");
  const { port } = await server.until("server_listening");
  return { server, url: `http://127.0.0.1:${port}` };
}

/** What the server itself says of the invocations that it ended, by code. */
function endedOf({ stdout }: ServerProcess): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const text of stdout().trimEnd().split("\n")) {
    const { event, route, code } = JSON.parse(text) as Readonly<Record<string, string>>;
    if (event === "request_finished" && route === "/invocations") counts[code!] = (counts[code!] ?? 0) + 1;
  }
  return counts;
}

/** Resolves when the process has worked for a while since, which nothing but the encoder can do here. */
async function untilEncoding({ child }: ServerProcess): Promise<void> {
  const ticks = () => {
    const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1]!.split(" ");
    return Number(fields[11]) + Number(fields[12]);
  };
  const before = ticks();
  await expect.poll(() => ticks() - before, { timeout: 60_000 }).toBeGreaterThan(100);
}

describe("SIGTERM under load", () => {
  it(`loses no accepted request in ${rounds} rounds`, { timeout: rounds * 60_000 }, async () => {
    for (let round = 0; round < rounds; round++) {
      const { server, url } = await start();
      const load = startLoad(url, 8);
      await expect.poll(() => load.outcomes.length, { timeout: 20_000 }).toBeGreaterThan(20 + round * 3);
      server.child.kill("SIGTERM");
      expect(await server.ended).toBe(0);
      await load.stop();
      const { 200: answered, 503: refused, ECONNREFUSED: _, ECONNRESET: reset = 0 } = countOutcomes(load.outcomes);
      const ended = endedOf(server);
      // Whoever got into the server got an answer out of it, and the answer arrived.
      expect(ended).toEqual({ ok: answered, ...(refused === undefined ? {} : { shutting_down: refused }) });
      // A connection that the kernel took and the server never did was not accepted; there is one a caller at most.
      expect(reset).toBeLessThanOrEqual(8);
      expect(await server.until("server_stopped")).toMatchObject({ requests_cut: 0 });
    }
  });
});

describe("the second SIGTERM", () => {
  it.each(["SIGTERM", "SIGINT"] as const)("ends a server in the middle of an encode at once: %s", async (signal) => {
    const { server, url } = await start({ STYGIG_MODEL_DIR: lingeringFolder });
    const load = startLoad(url, 1, () => black);
    await untilEncoding(server);
    server.child.kill("SIGTERM");
    await server.until("server_stopping");
    server.child.kill(signal);
    expect(await server.ended).toBe(signal);
    expect(await server.until("server_cut")).toMatchObject({ signal, requests_cut: 1 });
    expect(server.stderr()).toBe("");
    await load.stop();
    expect(load.outcomes).toEqual([{ failure: "ECONNRESET" }]);
  });
});

it("ends a server whose encoder outlives the drain limit", async () => {
  const { server, url } = await start({ STYGIG_MODEL_DIR: lingeringFolder, STYGIG_DRAIN_TIMEOUT_MS: "100" });
  const load = startLoad(url, 1, () => black);
  await untilEncoding(server);
  server.child.kill("SIGTERM");
  expect(await server.ended).toBe("SIGTERM");
  expect(await server.until("server_stopped")).toMatchObject({ requests_cut: 1 });
  await load.stop();
});

unlessSkipped("a server that is process 1", noProcessOne, () => {
  it("finishes accepted work after SIGTERM and ends with 0", async () => {
    const { server, url } = await start({}, { under: asProcessOne });
    const held = holdUpload(url, shirt);
    await expect.poll(() => requestsInFlight(url)).toBe(1);
    process.kill(outerPid(server), "SIGTERM");
    await expect.poll(async () => (await fetch(`${url}/ping`)).status).toBe(503);
    held.finish();
    expect((await held.reply).status).toBe(200);
    expect(await server.ended).toBe(0);
  });

  it("ends at once at the second SIGTERM", async () => {
    const { server, url } = await start({}, { under: asProcessOne });
    holdUpload(url, shirt);
    await expect.poll(() => requestsInFlight(url)).toBe(1);
    const pid = outerPid(server);
    process.kill(pid, "SIGTERM");
    await server.until("server_stopping");
    process.kill(pid, "SIGTERM");
    expect(await server.ended).toBe(128 + 15);
    expect(await server.until("server_cut")).toMatchObject({ requests_cut: 1 });
  });

  const hasExecve = "execve" in process;
  unlessSkipped("in the middle of an encode", hasExecve ? null : "this Node has no process.execve", () => {
    it("ends at once, too", endsInAnEncode);
  });

  async function endsInAnEncode(): Promise<void> {
    const { server, url } = await start({ STYGIG_MODEL_DIR: lingeringFolder }, { under: asProcessOne });
    const load = startLoad(url, 1, () => black);
    const pid = outerPid(server);
    await untilEncoding({ ...server, child: { pid } as ServerProcess["child"] });
    process.kill(pid, "SIGTERM");
    await server.until("server_stopping");
    process.kill(pid, "SIGTERM");
    // Before Node 22 nothing ends process 1 without its threads' destructors, which ONNX Runtime does not survive.
    expect("execve" in process ? [128 + 15] : [128 + 15, "SIGSEGV", "SIGABRT"]).toContain(await server.ended);
    await load.stop();
  }

  it("reloads at SIGHUP", async () => {
    const { server, url } = await start({}, { under: asProcessOne });
    process.kill(outerPid(server), "SIGHUP");
    await server.until("artifact_reloaded");
    expect((await fetch(`${url}/ping`)).status).toBe(200);
    process.kill(outerPid(server), "SIGTERM");
    expect(await server.ended).toBe(0);
  });
});
