import type { InstanceFacts } from "./instance-facts.js";
import { erlangC, fitLatency, type LatencyModel } from "./latency-model.js";
import type { Measurement } from "./measurement.js";

/** Pictures a second of the encoder alone on the reference machine, two lanes (docs/encoders.md, 2026-11-21). */
const encoderAlone = { int8: 130.6, fp32: 40.3 } as const;

export type Precision = keyof typeof encoderAlone;

/** How fast a core is on a look, the reference's int8 being 1: what is not the encoder takes as long at any precision. */
export function coreSpeed(reference: Measurement, precision: Precision): number {
  const lookMs = (1000 * reference.lanes) / reference.sustainedRps;
  const encoderMs = (1000 * reference.lanes) / encoderAlone.int8;
  const slowerEncoderMs = (1000 * reference.lanes) / encoderAlone[precision];
  return lookMs / (lookMs - encoderMs + slowerEncoderMs);
}

/** The precision whose speed an instance is credited with: int8 where it has been timed, on x64 with VNNI. */
export function creditedPrecision({ features }: Pick<InstanceFacts, "features">, wanted: Precision): Precision {
  return wanted === "int8" && (features === "vnni" || features === "amx") ? "int8" : "fp32";
}

/**
 * What a CPU instance would do if its physical cores were the reference machine's: rates by cores, times as they are,
 * both by the speed of its precision. Null for a GPU: no look of ours has been timed on one.
 */
export function estimateInstance(
  instance: InstanceFacts,
  wanted: Precision,
  reference: Measurement,
): Measurement | null {
  if (instance.gpu !== null) return null;
  const precision = creditedPrecision(instance, wanted);
  const speed = coreSpeed(reference, precision);
  const perCore = (reference.sustainedRps / reference.lanes) * speed;
  const lanes = instance.physicalCores;
  const model = scaledModel(fitLatency(reference), lanes, speed);
  const { utilization } = reference;
  const meanWaitMs = (model.serviceMs * constantVariability(model)) / (lanes * (1 - utilization));
  const baseMs = model.idleMs + model.slopeMs * utilization;
  const waitMs = (share: number) => meanWaitMs * Math.max(0, Math.log(erlangC(lanes, utilization) / (1 - share)));
  return {
    kind: "estimated",
    machine: instance.type,
    instanceType: instance.type,
    mode: reference.mode,
    precision,
    lanes,
    sustainedRps: perCore * lanes,
    idleP50Ms: model.idleMs,
    utilization,
    arrivals: "constant",
    p50Ms: baseMs + waitMs(0.5),
    p95Ms: baseMs + waitMs(0.95),
    p99Ms: baseMs + waitMs(0.99),
    date: reference.date,
    formula: formulaOf(instance, wanted, precision, perCore, speed),
  };
}

function scaledModel(model: LatencyModel, lanes: number, speed: number): LatencyModel {
  const { serviceMs, idleMs, slopeMs } = model;
  return { ...model, serviceMs: serviceMs / speed, idleMs: idleMs / speed, slopeMs: slopeMs / speed, lanes };
}

/** The queue's variability had looks come at fixed instants, as on the reference machine. */
function constantVariability({ variability }: LatencyModel): number {
  return (2 * variability - 1) / 2;
}

function formulaOf(
  { physicalCores, vcpus, architecture, features }: InstanceFacts,
  wanted: Precision,
  precision: Precision,
  perCore: number,
  speed: number,
): string {
  const cores =
    architecture === "arm64"
      ? `${physicalCores} cores (each vCPU of Graviton is one)`
      : `${physicalCores} physical ${physicalCores === 1 ? "core" : "cores"} (half of ${vcpus} vCPUs)`;
  const slower =
    wanted === precision
      ? ""
      : features === "dot-product"
        ? "; int8 was never timed on arm64, so fp32's speed is taken"
        : "; int8 was never timed without VNNI, so fp32's speed is taken";
  return (
    `${cores} x ${perCore.toFixed(1)} looks a second, the reference machine's rate per core at ${precision} ` +
    `(${speed.toFixed(2)} of its int8)${slower}; as if the cores were as fast as the reference's`
  );
}
