import { type PreprocessVersion, parsePreprocessVersion, preprocessRule } from "./clip-input.js";
import {
  type FieldRule,
  isJsonObject,
  type JsonObject,
  oneOfRule,
  readFields,
  textRule,
  wholeNumberRule,
} from "./json-fields.js";
import type { Parsed } from "./parsed.js";

/** Red, green, blue. */
export type PerChannel = readonly [number, number, number];

/**
 * The tensor a graph takes: [n, side, side, 3] (`nhwc`) or [n, 3, side, side] (`nchw`).
 * A `uint8` graph gets the pixels as they are; a `float32` graph gets (pixel / 255 - mean) / std per channel.
 */
export type EncoderInput = Readonly<{ name: string; layout: "nhwc" | "nchw"; side: number }> &
  (Readonly<{ dtype: "uint8" }> | Readonly<{ dtype: "float32"; mean: PerChannel; std: PerChannel }>);

/** `encoder.json`: everything the server must know to run a model file and to prove that it is the right one. */
export type EncoderManifest = Readonly<{
  format: "stygig-encoder";
  version: 1;
  name: string;
  /** Model file beside the manifest, and the sha-256 of its bytes in lower-case hex. */
  file: string;
  sha256: string;
  input: EncoderInput;
  preprocess: PreprocessVersion;
  /** The graph gives [n, dimension] float32; `normalized` says that its rows already have length 1. */
  output: Readonly<{ name: string; dimension: number; normalized: boolean }>;
  /** Reference embedding of a computed picture; below `minCosine` on the provider in use the encoder refuses to start. */
  probe: Readonly<{ pattern: "ramp-v1"; embedding: readonly number[]; minCosine: number }>;
}>;

/** Wider than any published image encoder by far; a typing error should not become an allocation. */
const maxDimension = 16_384;
/** How far the written reference may be from length 1: six digits per value stay far inside. */
const probeLengthTolerance = 0.01;

const text = textRule(200);
/** A part with fields of its own, which its own rules look at. */
const part: FieldRule = { expected: "an object", accepts: () => true };
const plainFileName: FieldRule = {
  expected: "the name of a file beside encoder.json, without folders",
  accepts: (value) => typeof value === "string" && /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(value),
};
const sha256: FieldRule = {
  expected: "64 lower-case hex digits",
  accepts: (value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value),
};
const flag: FieldRule = { expected: "true or false", accepts: (value) => typeof value === "boolean" };

function numbers(count: number, each: string, accepts: (value: number) => boolean): FieldRule {
  const fits = (value: unknown) => typeof value === "number" && Number.isFinite(value) && accepts(value);
  return {
    expected: `a list of ${count} ${each}`,
    accepts: (value) => Array.isArray(value) && value.length === count && Array.from(value).every(fits),
  };
}

/**
 * `encoder.json` as parsed JSON -> the manifest, or every problem at once, one sentence each. Strict: unknown fields
 * are problems, so that a misspelt `mean` cannot be passed over. Never throws.
 */
export function parseEncoderManifest(value: unknown): Parsed<EncoderManifest> {
  const problems: string[] = [];
  const root = readFields("", value, rootFields, problems);
  const input = readFields("input", root.input, inputFields(root), problems);
  const output = readFields("output", root.output, outputFields, problems);
  const probe = readFields("probe", root.probe, probeFields(output), problems);
  problems.push(...probeLengthProblem(probe.embedding, problems));
  const [first, ...rest] = problems;
  if (first !== undefined) return { problems: [first, ...rest] };
  // Every field has passed its rule, and no others exist.
  return { value: { ...root, input, output, probe } as unknown as EncoderManifest };
}

type Fields = Readonly<Record<string, FieldRule>>;

const rootFields: Fields = {
  format: oneOfRule("stygig-encoder"),
  version: oneOfRule(1),
  name: text,
  file: plainFileName,
  sha256,
  input: part,
  preprocess: preprocessRule,
  output: part,
  probe: part,
};

function inputFields(root: JsonObject): Fields {
  const common: Fields = {
    name: text,
    layout: oneOfRule("nhwc", "nchw"),
    dtype: oneOfRule("uint8", "float32"),
    side: sideRule(root.preprocess),
  };
  if (!isJsonObject(root.input) || root.input.dtype !== "float32") return common;
  return {
    ...common,
    mean: numbers(3, "numbers, one a channel", () => true),
    std: numbers(3, "numbers above 0, one a channel", (each) => each > 0),
  };
}

/** A graph for another square than the preprocess version makes could never be fed. Silent about an unknown version. */
function sideRule(preprocess: unknown): FieldRule {
  const made = parsePreprocessVersion(preprocess);
  if (made === null) return { expected: "a whole number", accepts: Number.isInteger };
  return { expected: `${made.side}, the side of ${preprocess}`, accepts: (value) => value === made.side };
}

const outputFields: Fields = { name: text, dimension: wholeNumberRule(1, maxDimension), normalized: flag };

function probeFields(output: JsonObject): Fields {
  const dimension = outputFields.dimension as FieldRule;
  const embedding: FieldRule = dimension.accepts(output.dimension)
    ? numbers(output.dimension as number, "finite numbers, as many as output.dimension says", () => true)
    : { expected: "a list of numbers", accepts: Array.isArray };
  return {
    pattern: oneOfRule("ramp-v1"),
    embedding,
    minCosine: {
      expected: "a number above 0 and at most 1",
      accepts: (value) => typeof value === "number" && value > 0 && value <= 1,
    },
  };
}

/** A reference of another length would make its cosine meaningless. Silent while other problems hide the answer. */
function probeLengthProblem(embedding: unknown, problems: readonly string[]): readonly string[] {
  if (problems.length > 0) return [];
  const length = Math.hypot(...(embedding as readonly number[]));
  if (Math.abs(length - 1) <= probeLengthTolerance) return [];
  return [`probe.embedding must have length 1, not ${length.toPrecision(4)}.`];
}
