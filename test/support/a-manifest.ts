import type { EncoderManifest } from "../../src/domain/encoder-manifest.js";
import type { EncoderModel, EncoderProbe } from "../../src/domain/encoder-model.js";
import type { PrecisionGate } from "../../src/domain/precision-gate.js";

const probe: EncoderProbe = { pattern: "ramp-v1", embedding: [0.6, 0, -0.8, 0], minCosine: 0.99 };

type ModelOf<Which extends EncoderModel["precision"]> = Extract<EncoderModel, Readonly<{ precision: Which }>>;

/** A valid manifest of a graph with four outputs; no file belongs to it. */
export function aManifest(changes: Partial<EncoderManifest> = {}): EncoderManifest {
  return {
    format: "stygig-encoder",
    version: 2,
    name: "a manifest",
    input: { name: "pixels", layout: "nhwc", dtype: "uint8", side: 224 },
    preprocess: "clip-exact-224",
    output: { name: "embedding", dimension: 4, normalized: true },
    models: [anFp32Model()],
    ...changes,
  };
}

export function anFp32Model(changes: Partial<EncoderModel> = {}): EncoderModel {
  return {
    precision: "fp32",
    file: "model.onnx",
    sha256: "0f".repeat(32),
    probe,
    ...changes,
  } as EncoderModel;
}

export function anFp16Model(gate: PrecisionGate | null = aGate()): ModelOf<"fp16"> {
  const file = { file: "model.fp16.onnx", sha256: "16".repeat(32), probe };
  return { precision: "fp16", ...file, ...(gate === null ? {} : { gate }) };
}

/** `gate`: null for a model that nobody has looked at. */
export function anInt8Model(weightBits: 7 | 8 = 8, gate: PrecisionGate | null = aGate()): ModelOf<"int8"> {
  const file = { file: `model.int8.${weightBits}.onnx`, sha256: `0${weightBits}`.repeat(32), probe };
  return { precision: "int8", weightBits, ...file, ...(gate === null ? {} : { gate }) };
}

export function aGate(passed = true): PrecisionGate {
  return {
    passed,
    photos: 300,
    cosine: { min: 0.98, p1: 0.985, median: 0.995 },
    voteAgreement: passed ? 0.993 : 0.9,
    topTenOverlap: 0.95,
    thresholds: { voteAgreement: 0.99, medianCosine: 0.99 },
    reference: "fp32",
  };
}
