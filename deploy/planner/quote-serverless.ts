import { looksPerMonth } from "./costs.js";
import type { Demand } from "./demand.js";
import { coreSpeed } from "./estimate.js";
import { fitLatency, latencyAt } from "./latency-model.js";
import { serverlessUsdPerGbSecond } from "./prices.js";
import { costOf, type Quote, type Rejection, withinBudget } from "./quote.js";
import { referenceMeasurement } from "./shipped-measurements.js";

/** The memory sizes of the API, in MB. */
const serverlessMemoryMb = [1024, 2048, 3072, 4096, 5120, 6144] as const;

const maxConcurrency = 200;
/** The platform document's figure, as of Lambda, and in doubt there. A vCPU is taken for half a core. */
const gbPerVcpu = 1.8;

/** Each memory size's offer for a demand, cheapest first, and why the others make none. All estimated, all warm. */
export function quoteServerless(
  demand: Demand,
): Readonly<{ quotes: readonly Quote[]; rejected: readonly Rejection[] }> {
  if (demand.gpu === "always") {
    return { quotes: [], rejected: [excluded("serverless endpoints have no GPU, which --gpu always asks for")] };
  }
  if (demand.architecture !== "amd64") {
    return { quotes: [], rejected: [excluded("serverless endpoints are planned for amd64 images alone")] };
  }
  const offers = serverlessMemoryMb.map((memoryMb) => offerOf(memoryMb, demand));
  const affordable = withinBudget(
    offers.flatMap((offer) => ("reason" in offer ? [] : [offer])),
    demand,
  );
  const others = offers.flatMap((offer) => ("reason" in offer ? [offer] : []));
  return { quotes: affordable.quotes, rejected: [...affordable.rejected, ...others] };
}

function excluded(reason: string): Rejection {
  return { name: "serverless", reason, kind: "excluded", amount: 0 };
}

/** How long a look takes in a container of this size, in ms: its median, and what 95 % stay under. */
function serverlessLook(memoryMb: number): Readonly<{ p50Ms: number; p95Ms: number }> {
  const speed = coreSpeed(referenceMeasurement, "fp32");
  const model = fitLatency(referenceMeasurement);
  const cores = memoryMb / 1024 / gbPerVcpu / 2;
  const p50Ms = Math.max(model.idleMs, model.serviceMs / cores) / speed;
  // One look at a time, so nobody queues: the spread is the one that the reference shows at fixed instants.
  const steady = { ...model, variability: model.variability - 0.5 };
  const { utilization } = referenceMeasurement;
  return { p50Ms, p95Ms: (p50Ms * latencyAt(steady, utilization, 0.95)) / latencyAt(steady, utilization, 0.5) };
}

function offerOf(memoryMb: number, demand: Demand): Quote | Rejection {
  const name = `serverless ${memoryMb} MB`;
  const { p50Ms, p95Ms } = serverlessLook(memoryMb);
  if (demand.p95Ms !== null && p95Ms > demand.p95Ms) {
    const reason = `${name} takes ${p95Ms.toFixed(1)} ms even when warm, the target is ${demand.p95Ms} ms`;
    return { name, reason, kind: "slow", amount: p95Ms };
  }
  // Little's law: looks under way at once.
  const busy = (demand.rps * p50Ms) / 1000;
  const count = Math.ceil(busy / (1 - demand.headroom));
  if (count > maxConcurrency) {
    const reason = `${name} would need a concurrency of ${count}, and an endpoint has at most ${maxConcurrency}`;
    return { name, reason, kind: "fleet", amount: count };
  }
  const usdPerLook = (memoryMb / 1024) * (p50Ms / 1000) * serverlessUsdPerGbSecond;
  return {
    mode: "serverless",
    name,
    instanceType: null,
    count,
    unitRps: 1000 / p50Ms,
    utilization: busy / count,
    p95Ms,
    ...costOf(demand, usdPerLook * looksPerMonth(demand.rps)),
    basis: "estimated",
    evidence:
      `${(memoryMb / 1024 / gbPerVcpu).toFixed(2)} vCPUs (1 per ${gbPerVcpu} GB, as Lambda; in doubt), two to a core, at ` +
      "fp32's speed since VNNI is not certain: the reference machine's time per core and look divided by them",
    formula: `${memoryMb / 1024} GB x ${(p50Ms / 1000).toFixed(4)} s x ${serverlessUsdPerGbSecond.toFixed(5)} USD a look`,
    warnings: [
      "the first look on a new container waits tens of seconds for a cold start, which the p95 leaves out",
      "data in and out (0.016 to 0.02 USD a GB) comes on top; a body may have 4 MB at most",
      "serverless was never measured: neither its speed nor whether the memory is enough",
    ],
  };
}
