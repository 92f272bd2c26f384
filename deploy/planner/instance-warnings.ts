import type { Demand, Mode } from "./demand.js";
import { creditedPrecision } from "./estimate.js";
import type { InstanceFacts } from "./instance-facts.js";
import type { Measurement } from "./measurement.js";
import type { Price } from "./prices.js";

/** The driver of this image serves CUDA 13, which the GPU image is linked against. */
const cuda13Ami = "al2023-ami-sagemaker-inference-gpu-4-1";
/** GPU families whose default driver is too old for it: 470 on g4dn and g5, 535 on g6 and g6e. */
const oldDrivers: Readonly<Record<string, string>> = { g4dn: "470", g5: "470", g6: "535", g6e: "535" };

type Chosen = Readonly<{
  instance: InstanceFacts;
  count: number;
  mode: Mode;
  row: Measurement;
  price: Price;
  demand: Demand;
}>;

/** What whoever takes this quote must know, a sentence each. */
export function instanceWarnings({ instance, count, mode, row, price, demand }: Chosen): readonly string[] {
  return [
    ...evidenceWarnings(instance, row, price),
    ...(instance.gpu === null ? cpuWarnings(instance, demand) : gpuWarnings(instance)),
    ...fleetWarnings(instance, count, mode),
  ];
}

function evidenceWarnings({ type }: InstanceFacts, row: Measurement, price: Price): readonly string[] {
  const warnings: string[] = [];
  if (row.kind === "estimated") {
    warnings.push(`${type} was not measured: try it with stygig loadtest --save-measurement before relying on it`);
  }
  if (price.trust !== "high") {
    warnings.push(`the price of ${type} is of ${price.trust} trust (${price.source}): look it up`);
  }
  return warnings;
}

function cpuWarnings({ type, features, architecture }: InstanceFacts, demand: Demand): readonly string[] {
  const warnings: string[] = [];
  if (features === "none" && demand.precision === "int8") {
    warnings.push(`${type} may come without VNNI: int8 then needs its seven-bit model and its speed is not known`);
  }
  if (architecture === "arm64") warnings.push(`${type} is Graviton: the image must be built for arm64`);
  if (demand.precision === "int8" && creditedPrecision({ features }, "int8") === "int8") {
    warnings.push("int8 serves only where its gate passed on your weights; otherwise plan with --precision fp32");
  }
  return warnings;
}

function gpuWarnings({ type }: InstanceFacts): readonly string[] {
  const warnings = [`new accounts often have a quota of 0 for ${type}: ask for it before deploying`];
  const driver = oldDrivers[type.split(".")[1] ?? ""];
  if (driver === undefined) return warnings;
  return [...warnings, `${type} runs driver ${driver} unless InferenceAmiVersion is ${cuda13Ami}`];
}

function fleetWarnings({ type }: InstanceFacts, count: number, mode: Mode): readonly string[] {
  if (mode === "batch") return [];
  const warnings: string[] = [];
  if (count === 1 && mode === "sync") {
    warnings.push("one instance: while it is replaced nobody is served; two stand in two zones");
  }
  warnings.push(`a blue/green update needs a quota of ${2 * count} for ${type}`);
  return warnings;
}
