import type { Measurement } from "./measurement.js";

/** The one machine that was measured. Every estimate of a CPU instance comes from it. */
export const referenceMeasurement = {
  kind: "measured",
  machine: "virtual machine with two processors of an AMD EPYC (family 26, AVX-512 VNNI); no SageMaker instance",
  instanceType: null,
  mode: "sync",
  precision: "int8",
  lanes: 2,
  sustainedRps: 78.4,
  idleP50Ms: 19.7,
  utilization: 0.7,
  arrivals: "constant",
  p50Ms: 27.1,
  p95Ms: null,
  p99Ms: 53.3,
  date: "2026-11-21",
  commit: "5a2e978",
  note:
    "lscpu shows one thread a core; a guest cannot see whether its host pairs them, so they are counted as two physical " +
    "cores, the cautious reading. ViT-B/32, 13,000 items, JPEG; the load came from the same two processors. One caller " +
    "was measured with both threads on one picture, load with a picture on each. Medians of three and five rounds, of which" +
    " p99 lay between 35 and 68 ms. `npm run bench -- serve`.",
} as const satisfies Measurement;

/** V4's guide on its own server. It has no rate under load and no percentile but the 99th; nothing of ours ran there. */
const v4OnG4dn = {
  kind: "estimated",
  machine: "ml.g4dn.xlarge by V4's guide",
  instanceType: "ml.g4dn.xlarge",
  mode: "sync",
  precision: "fp32",
  lanes: 1,
  sustainedRps: 4,
  idleP50Ms: 230,
  utilization: 0,
  arrivals: "constant",
  p50Ms: 230,
  p95Ms: null,
  p99Ms: 400,
  date: "2026-11-21",
  formula:
    "V4's own claim for its Python server, not ours: 180 to 230 ms a look (the larger taken), p99 400 ms, 250 ms in all " +
    "from look to look: one at a time 1000 / 250 = 4 a second",
} as const satisfies Measurement;

/** What the planner knows without a file: one measured machine and one claim. */
export const shippedMeasurements: readonly Measurement[] = [referenceMeasurement, v4OnG4dn];
