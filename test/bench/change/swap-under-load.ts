import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { BenchFailure } from "../harness/bench-failure.js";
import { benchFolder } from "../harness/project-folder.js";
import { quantile } from "../harness/quantile.js";
import type { Variant } from "../harness/run-bench.js";
import { closedLoop, type LoadResult, openLoop, type Target } from "../serve/load.js";
import { createRequests } from "../serve/requests.js";
import { type Served, startServed } from "../serve/served.js";
import { throughputSetting, toEnvironment } from "../serve/settings.js";

const cores = availableParallelism();
/** Of what the server bears at most. */
const loadShare = 0.5;
/** Around each reload, which begins after the first of them. */
const spanSeconds = 6;
const usual = { spans: 5, capacityRequests: 400, seconds: spanSeconds };
const short = { spans: 1, capacityRequests: 40, seconds: 3 };

/**
 * The built server under a steady load of pictures nobody has seen: spans of it with a reload of the other generation in
 * their midst, by turns with spans without one. Parameters: the two artifacts, a photo, the encoder's precision.
 */
export const swapUnderLoad: Variant = async (run, countCpu) => {
  const [one, other, photo, precision] = run.parameters as readonly [string, string, string, string];
  const { spans, capacityRequests, seconds } = run.short ? short : usual;
  mkdirSync(benchFolder, { recursive: true });
  const work = mkdtempSync(join(benchFolder, "change-"));
  const link = join(work, "current");
  symlinkSync(one, link);
  const environment = { ...toEnvironment(throughputSetting(cores)), STYGIG_PRECISION: precision };
  const server = await startServed(link, environment);
  try {
    const target: Target = { port: server.port, cores, next: createRequests(readFileSync(photo)) };
    await closedLoop(target, cores * 4, capacityRequests);
    const { goodPerSecond } = await closedLoop(target, cores * 4, capacityRequests);
    const rate = loadShare * goodPerSecond;
    const [calm, swapped]: LoadResult[][] = [[], []];
    const reloadsMs: number[] = [];
    for (let span = 0; span < spans; span++) {
      calm!.push(await openLoop(target, rate, seconds));
      const load = openLoop(target, rate, seconds);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      putBehind(link, span % 2 === 0 ? other : one);
      reloadsMs.push(await millisecondsToReload(server));
      swapped!.push(await load);
    }
    // Asked now and not while the load is measured: to find a GPU the server starts a process.
    const open = (await server.metrics()).get("stygig_generations_open");
    if (open !== 1) throw new BenchFailure(`${open} generations are open`);
    countCpu(server.cpuMs());
    await server.stop();
    return {
      requests_per_second: rate,
      ...{ calm_p50_ms: latency(calm!, 0.5), calm_p99_ms: latency(calm!, 0.99) },
      ...{ swap_p50_ms: latency(swapped!, 0.5), swap_p99_ms: latency(swapped!, 0.99) },
      ...{ swap_longest_ms: latency(swapped!, 1), reload_ms: quantile(reloadsMs, 0.5) },
      ...{ swap_requests: answered(swapped!).length, failed_requests: failures(swapped!) + failures(calm!) },
    };
  } finally {
    server.kill();
    rmSync(work, { recursive: true, force: true });
  }
};

/** In one step: at every moment the link leads to one of the two. */
function putBehind(link: string, artifact: string): void {
  symlinkSync(artifact, `${link}.next`);
  renameSync(`${link}.next`, link);
}

async function millisecondsToReload(server: Served): Promise<number> {
  const start = performance.now();
  await server.reload();
  return performance.now() - start;
}

const answered = (results: readonly LoadResult[]) => results.flatMap(({ latenciesMs }) => latenciesMs);
const latency = (results: readonly LoadResult[], share: number) => quantile(answered(results), share);

/** Everything that was not answered by 200. */
function failures(results: readonly LoadResult[]): number {
  const others = results.flatMap(({ counts }) => Object.entries(counts).filter(([status]) => status !== "200"));
  return others.reduce((sum, [, count]) => sum + count, 0);
}
