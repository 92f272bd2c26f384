import { randomInt } from "node:crypto";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { errorCatalog } from "../../src/domain/errors.js";
import { unlessSkipped } from "../support/skip-by-name.js";
import { families } from "./corpus/families.js";
import { type FuzzedServer, readMetrics, startFuzzedServer } from "./fuzzed-server.js";
import { type HostileRun, runHostile } from "./hostile-run.js";

const count = wholeNumber("FUZZ_REQUESTS", 10_000);
const seed = wholeNumber("FUZZ_SEED", randomInt(2 ** 31));

/**
 * Of the means of nine looks each, which in a dozen runs came to 0.92 to 1.09; sixty thousand requests find the server
 * no larger than ten thousand. Ten kilobytes lost with each request would be as much as this.
 */
const mostGrowth = 1.2;
/** With fewer, caches and heaps are still filling when the comparison begins. */
const fewestForGrowth = 6000;
/** A request's line has a dozen fields, none of them as a caller wrote it. */
const mostLineCharacters = 2000;

function wholeNumber(variable: string, usual: number): number {
  const text = process.env[variable] ?? "";
  if (text === "") return usual;
  if (!/^\d{1,10}$/.test(text)) throw new Error(`${variable} must be a whole number, not ${JSON.stringify(text)}.`);
  return Number(text);
}

let fuzzed: FuzzedServer;
let run: HostileRun;
beforeAll(async () => {
  console.log(`FUZZ_SEED=${seed} FUZZ_REQUESTS=${count}`);
  fuzzed = await startFuzzedServer();
  const startedAt = performance.now();
  run = await runHostile(fuzzed, { families, count, seed });
  console.log(`${run.outcomes.length} requests in ${Math.round((performance.now() - startedAt) / 1000)} s`);
  for (const { name } of families) console.log(`  ${name}: ${tally(name)}`);
});

function tally(family: string): string {
  const counts = new Map<number | string, number>();
  for (const outcome of run.outcomes.filter((each) => each.family === family)) {
    const statuses = outcome.statuses.length === 0 ? ["none"] : outcome.statuses;
    for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  return [...counts].map(([status, times]) => `${times} x ${status}`).join(", ");
}

/** In this part of the run. */
function meanMemory(from: number, to: number): number {
  const total = run.looks.at(-1)!.requests;
  const own = run.looks.filter(({ requests }) => requests >= from * total && requests <= to * total);
  return own.reduce((sum, { residentMiB }) => sum + residentMiB, 0) / own.length;
}

const knownLabels = {
  route: /^(\/(ping|invocations|execution-parameters|metrics|health|gpu\/stats)|other)$/,
  code: new RegExp(`^(ok|caller_left|${Object.keys(errorCatalog).join("|")})$`),
  status: /^([2-5]\d\d|none)$/,
} as const;

function logLines(): readonly string[] {
  return fuzzed.server.stdout().split("\n").slice(0, -1);
}

describe(`${count} hostile requests`, () => {
  it.each(families.map(({ name }) => name))("%s: each is answered as it should be", (name) => {
    const own = run.outcomes.filter(({ family }) => family === name);
    expect(own.length).toBeGreaterThan(0);
    expect(own.flatMap(({ problems }) => problems)).toEqual([]);
  });

  it("leave a server that answers as before, again and again", () => {
    const [first, ...later] = run.looks;
    expect(first).toMatchObject({ well: { ping: 200, reply: { mode: "outfit" } } });
    for (const { well } of later) expect(well).toEqual(first!.well);
  });

  const tooFew = count < fewestForGrowth ? `it takes ${fewestForGrowth} requests to tell` : null;
  unlessSkipped("do not make it grow", tooFew, () => {
    it("do not make it grow: the last fifth finds it no larger than the second", () => {
      const growth = meanMemory(0.8, 1) / meanMemory(0.2, 0.4);
      console.log(`MiB resident: ${run.looks.map(({ residentMiB }) => Math.round(residentMiB)).join(" ")}`);
      console.log(`last fifth over second: ${growth.toFixed(3)}`);
      expect(growth).toBeLessThan(mostGrowth);
    });
  });

  it("make no series of their own among the metrics", async () => {
    const labels = [...(await readMetrics(fuzzed.url)).keys()].flatMap((series) => [
      ...series.matchAll(/\b(route|code|status)="([^"]*)"/g),
    ]);
    const strange = labels.filter(([, name, value]) => !knownLabels[name as keyof typeof knownLabels].test(value!));
    expect(labels.length).toBeGreaterThan(0);
    expect(strange.map(([label]) => label)).toEqual([]);
  });

  it("leave nothing in progress and no connection open but the one that asks", async () => {
    await vi.waitFor(
      async () => {
        const metrics = await readMetrics(fuzzed.url);
        expect(metrics.get("stygig_requests_in_flight")).toBe(0);
        expect(metrics.get("stygig_requests_in_flight_bytes")).toBe(0);
        expect(metrics.get('nodejs_active_resources{type="TCPSocketWrap"}')).toBe(1);
      },
      { timeout: 60_000 },
    );
  });

  it("end no worker, and fail in no way that is ours", async () => {
    const metrics = await readMetrics(fuzzed.url);
    const ours = [...metrics].filter(([name, value]) => {
      const isFailure = /^stygig_(workers_lost|device_errors)_total|batches_failed_total\{stage="encode"/.test(name);
      const status = /^stygig_requests_total\{.*status="(5\d\d)"/.exec(name)?.[1];
      return value > 0 && (isFailure || (status !== undefined && status !== "504"));
    });
    expect(ours).toEqual([]);
    expect(fuzzed.server.child.exitCode).toBeNull();
  });

  it("are counted as late where they were, each of them", async () => {
    const late = run.outcomes.flatMap(({ statuses }) => statuses.filter((status) => status === 504)).length;
    const counted = [...(await readMetrics(fuzzed.url))].filter(([name]) =>
      /^stygig_requests_total.*status="504"/.test(name),
    );
    expect(late).toBeGreaterThan(0);
    expect(counted.reduce((sum, [, times]) => sum + times, 0)).toBe(late);
  });

  it("leave a log of whole lines, short ones, without errors and without secrets", () => {
    const lines = logLines();
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      const { level, event } = JSON.parse(line) as Readonly<Record<string, unknown>>;
      expect(typeof event, line).toBe("string");
      expect(["info", "debug"], line).toContain(level);
      expect(line.length, line).toBeLessThan(event === "config_loaded" ? 10 * mostLineCharacters : mostLineCharacters);
    }
    for (const secret of fuzzed.secrets) expect(fuzzed.server.stdout() + fuzzed.server.stderr()).not.toContain(secret);
    expect(fuzzed.server.stderr()).toBe("");
  });

  it("leave a server that ends when it is asked to", async () => {
    fuzzed.server.child.kill("SIGTERM");
    expect(await fuzzed.server.ended).toBe(0);
  });
});
