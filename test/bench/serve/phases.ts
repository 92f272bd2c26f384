import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { modelsIn } from "../encoder/models.js";
import { median, quantile } from "../harness/quantile.js";
import type { Variant, VariantRun } from "../harness/run-bench.js";
import { catalogItems, toItemId } from "./artifact.js";
import { closedLoop, type LoadResult, openLoop, type Target } from "./load.js";
import { watchPing } from "./ping.js";
import { aRequest, createRequests } from "./requests.js";
import { type Served, startServed } from "./served.js";
import { type ServeSetting, servedPrecision, toEnvironment } from "./settings.js";

const cores = availableParallelism();
const overload = 4;
/** A rate is sustained when no more than this much of it is left unanswered at its end, two pictures a core apart, ... */
const leftShare = 0.02;
/** ... and nobody waits longer: a queue that grows is no steady state. */
const sustainedP99Ms = 1000;

type Phase = (server: Served, run: VariantRun, photo: Uint8Array) => Promise<Record<string, number>>;

/** A variant: the server with this environment, one phase of questions, the server's own processor time counted. */
function withServer(env: Readonly<Record<string, string>>, phase: Phase): Variant {
  return async (run, countCpu) => {
    const [artifact, models] = run.parameters as readonly [string, string];
    const server = await startServed(artifact, env);
    try {
      const figures = await phase(server, run, readFileSync(modelsIn(models).photo));
      countCpu(server.cpuMs());
      await server.stop();
      return { "start to ready, ms": server.readyMs, ...figures };
    } finally {
      server.kill();
    }
  };
}

/** Pictures nobody has seen, then items by id, then one picture again and again. */
export function measureOneCaller(setting: ServeSetting): Variant {
  return withServer(toEnvironment(setting), async ({ port }, { short }, photo) => {
    const [warmUps, timed] = short ? [2, 5] : [20, 200];
    const ask = async (next: Target["next"]) => {
      await all200(closedLoop({ port, cores, next }, 1, warmUps));
      return all200(closedLoop({ port, cores, next }, 1, timed));
    };
    const unseen = await ask(createRequests(photo));
    let item = 0;
    const known = await ask(() => {
      return aRequest("application/json", Buffer.from(JSON.stringify({ item_id: toItemId(item++ % catalogItems) })));
    });
    const samePicture = createRequests(photo)();
    const cached = await ask(() => samePicture);
    return {
      "p50 in ms": quantile(unseen.latenciesMs, 0.5),
      "p99 in ms": quantile(unseen.latenciesMs, 0.99),
      "by an item's own embedding, p50 in ms": quantile(known.latenciesMs, 0.5),
      "known picture, p50 in ms": quantile(cached.latenciesMs, 0.5),
    };
  });
}

/** How long it takes to be ready when workers and threads are found by measuring. */
export const measureAutoStart: Variant = withServer(servedPrecision, async (server) => {
  const metrics = await server.metrics();
  return { "encoder workers": metrics.get('stygig_workers{pool="encoder"}') ?? Number.NaN };
});

