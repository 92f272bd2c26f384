import { describe, expect, it } from "vitest";
import { parseServerConfig, type ServerConfig, settings, toMaxBodyBytes, toOrigins } from "../../src/config.js";

type Environment = Parameters<typeof parseServerConfig>[0];

function configOf(environment: Environment): ServerConfig {
  const parsed = parseServerConfig(environment);
  if ("problems" in parsed) throw new Error(parsed.problems.join(" "));
  return parsed.value;
}

function problemsOf(environment: Environment): readonly string[] {
  const parsed = parseServerConfig(environment);
  return "problems" in parsed ? parsed.problems : [];
}

describe("the server's configuration", () => {
  it("has a default for everything, and is frozen", () => {
    const config = configOf({ PATH: "/bin", AWS_REGION: "eu-west-1" });
    expect(config).toMatchObject({
      port: 8080,
      modelDir: "/opt/ml/model",
      index: "auto",
      requestTimeoutMs: "auto",
      drainTimeoutMs: 22_000,
    });
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.keys(config).sort()).toEqual(Object.keys(settings).sort());
  });

  it.each([
    [{ PORT: "9000" }, 9000],
    [{ SAGEMAKER_BIND_TO_PORT: "9123", PORT: "9000" }, 9123],
    [{ SAGEMAKER_BIND_TO_PORT: " ", PORT: "9000" }, 9000],
    [{ SAGEMAKER_BIND_TO_PORT: "", PORT: "" }, 8080],
  ])("listens by %j on %i", (environment, port) => {
    expect(configOf(environment).port).toBe(port);
  });

  it.each([
    ["8443", { STYGIG_ADMIN_PORT: "8443" }],
    ["9130", { STYGIG_ADMIN_PORT: "9130", SAGEMAKER_SAFE_PORT_RANGE: "9124-9130" }],
    ["0", { STYGIG_ADMIN_PORT: "0", PORT: "0" }],
  ])("has its admin routes on %s by %j", (port, environment) => {
    expect(configOf(environment).adminPort).toBe(Number(port));
  });

  it.each([
    [{ STYGIG_ADMIN_PORT: "9131", SAGEMAKER_SAFE_PORT_RANGE: "9124-9130" }, /SAFE_PORT_RANGE, 9124-9130, not 9131\.$/],
    [{ STYGIG_ADMIN_PORT: "0", SAGEMAKER_SAFE_PORT_RANGE: "9124-9130" }, /SAFE_PORT_RANGE, 9124-9130, not 0\.$/],
    [{ STYGIG_ADMIN_PORT: "8080" }, /^STYGIG_ADMIN_PORT must not be the port of the server, 8080\.$/],
  ])("refuses an admin port that the platform does not allow: %j", (environment, problem) => {
    expect(problemsOf(environment)).toEqual([expect.stringMatching(problem)]);
  });

  it.each([
    ["PORT", "12abc"],
    ["PORT", "1e3"],
    ["PORT", "65536"],
    ["PORT", "-1"],
    ["PORT", "0x50"],
    ["STYGIG_MAX_IN_FLIGHT", "0"],
    ["STYGIG_MAX_IN_FLIGHT", "1.5"],
    ["STYGIG_ENCODER_WORKERS", "some"],
    ["ENCODER_THREADS", "0"],
    ["EXECUTION_PROVIDERS", "cuda,gpu"],
    ["EXECUTION_PROVIDERS", "cuda,,cpu"],
    ["EXECUTION_PROVIDERS", "cpu,cuda,cpu"],
    ["EXECUTION_PROVIDERS", "auto,cpu"],
    ["STYGIG_PRECISION", "int4"],
    ["CLIP_FP16", "half"],
    ["FALLBACK", "cpu"],
    ["OPTIMIZE_FOR", "cost"],
    ["WARM_MODEL", "yes"],
    ["STYGIG_MAX_BODY_BYTES", "25MB"],
    ["STYGIG_REQUEST_TIMEOUT_MS", "99999999999999999999"],
    ["INDEX", "hnsw"],
    ["SAGEMAKER_BATCH", "yes"],
    ["SAGEMAKER_SAFE_PORT_RANGE", "23999-23000"],
    ["STYGIG_LOG_LEVEL", "loud"],
  ])("refuses %s=%s, naming both", (variable, text) => {
    expect(problemsOf({ [variable]: text })).toEqual([expect.stringMatching(`^${variable} must be .*"${text}"`)]);
  });

  it("lists every problem at once, a misspelt variable of ours among them", () => {
    const problems = problemsOf({ PORT: "x", STYGIG_MAX_INFLIGHT: "3", STYGIG_LOG_LEVEL: "loud", OTHER: "x" });
    expect(problems).toHaveLength(3);
    expect(problems.at(-1)).toBe("STYGIG_MAX_INFLIGHT is not a variable of this server.");
  });

  it("leaves alone what the deploy commands read", () => {
    expect(problemsOf({ STYGIG_IMAGE_URI: "registry/stygig:1" })).toEqual([]);
  });

  it("takes words in any case, and what the platform's local mode writes", () => {
    expect(configOf({ INDEX: "Exact", SAGEMAKER_BATCH: "True", STYGIG_ENCODER_WORKERS: "AUTO" })).toMatchObject({
      index: "exact",
      isBatch: true,
      encoderWorkers: "auto",
    });
    expect(configOf({ SAGEMAKER_SAFE_PORT_RANGE: "23000-23999" }).safePortRange).toEqual({ low: 23_000, high: 23_999 });
  });

  it("takes providers in the order given, and switches as the operators' guides write them", () => {
    expect(configOf({ EXECUTION_PROVIDERS: "CUDA, cpu" }).executionProviders).toEqual(["cuda", "cpu"]);
    expect(configOf({ STYGIG_EXECUTION_PROVIDERS: "cpu", EXECUTION_PROVIDERS: "cuda" }).executionProviders).toEqual([
      "cpu",
    ]);
    expect(configOf({ EXECUTION_PROVIDERS: "AUTO" }).executionProviders).toBe("auto");
    expect(configOf({ SAM_FP16: "1" }).halfPrecision).toBe(true);
    expect(configOf({ CLIP_FP16: "0", SAM_FP16: "1" }).halfPrecision).toBe(false);
    expect(configOf({ WARM_MODEL: "0" }).warmModel).toBe(false);
    expect(configOf({}).warmModel).toBe(true);
  });

  it("prefers our name of the index's variable", () => {
    expect(configOf({ STYGIG_INDEX: "exact", INDEX: "faiss" }).index).toBe("exact");
  });

  it("says where each value came from", () => {
    const origins = toOrigins({ PORT: "9000", STYGIG_MAX_PIXELS: "5", STYGIG_LOG_LEVEL: " " });
    expect(origins).toMatchObject({ port: "PORT", maxPixels: "STYGIG_MAX_PIXELS", logLevel: "default" });
  });

  it("gives no variable to two settings", () => {
    const variables = Object.values(settings).flatMap((setting) => [...setting.variables]);
    expect(new Set(variables).size).toBe(variables.length);
  });
});

describe("the largest body", () => {
  const mebibyte = 1024 * 1024;
  it.each([
    [{}, 25 * mebibyte],
    [{ SAGEMAKER_BATCH: "true" }, 100 * mebibyte],
    [{ SAGEMAKER_BATCH: "true", SAGEMAKER_MAX_PAYLOAD_IN_MB: "7" }, 7 * mebibyte],
    [{ SAGEMAKER_BATCH: "true", SAGEMAKER_MAX_PAYLOAD_IN_MB: "0" }, 100 * mebibyte],
    [{ SAGEMAKER_MAX_PAYLOAD_IN_MB: "7", STYGIG_MAX_BODY_BYTES: "2048" }, 2048],
  ])("follows %j", (environment, bytes) => {
    expect(toMaxBodyBytes(configOf(environment))).toBe(bytes);
  });
});
