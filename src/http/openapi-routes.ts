import { errorAnswers } from "./openapi-errors.js";
import { invocations } from "./openapi-invocations.js";
import type { Answer, Examples, Operation, Paths } from "./openapi-operation.js";
import { refTo, type SchemaName } from "./openapi-schemas.js";

const noBody = { description: "Nothing but the status." };

function inJson(description: string, name: SchemaName, value?: unknown): Answer {
  const examples: Examples = { usual: { summary: "As it usually is", value } };
  const schema = refTo(name);
  return { description, content: { "application/json": value === undefined ? { schema } : { schema, examples } } };
}

function inText(description: string, contentType: string): Answer {
  return { description, content: { [contentType]: { schema: { type: "string" } } } };
}

type Told = Pick<Operation, "operationId" | "summary" | "description" | "responses">;

function forPlatform(told: Told): Operation {
  return { tags: ["platform"], ...told };
}

function forOperators(told: Told): Operation {
  return { tags: ["operate"], ...told };
}

const adminServer = {
  url: "http://127.0.0.1:{port}",
  description: "The operator's own listener, on the loopback address alone",
  variables: { port: { default: "8081", description: "`STYGIG_ADMIN_PORT`; without it there is no such listener." } },
};

function forAdmins(told: Told): Operation {
  return { tags: ["operate"], servers: [adminServer], ...told };
}

const state = {
  status: "ready",
  reasons: [],
  requests_in_flight: 0,
  catalog_digest: "a2109e992c06ba65975e38171c65cdc924bab9572e73a62f2b10604ed0820167",
  items: 130,
  index: "faiss",
  encoder: "stygig-lite",
  provider: "cpu",
  precision: "fp32",
  model_digest: "d964a85a473dfb3949a1da0eb265b1057e14ca6b43870198dbdf0cd779d2b6bb",
  degraded: false,
  encoder_rungs: [{ provider: "cpu", model: "fp32", outcome: "chosen", cosine: 0.999999993 }],
  encoder_setting: {
    workers: 2,
    threads: 1,
    optimize_for: "throughput",
    measured: [
      { workers: 2, threads: 1, milliseconds_each: 3.62, images_per_second: 485.99 },
      { workers: 1, threads: 2, milliseconds_each: 2.1, images_per_second: 465.21 },
    ],
    note: null,
  },
  preprocess: "clip-exact-224",
};

const noGpu = {
  available: false,
  reason: "nvidia-smi is not installed",
  vram_allocated: 0,
  vram_reserved: 0,
  vram_total: 0,
  devices: [],
};

const reloaded = {
  status: "reloaded",
  catalog_digest: "a2109e992c06ba65975e38171c65cdc924bab9572e73a62f2b10604ed0820167",
  previous_catalog_digest: "5b0f0a3c1d2e4f5061728394a5b6c7d8e9fa0b1c2d3e4f5061728394a5b6c7d8",
  milliseconds: 286,
};

/** Every path of the API, those of the operator's listener included. */
export const paths: Paths = {
  "/invocations": { post: invocations },
  "/ping": {
    get: forPlatform({
      operationId: "ping",
      summary: "Whether the server is ready",
      description: "Ready means that a picture has gone the whole way. Load is never a reason for 503.",
      responses: {
        "200": noBody,
        "503": { description: "Still loading, stopping, or beyond recovery; `/health` says." },
      },
    }),
  },
  "/execution-parameters": {
    get: forPlatform({
      operationId: "executionParameters",
      summary: "What batch transform asks for",
      description: "How many requests at once, and how large, a batch transform job should send.",
      responses: {
        "200": inJson("As the job's environment and the machine have it.", "ExecutionParameters", {
          MaxConcurrentTransforms: 2,
          MaxPayloadInMB: 6,
        }),
        ...errorAnswers(["internal"]),
      },
    }),
  },
  "/health": {
    get: forOperators({
      operationId: "health",
      summary: "The server's state, with reasons",
      description: "What `/ping` says, for people: why, what is served, and how pictures are encoded.",
      responses: {
        "200": inJson("Ready.", "Health", state),
        "503": inJson("Not ready; `reasons` says why.", "Health"),
        ...errorAnswers(["internal"]),
      },
    }),
  },
  "/metrics": {
    get: forOperators({
      operationId: "metrics",
      summary: "Metrics as Prometheus text",
      description: "The README lists every metric.",
      responses: {
        "200": inText("Everything measured so far.", "text/plain"),
        ...errorAnswers(["internal"]),
      },
    }),
  },
  "/gpu/stats": {
    get: forOperators({
      operationId: "gpuStats",
      summary: "The memory of the GPUs",
      description: "Of all together and of each; on a machine without any, zeros.",
      responses: { "200": inJson("As the driver counts.", "GpuStats", noGpu), ...errorAnswers(["internal"]) },
    }),
  },
  "/openapi.json": {
    get: forOperators({
      operationId: "openApi",
      summary: "This document",
      description: "`stygig openapi` prints the same without a server.",
      responses: {
        "200": {
          description: "OpenAPI 3.1.",
          content: { "application/json": { schema: { type: "object", required: ["openapi", "info", "paths"] } } },
        },
      },
    }),
  },
  "/docs": {
    get: forOperators({
      operationId: "docs",
      summary: "This document as a page",
      description: "Plain HTML: no scripts, nothing from elsewhere.",
      responses: { "200": inText("The page.", "text/html") },
    }),
  },
  "/admin/reload": {
    post: forAdmins({
      operationId: "reload",
      summary: "Serve the artifact that now lies in the folder",
      description: "Requests in progress finish on the old one, which serves on where the new one cannot.",
      responses: {
        "200": inJson("The new artifact is served.", "Reload", reloaded),
        ...errorAnswers(["reload_running", "reload_failed", "not_ready", "shutting_down", "route_unknown", "internal"]),
      },
    }),
  },
  "/admin/config": {
    get: forAdmins({
      operationId: "config",
      summary: "Every setting, and where it comes from",
      description: "The README lists the variables.",
      responses: {
        "200": inJson("In the order of the README.", "Config", { config: { port: { value: 8080, from: "default" } } }),
        ...errorAnswers(["route_unknown", "internal"]),
      },
    }),
  },
};