/** The most that is answered without a growing queue, then 70 % of it, then four times it. */
export function measureLoad(setting: ServeSetting): Variant {
  return withServer(toEnvironment(setting), async (server, { short }, photo) => {
    const target: Target = { port: server.port, cores, next: createRequests(photo) };
    const [steps, seconds, requests] = short ? [1, 1, 30] : [6, 8, 600];
    await closedLoop(target, cores * 4, requests);
    const full = await all200(closedLoop(target, cores * 4, requests));
    const sustained = await findSustained(target, full.goodPerSecond, { steps, seconds });
    const calm = await all200(openLoop(target, 0.7 * sustained.rate, seconds));
    const pings = await watchPing(server.port);
    const flood = await openLoop(target, overload * sustained.rate, short ? 1 : 20);
    const pingsMs = await pings.stop();
    const delay = (await server.metrics()).get("stygig_event_loop_delay_p99_seconds") ?? Number.NaN;
    const { 200: good = 0, 429: refused = 0, ...others } = flood.counts;
    const total = good + refused + Object.values(others).reduce((sum, count) => sum + count, 0);
    return {
      "callers without a pause, per second": full.goodPerSecond,
      "sustained per second": sustained.rate,
      "sustained, p99 in ms": quantile(sustained.latenciesMs, 0.99),
      "load generator's share, sustained": sustained.ownShare,
      "at 70 %, p50 in ms": quantile(calm.latenciesMs, 0.5),
      "at 70 %, p99 in ms": quantile(calm.latenciesMs, 0.99),
      "offered at 4 x, per second": flood.offeredPerSecond,
      "goodput at 4 x, per second": flood.goodPerSecond,
      "answered at 4 x, p99 in ms": quantile(flood.latenciesMs, 0.99),
      "share of 429 at 4 x": refused / total,
      "refusal at 4 x, p99 in ms": quantile(flood.refusalsMs.length > 0 ? flood.refusalsMs : [0], 0.99),
      "neither 200 nor 429 at 4 x": total - good - refused,
      "load generator's share at 4 x": flood.ownShare,
      "ping at 4 x, p99 in ms": quantile(pingsMs, 0.99),
      "event loop, p99 in ms": 1000 * delay,
    };
  });
}

/**
 * Resident memory at the start, up to 2,000 and up to 20,000 requests: the median of ten looks over the last thousand, since
 * between two collections of garbage it moves by more than the bar allows.
 */
export function measureGrowth(setting: ServeSetting): Variant {
  return withServer(toEnvironment(setting), async (server, { short }, photo) => {
    const target: Target = { port: server.port, cores, next: createRequests(photo) };
    const [early, late, between] = short ? [0, 0, 4] : [1_000, 17_000, 100];
    const megabytes = () => server.rssBytes() / 1e6;
    const ask = (requests: number) => all200(closedLoop(target, cores * 4, requests));
    const watch = async () => {
      const looks: number[] = [];
      for (let look = 0; look < 10; look++) {
        await ask(between);
        looks.push(megabytes());
      }
      return median(looks);
    };
    const atStart = megabytes();
    if (early > 0) await ask(early);
    const figures = { "MB at the start": atStart, "MB up to 2,000": await watch() };
    if (late > 0) await ask(late);
    return { ...figures, "MB up to 20,000": await watch() };
  });
}

type Sustained = LoadResult & Readonly<{ rate: number }>;

/** By halving between what is surely borne and what cannot be. @throws Error when even the least is not borne */
async function findSustained(
  target: Target,
  fullRate: number,
  { steps, seconds }: Readonly<{ steps: number; seconds: number }>,
): Promise<Sustained> {
  let [borne, tooMuch] = [0.6 * fullRate, 1.15 * fullRate];
  let best: Sustained = { ...(await openLoop(target, borne, seconds)), rate: borne };
  if (!isSustained(best)) throw new Error(`not even ${borne} requests a second: ${JSON.stringify(best.counts)}`);
  for (let step = 0; step < steps; step++) {
    const rate = (borne + tooMuch) / 2;
    const result = await openLoop(target, rate, seconds);
    if (isSustained(result)) [borne, best] = [rate, { ...result, rate }];
    else tooMuch = rate;
  }
  return best;
}

function isSustained({ left, latenciesMs, counts }: LoadResult): boolean {
  const isClean = Object.keys(counts).every((name) => name === "200");
  const isLeftBehind = left > 2 * cores + leftShare * latenciesMs.length;
  return isClean && !isLeftBehind && quantile(latenciesMs, 0.99) <= sustainedP99Ms;
}

async function all200(load: Promise<LoadResult>): Promise<LoadResult> {
  const result = await load;
  if (Object.keys(result.counts).join() !== "200") throw new Error(`not only 200: ${JSON.stringify(result.counts)}`);
  return result;
}
