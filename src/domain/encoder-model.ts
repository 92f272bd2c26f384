import { type FieldRule, isJsonObject, type JsonObject, oneOfRule, readFields, textRule } from "./json-fields.js";
import { flagRule, numberRule, numbersRule, optionalRule, partRule, sha256Rule, withoutAbsent } from "./json-rules.js";
import type { PrecisionGate } from "./precision-gate.js";

export type Precision = "fp32" | "fp16" | "int8";

/** Reference embedding of a computed picture, made by that very file; a session below `minCosine` is not used. */
export type EncoderProbe = Readonly<{ pattern: "ramp-v1"; embedding: readonly number[]; minCosine: number }>;

/** A layer that a reduced model keeps in full precision, and why. */
export type LayerInFp32 = Readonly<{ layer: string; reason: string }>;

type ModelFile = Readonly<{
  /** Beside the manifest, and the sha-256 of its bytes in lower-case hex. */
  file: string;
  sha256: string;
  probe: EncoderProbe;
}>;
/** What reducing the weights did; without a gate nobody has looked. */
type Reduced = Readonly<{ gate?: PrecisionGate; layersInFp32?: readonly LayerInFp32[] }>;

/** One file of an encoder: the same network at one precision. Seven bits keep sums from saturating on older CPUs. */
export type EncoderModel =
  | (ModelFile & Readonly<{ precision: "fp32" }>)
  | (ModelFile & Reduced & Readonly<{ precision: "fp16" }>)
  | (ModelFile & Reduced & Readonly<{ precision: "int8"; weightBits: 7 | 8 }>);

export const modelNames = ["fp32", "fp16", "int8", "int8-7bit"] as const;

/** What tells the models of one encoder apart, for people and for labels. */
export function toModelName(model: EncoderModel): (typeof modelNames)[number] {
  return model.precision === "int8" && model.weightBits === 7 ? "int8-7bit" : model.precision;
}

type Fields = Readonly<Record<string, FieldRule>>;

/** How far the written reference may be from length 1: six digits per value stay far inside. */
const probeLengthTolerance = 0.01;
/** Deeper networks than any published encoder; a layer is named once. */
const maxLayers = 10_000;

const plainFileName: FieldRule = {
  expected: "the name of a file beside encoder.json, without folders",
  accepts: (value) => typeof value === "string" && /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(value),
};
const share: FieldRule = numberRule("a number from 0 to 1", (value) => value >= 0 && value <= 1);
const cosine: FieldRule = numberRule("a number from -1 to 1", (value) => value >= -1 && value <= 1);

/** One entry of `models`, with what is wrong with it added to `problems`. `dimension` is null where it is not known. */
export function readModel(path: string, value: unknown, dimension: number | null, problems: string[]): JsonObject {
  const before = problems.length;
  const model = readFields(path, value, modelFields(value), problems);
  // Of what is not an object everything else would be wrong too.
  if (!isJsonObject(value)) return model;
  const probe = readFields(`${path}.probe`, model.probe, probeFields(dimension), problems);
  // Of a dimension that is not known nothing was looked at.
  if (problems.length === before && dimension !== null) problems.push(...probeLengthProblem(path, probe.embedding));
  if (model.gate !== undefined) readGate(`${path}.gate`, model.gate, problems);
  if (Array.isArray(model.layersInFp32)) {
    for (const [i, layer] of model.layersInFp32.entries()) {
      readFields(`${path}.layersInFp32[${i}]`, layer, { layer: textRule(200), reason: textRule(500) }, problems);
    }
  }
  return withoutAbsent({ ...model, probe });
}

function modelFields(value: unknown): Fields {
  const common: Fields = {
    precision: oneOfRule("fp32", "fp16", "int8"),
    file: plainFileName,
    sha256: sha256Rule,
    probe: partRule,
  };
  const precision = isJsonObject(value) ? value.precision : null;
  if (precision !== "fp16" && precision !== "int8") return common;
  const layers: FieldRule = {
    expected: `a list of at most ${maxLayers} layers`,
    accepts: (each) => Array.isArray(each) && each.length <= maxLayers,
  };
  const reduced: Fields = { ...common, gate: partRule, layersInFp32: optionalRule(layers) };
  return precision === "fp16" ? reduced : { ...reduced, weightBits: oneOfRule(8, 7) };
}

function probeFields(dimension: number | null): Fields {
  return {
    pattern: oneOfRule("ramp-v1"),
    embedding:
      dimension === null
        ? { expected: "a list of numbers", accepts: Array.isArray }
        : numbersRule(dimension, "finite numbers, as many as output.dimension says", () => true),
    minCosine: numberRule("a number above 0 and at most 1", (value) => value > 0 && value <= 1),
  };
}

/** A reference of another length would make its cosine meaningless. */
function probeLengthProblem(path: string, embedding: unknown): readonly string[] {
  const length = Math.hypot(...(embedding as readonly number[]));
  if (Math.abs(length - 1) <= probeLengthTolerance) return [];
  return [`${path}.probe.embedding must have length 1, not ${length.toPrecision(4)}.`];
}

function readGate(path: string, value: unknown, problems: string[]): void {
  const photos = numberRule("a whole number of at least 1", (each) => Number.isInteger(each) && each >= 1);
  const gateFields: Fields = {
    passed: flagRule,
    photos,
    cosine: partRule,
    voteAgreement: share,
    topTenOverlap: share,
    thresholds: partRule,
    reference: oneOfRule("fp32"),
  };
  const gate = readFields(path, value, gateFields, problems);
  if (!isJsonObject(value)) return;
  readFields(`${path}.cosine`, gate.cosine, { min: cosine, p1: cosine, median: cosine }, problems);
  readFields(`${path}.thresholds`, gate.thresholds, { voteAgreement: share, medianCosine: cosine }, problems);
}
