import { z } from "zod";

// What the routes beside `/invocations` answer, for the document of the routes and its tests.

const name = z.string().nullable();

const encoderRung = z.strictObject({
  provider: z.string(),
  model: name.describe("Null where the provider itself was refused."),
  outcome: z.enum(["chosen", "refused", "ruled_out"]),
  cosine: z.number().min(-1).max(1).optional().describe("Of its answer about a known picture to the reference."),
  reason: z.string().optional().describe("Why it is not in use."),
});

const encoderSetting = z.strictObject({
  workers: z.int().min(1),
  threads: z.int().min(1),
  optimize_for: z.enum(["latency", "throughput"]),
  measured: z.array(
    z.strictObject({
      workers: z.int().min(1),
      threads: z.int().min(1),
      milliseconds_each: z.number().min(0),
      images_per_second: z.number().min(0),
    }),
  ),
  note: name,
});

/** `GET /health`. */
export const healthSchema = z.strictObject({
  status: z.enum(["loading", "ready", "failing", "stopping"]),
  reasons: z.array(z.string()).describe("Why `/ping` is not 200, one sentence each."),
  requests_in_flight: z.int().min(0),
  catalog_digest: name.describe("Null, as all that follows, while nothing is loaded."),
  items: z.int().min(1).nullable(),
  index: z.enum(["faiss", "exact", "codes"]).nullable(),
  encoder: name,
  provider: name,
  precision: name,
  model_digest: name,
  degraded: z.boolean().nullable().describe("Whether a better way to encode failed."),
  preprocess: name,
  encoder_rungs: z.array(encoderRung).optional().describe("The ways to encode that were tried or ruled out, in order."),
  encoder_setting: encoderSetting.optional(),
});

const megabytes = z.number().min(0).nullable().describe("In MB of 2^20 bytes; null where the driver does not say.");
const gpuMemory = { vram_allocated: megabytes, vram_reserved: megabytes, vram_total: megabytes };

/** `GET /gpu/stats`. */
export const gpuStatsSchema = z.strictObject({
  available: z.boolean(),
  reason: name.describe("Why nothing is known of any GPU."),
  ...gpuMemory,
  devices: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      ...gpuMemory,
      utilization: z.number().min(0).max(1).nullable(),
    }),
  ),
});

/** `GET /execution-parameters`, in the platform's own spelling. */
export const executionParametersSchema = z.strictObject({
  MaxConcurrentTransforms: z.int().min(1),
  MaxPayloadInMB: z.int().min(1).max(100),
  BatchStrategy: z
    .enum(["MULTI_RECORD", "SINGLE_RECORD"])
    .optional()
    .describe("The job's own; left out where it has none, because the usual one is right."),
});

/** `POST /admin/reload`. */
export const reloadSchema = z.strictObject({
  status: z.literal("reloaded"),
  catalog_digest: z.string(),
  previous_catalog_digest: z.string(),
  milliseconds: z.int().min(0),
});

/** `GET /admin/config`. */
export const configSchema = z.strictObject({
  config: z.record(
    z.string(),
    z.strictObject({ value: z.unknown(), from: z.string().describe("A variable, or `default`.") }),
  ),
});
