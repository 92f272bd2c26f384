import { z } from "zod";
import type { Parsed } from "../../src/domain/parsed.js";

const positive = z.number().positive().finite();

const figures = {
  /** What was measured, in words: an instance type or a machine. */
  machine: z.string().min(1).max(200),
  /** The SageMaker instance type; null for a machine that is none. */
  instanceType: z
    .string()
    .regex(/^ml\.[a-z0-9]+\.[a-z0-9]+$/)
    .nullable(),
  mode: z.enum(["sync", "async", "serverless", "batch"]),
  precision: z.enum(["fp32", "fp16", "int8", "int8-7bit"]),
  /** Pictures worked on side by side: physical cores, or GPU sessions. */
  lanes: z.int().min(1).max(1024),
  /** Most looks a second that were answered without a growing queue. */
  sustainedRps: positive,
  /** Median of one caller alone; null where nobody looked. */
  idleP50Ms: positive.nullable(),
  /** The share of `sustainedRps` at which the percentiles were taken, in [0, 1); 0 is one caller alone. */
  utilization: z.number().min(0).max(0.99),
  /** How looks arrived while they were: at fixed instants, or by chance as strangers' do. */
  arrivals: z.enum(["constant", "poisson"]),
  p50Ms: positive,
  /** Null where it was not written down. */
  p95Ms: positive.nullable(),
  p99Ms: positive,
  date: z.iso.date(),
};

const measured = z.strictObject({
  ...figures,
  kind: z.literal("measured"),
  commit: z.string().regex(/^[0-9a-f]{7,40}$/, "must be a commit of 7 to 40 hexadecimal digits"),
  /** What else a reader must know of the machine or the load. */
  note: z.string().max(1000).optional(),
});

const estimated = z.strictObject({
  ...figures,
  kind: z.literal("estimated"),
  /** How the figures were come by, in words. */
  formula: z.string().min(10).max(1000),
});

const schema = z
  .discriminatedUnion("kind", [measured, estimated])
  .refine(({ p50Ms, p99Ms }) => p50Ms <= p99Ms, { error: "p50Ms must not exceed p99Ms" })
  .refine(({ p50Ms, p95Ms, p99Ms }) => p95Ms === null || (p50Ms <= p95Ms && p95Ms <= p99Ms), {
    error: "p95Ms must lie between p50Ms and p99Ms",
  });

/** What one machine bears and how long it takes, measured or estimated. Times in ms, rates in looks a second. */
export type Measurement = Readonly<z.infer<typeof schema>>;

/** A row that may come from anywhere, or what is wrong with it, one sentence each. */
export function parseMeasurement(row: unknown): Parsed<Measurement> {
  const parsed = schema.safeParse(row);
  if (parsed.success) return { value: parsed.data };
  const [first, ...rest] = parsed.error.issues.map(({ path, message }) => {
    return path.length === 0 ? message : `${path.join(".")}: ${message}`;
  });
  return { problems: [first ?? "not a measurement", ...rest] };
}
