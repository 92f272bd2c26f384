import { describe, expect, it } from "vitest";
import { parseServerConfig, type ServerConfig } from "../../src/config.js";

function parse(env: Readonly<Record<string, string>>): ServerConfig {
  const parsed = parseServerConfig(env);
  if ("problems" in parsed) throw new Error(parsed.problems.join("\n"));
  return parsed.value;
}

describe("the operators' variables", () => {
  it.each<[string, string, keyof ServerConfig, unknown]>([
    ["WARM_MODEL", "0", "warmModel", false],
    ["EMBED_CACHE_MAX", "0", "cacheEntries", 0],
    ["EMBED_CACHE_MAX", "2000", "cacheEntries", 2000],
    ["GEN_MAX_WORKERS", "2", "decoderWorkers", 2],
    ["DOWNSCALE_MAX", "2048", "downscaleMax", 2048],
    ["GPU_MAX_CONCURRENT_JOBS", "2", "gpuMaxConcurrentJobs", 2],
    ["GPU_VRAM_LIMIT", "7500", "gpuVramLimitMb", 7500],
    ["MODEL_CACHE_DIR", "/models", "modelDir", "/models"],
    ["SAM_FP16", "1", "halfPrecision", true],
  ])("%s=%s works by name", (variable, text, field, value) => {
    expect(parse({ [variable]: text })[field]).toEqual(value);
  });

  it("give way to our own of the same meaning", () => {
    expect(parse({ MODEL_CACHE_DIR: "/models", STYGIG_MODEL_DIR: "/ours" }).modelDir).toBe("/ours");
    expect(parse({ GEN_MAX_WORKERS: "2", STYGIG_DECODER_WORKERS: "3" }).decoderWorkers).toBe(3);
  });

  it.each([
    ["GEN_MAX_WORKERS", "0"],
    ["DOWNSCALE_MAX", "63"],
    ["DOWNSCALE_MAX", "2048px"],
    ["GPU_MAX_CONCURRENT_JOBS", "0"],
    ["GPU_VRAM_LIMIT", "7.5e3"],
    ["STYGIG_EMF", "yes"],
  ])("%s=%s stops the start", (variable, text) => {
    expect(parseServerConfig({ [variable]: text })).toEqual({
      problems: [expect.stringMatching(new RegExp(`^${variable} must be .*, not "${text}"\\.$`))],
    });
  });
});

describe("STYGIG_EMF_DIMENSIONS", () => {
  it("are pairs between commas", () => {
    const { emfDimensions } = parse({ STYGIG_EMF_DIMENSIONS: "EndpointName=look, Stage = live=1" });
    expect(emfDimensions).toEqual({ EndpointName: "look", Stage: "live=1" });
    expect(parse({}).emfDimensions).toBeNull();
  });

  it.each(["look", "=look", "EndpointName=", "A=1,A=2", "A=1,,B=2", "A=\u00e9", ":a=1", "x".repeat(251).concat("=1")])(
    "are not %s",
    (text) => {
      expect(parseServerConfig({ STYGIG_EMF_DIMENSIONS: text })).toHaveProperty("problems");
    },
  );

  it("are no more than CloudWatch takes, the variant's name included", () => {
    const pairs = (count: number) => Array.from({ length: count }, (_, i) => `D${i}=1`).join(",");
    expect(parseServerConfig({ STYGIG_EMF_DIMENSIONS: pairs(29) })).toHaveProperty("value");
    expect(parseServerConfig({ STYGIG_EMF_DIMENSIONS: pairs(30) })).toHaveProperty("problems");
  });
});

describe("names for CloudWatch", () => {
  it.each(["AWS/SageMaker", "a b", "x".repeat(256), "\u00e9"])("are refused as a namespace: %s", (text) => {
    expect(parseServerConfig({ STYGIG_EMF_NAMESPACE: text })).toHaveProperty("problems");
  });

  it.each(["-a", "a-", "a_b", "a b", "a".repeat(64)])("are refused as a variant: %s", (text) => {
    expect(parseServerConfig({ STYGIG_VARIANT_NAME: text })).toHaveProperty("problems");
  });

  it("are taken as the platform takes them", () => {
    const { emfNamespace, variant } = parse({ STYGIG_EMF_NAMESPACE: "Shop/Look.1", STYGIG_VARIANT_NAME: "blue-2" });
    expect({ emfNamespace, variant }).toEqual({ emfNamespace: "Shop/Look.1", variant: "blue-2" });
  });
});
