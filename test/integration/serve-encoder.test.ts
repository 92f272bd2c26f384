import { afterEach, describe, expect, it } from "vitest";
import type { RunningServer } from "../../src/main.js";
import { aFolder } from "../support/a-folder.js";
import { aGate } from "../support/a-manifest.js";
import { captureLog, type LogLine } from "../support/captured-log.js";
import { serve } from "../support/compiled-main.js";
import { type ServerProcess, startProcess } from "../support/server-process.js";
import { tinyPicture, writeTinyArtifact } from "../support/tiny-artifact.js";
import type { TinyEntry } from "../support/tiny-encoder.js";

const black = tinyPicture([0, 0, 0], 0, 96, [0, 0, 0]);
const shirt = tinyPicture([200, 30, 40]);
const fp32: TinyEntry = { entry: { precision: "fp32" } };
const int8OnBlack: TinyEntry = {
  entry: { precision: "int8", weightBits: 8, gate: aGate() },
  graph: { fails: "on-black" },
};
/** Eight-bit models are refused by CPUs without VNNI; these tests are about what comes after. */
const int7OnBlack: TinyEntry = {
  entry: { precision: "int8", weightBits: 7, gate: aGate() },
  graph: { fails: "on-black" },
};

const servers: RunningServer[] = [];
const processes: ServerProcess[] = [];
afterEach(async () => {
  for (const { child } of processes.splice(0)) child.kill("SIGKILL");
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

type Started = Readonly<{
  url: string;
  lines: readonly LogLine[];
  invoke: (picture: Uint8Array<ArrayBuffer>) => Promise<Response>;
  health: () => Promise<Readonly<Record<string, unknown>>>;
  metrics: () => Promise<string>;
}>;

async function start(entries: readonly TinyEntry[], env: Readonly<Record<string, string>> = {}): Promise<Started> {
  const artifactFolder = await writeTinyArtifact(await aFolder(), {}, entries);
  const { log, lines } = captureLog();
  const usual = { PORT: "0", INDEX: "exact", ENCODER_WORKERS: "1", ENCODER_THREADS: "1", EXECUTION_PROVIDERS: "cpu" };
  const server = await serve({ artifactFolder, log, env: { ...usual, ...env } });
  servers.push(server);
  await server.ready;
  const url = `http://127.0.0.1:${server.port}`;
  const headers = { "content-type": "image/png" };
  return {
    url,
    lines,
    invoke: (body) => fetch(`${url}/invocations`, { method: "POST", headers, body }),
    health: async () => (await (await fetch(`${url}/health`)).json()) as Readonly<Record<string, unknown>>,
    metrics: async () => (await fetch(`${url}/metrics`)).text(),
  };
}

async function precisionOf(response: Response): Promise<unknown> {
  expect(response.status).toBe(200);
  return ((await response.json()) as { metadata: Record<string, unknown> }).metadata.precision;
}

describe("a server whose device fails", () => {
  it("answers from the next rung, and says so in answer, health, metrics and log", async () => {
    const { invoke, health, metrics, lines } = await start([fp32, int7OnBlack]);
    expect(await health()).toMatchObject({ provider: "cpu", precision: "int8-7bit", degraded: false });
    expect(await metrics()).toMatch(/^stygig_encoder_rung\{provider="cpu",precision="int8-7bit"\} 1$/m);
    expect(await precisionOf(await invoke(shirt))).toBe("int8-7bit");
    expect(await precisionOf(await invoke(black))).toBe("fp32");
    expect(await precisionOf(await invoke(shirt))).toBe("fp32");
    expect(await health()).toMatchObject({
      ...{ status: "ready", provider: "cpu", precision: "fp32", degraded: true },
      encoder_rungs: [
        { provider: "cpu", model: "int8-7bit", outcome: "chosen" },
        { provider: "cpu", model: "fp32", outcome: "chosen" },
      ],
      encoder_setting: { workers: 1, threads: 1, optimize_for: "throughput", measured: [], note: null },
    });
    const text = await metrics();
    expect(text).toMatch(/^stygig_encoder_rung\{provider="cpu",precision="int8-7bit"\} 0$/m);
    expect(text).toMatch(/^stygig_encoder_rung\{provider="cpu",precision="fp32"\} 1$/m);
    expect(text).toMatch(/^stygig_encoder_degraded 1$/m);
    expect(text).toMatch(/^stygig_device_errors_total\{outcome="moved"\} 1$/m);
    expect(lines.find(({ event }) => event === "encoder_opened")?.fields).toMatchObject({ precision: "int8-7bit" });
    expect(lines.filter(({ event }) => event === "device_failed").map(({ fields }) => fields)).toEqual([
      {
        ...{ outcome: "moved", rung: "cpu int8-7bit", next: "cpu fp32" },
        reason: expect.stringMatching(/^[^\n]*Gather[^\n]*$/),
      },
    ]);
  });

  it("refuses the picture alone when there is no other rung, and stays ready", async () => {
    const { invoke, url, metrics } = await start([fp32, int8OnBlack, int7OnBlack], { STYGIG_PRECISION: "int8" });
    const refused = await invoke(black);
    expect(refused.status).toBe(500);
    expect(await refused.json()).toMatchObject({ error: { code: "encoder_failed" } });
    expect((await fetch(`${url}/ping`)).status).toBe(200);
    expect((await invoke(shirt)).status).toBe(200);
    expect(await metrics()).toMatch(/^stygig_device_errors_total\{outcome="(moved|kept)"\} 1$/m);
  });

  it("ends with 1 and one line where the operator wants an end", async () => {
    const artifactFolder = await writeTinyArtifact(await aFolder(), {}, [fp32, int7OnBlack]);
    const server = startProcess({ STYGIG_MODEL_DIR: artifactFolder, FALLBACK: "exit", EXECUTION_PROVIDERS: "cpu" });
    processes.push(server);
    await server.until("server_ready");
    const { port } = await server.until("server_listening");
    const headers = { "content-type": "image/png" };
    const response = await fetch(`http://127.0.0.1:${port}/invocations`, { method: "POST", headers, body: black });
    expect(response.status).toBe(503);
    expect(await server.ended).toBe(1);
    expect(server.stderr()).toMatch(/^stygig: cpu int8-7bit failed, and FALLBACK=exit: .*Gather.*\n$/m);
    expect(await server.until("device_failed")).toMatchObject({ outcome: "gone", rung: "cpu int8-7bit" });
  });
});

describe("the warm-up", () => {
  /** Pictures until a session that fails its tenth run has to be renewed: the start takes three of them. */
  async function picturesUntilRenewal(env: Readonly<Record<string, string>>): Promise<number> {
    // A picture that is remembered would not run again.
    const { invoke, metrics } = await start([{ ...fp32, graph: { fails: "tenth-run" } }], {
      ...env,
      EMBED_CACHE_MAX: "0",
    });
    for (let pictures = 1; ; pictures++) {
      expect((await invoke(shirt)).status).toBe(200);
      if (/^stygig_device_errors_total\{outcome="recovered"\} 1$/m.test(await metrics())) return pictures;
    }
  }

  it("takes a picture the whole way by each profile before the first caller's", async () => {
    expect(await picturesUntilRenewal({})).toBe(5);
    expect(await picturesUntilRenewal({ WARM_MODEL: "1" })).toBe(5);
  });

  it("is left out when WARM_MODEL is 0", async () => {
    expect(await picturesUntilRenewal({ WARM_MODEL: "0" })).toBe(7);
  });
});
