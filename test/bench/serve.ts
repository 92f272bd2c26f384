import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { modelsIn, provideModels } from "./encoder/models.js";
import { atLeast, atMost } from "./harness/bar.js";
import { versionOf } from "./harness/machine.js";
import { median, shown } from "./harness/quantile.js";
import { type RawFigures, ratioOf, summarizeAll } from "./harness/rounds.js";
import { type BenchRun, type Measured, runBench, type Variant } from "./harness/run-bench.js";
import { catalogItems, provideArtifact } from "./serve/artifact.js";
import { measureParts, partNames } from "./serve/parts.js";
import { measureAutoStart, measureGrowth, measureLoad, measureOneCaller } from "./serve/phases.js";
import { latencySetting, type ServeSetting, throughputSetting } from "./serve/settings.js";

// `npm run bench -- serve`: the built server with ViT-B/32 in int8 (random weights) and a catalog of 13,000 items, over
// HTTP on this machine, by unique JPEGs of 400x533: one caller, all it can bear, four times as much, and its memory over
// 20,000 requests. Beside it what each part of a request costs alone, with the same workers and threads.
const cores = availableParallelism();
/** A round of these takes minutes. */
const loadRounds = 3;

const partCalls = { warmUps: 20, timed: 150, busyCalls: 200 };
const shortPartCalls = { warmUps: 1, timed: 3, busyCalls: 6 };

const partsOf =
  (setting: ServeSetting): Variant =>
  async ({ short, parameters }) => {
    const parts = await measureParts(parameters[0]!, modelsIn(parameters[1]!), {
      setting,
      ...(short ? shortPartCalls : partCalls),
    });
    const sum = (of: "p50Ms" | "cpuMs") => partNames.reduce((total, name) => total + parts[name][of], 0);
    return {
      ...Object.fromEntries(partNames.map((name) => [`${name}, p50 in ms`, parts[name].p50Ms])),
      ...Object.fromEntries(partNames.map((name) => [`${name}, processor ms`, parts[name].cpuMs])),
      sumP50Ms: sum("p50Ms"),
      sumCpuMs: sum("cpuMs"),
    };
  };

const variants = {
  "parts, latency setting": partsOf(latencySetting(cores)),
  "one caller, latency setting": measureOneCaller(latencySetting(cores)),
  "start, settings by auto": measureAutoStart,
  "parts, throughput setting": partsOf(throughputSetting(cores)),
  "full load, throughput setting": measureLoad(throughputSetting(cores)),
  "20,000 requests, throughput setting": measureGrowth(throughputSetting(cores)),
} as const satisfies Readonly<Record<string, Variant>>;

async function measure({ inRounds }: BenchRun): Promise<Measured> {
  const models = await provideModels();
  const parameters = [await provideArtifact(modelsIn(models).ours), models];
  const raw: RawFigures = {
    ...(await inRounds(Object.keys(variants).slice(0, 3), parameters)),
    ...(await inRounds(Object.keys(variants).slice(3, 5), parameters, loadRounds)),
    ...(await inRounds(Object.keys(variants).slice(5), parameters, 1)),
  };
  const { photo } = modelsIn(models);
  const { figures, bars } = conclude(raw);
  const libraries = { "onnxruntime-node": versionOf("onnxruntime-node"), sharp: versionOf("sharp") };
  return { figures: { catalogItems, photoBytes: readFileSync(photo).length, ...figures }, bars, libraries };
}

function conclude(raw: RawFigures): Pick<Measured, "figures" | "bars"> {
  const of = (variant: keyof typeof variants, figure: string): readonly number[] => raw[variant]![figure]!;
  const middle = (variant: keyof typeof variants, figure: string) => shown(median(of(variant, figure)));
  const [one, load, growth] = [
    "one caller, latency setting",
    "full load, throughput setting",
    "20,000 requests, throughput setting",
  ] as const;
  const latencyModel = of("parts, latency setting", "model, p50 in ms");
  const busyModel = of("parts, throughput setting", "model, processor ms");
  // What the parts' processor time allows on these cores, less what the load generator takes of them.
  const allowed = (cpuMs: readonly number[], ownShare: readonly number[]) =>
    cpuMs.map((each, round) => (1000 * cores * (1 - ownShare[round]!)) / each);
  const sustained = of(load, "sustained per second");
  const ownShare = of(load, "load generator's share, sustained");
  const allowedByParts = allowed(of("parts, throughput setting", "sumCpuMs"), ownShare);
  const worst = (figure: string) => shown(Math.max(...of(load, figure)));
  return {
    figures: {
      ...summarizeAll(raw),
      ratios: {
        "one caller's p50 over the model alone": ratioOf(of(one, "p50 in ms"), latencyModel),
        "sustained over what the model alone allows": ratioOf(sustained, allowed(busyModel, ownShare)),
      },
    },
    bars: [
      atMost("single_p50_over_parts", ratioOf(of(one, "p50 in ms"), of("parts, latency setting", "sumP50Ms")), 1.15),
      atLeast("sustained_over_parts", ratioOf(sustained, allowedByParts), 0.85),
      atMost("rank_p50_ms", middle(one, "by an item's own embedding, p50 in ms"), 3),
      atMost("cached_p50_ms", middle(one, "known picture, p50 in ms"), 4),
      atLeast("overload_goodput_ratio", ratioOf(of(load, "goodput at 4 x, per second"), sustained), 0.85),
      atMost("overload_reject_p99_ms", middle(load, "refusal at 4 x, p99 in ms"), 50),
      atMost("overload_ping_p99_ms", middle(load, "ping at 4 x, p99 in ms"), 50),
      atMost("event_loop_p99_ms", middle(load, "event loop, p99 in ms"), 20),
      atMost("overload_5xx", worst("neither 200 nor 429 at 4 x"), 0),
      atMost("ready_ms", middle(one, "start to ready, ms"), 1800),
      atMost("rss_growth_ratio", ratioOf(of(growth, "MB up to 20,000"), of(growth, "MB up to 2,000")), 1.03),
    ],
  };
}

await runBench(import.meta.url, { name: "serve", variants, measure });
