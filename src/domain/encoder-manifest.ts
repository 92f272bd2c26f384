import { modelSide, type PreprocessVersion, preprocessVersions } from "./clip-input.js";
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

type Rule = Readonly<{ expected: string; accepts: (value: unknown) => boolean }>;
type Json = Readonly<Record<string, unknown>>;

const text: Rule = {
  expected: "a text of 1 to 200 printable characters",
  accepts: (value) => typeof value === "string" && /^[^\p{Cc}\p{Cs}]{1,200}$/u.test(value),
};
const plainFileName: Rule = {
  expected: "the name of a file beside encoder.json, without folders",
  accepts: (value) => typeof value === "string" && /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(value),
};
const sha256: Rule = {
  expected: "64 lower-case hex digits",
  accepts: (value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value),
};
const flag: Rule = { expected: "true or false", accepts: (value) => typeof value === "boolean" };

function oneOf(...values: readonly (string | number)[]): Rule {
  return {
    expected: values.map((value) => JSON.stringify(value)).join(" or "),
    accepts: (value) => (typeof value === "string" || typeof value === "number") && values.includes(value),
  };
}

function wholeNumber(min: number, max: number): Rule {
  return {
    expected: `a whole number from ${min} to ${max}`,
    accepts: (value) => Number.isInteger(value) && (value as number) >= min && (value as number) <= max,
  };
}

function numbers(count: number, each: string, accepts: (value: number) => boolean): Rule {
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
  const root = objectAt("", value, rootFields, problems);
  const input = objectAt("input", root.input, inputFields(root), problems);
  const output = objectAt("output", root.output, outputFields, problems);
  const probe = objectAt("probe", root.probe, probeFields(output), problems);
  problems.push(...probeLengthProblem(probe.embedding, problems));
  const [first, ...rest] = problems;
  if (first !== undefined) return { problems: [first, ...rest] };
  // Every field has passed its rule, and no others exist.
  return { value: { ...root, input, output, probe } as unknown as EncoderManifest };
}

type Fields = Readonly<Record<string, Rule | "object">>;

const rootFields: Fields = {
  format: oneOf("stygig-encoder"),
  version: oneOf(1),
  name: text,
  file: plainFileName,
  sha256,
  input: "object",
  preprocess: oneOf(...preprocessVersions),
  output: "object",
  probe: "object",
};

function inputFields(root: Json): Fields {
  const common: Fields = {
    name: text,
    layout: oneOf("nhwc", "nchw"),
    dtype: oneOf("uint8", "float32"),
    // Every preprocess version makes this one square; a graph for another size could never be fed.
    side: oneOf(modelSide),
  };
  if (!isObject(root.input) || root.input.dtype !== "float32") return common;
  return {
    ...common,
    mean: numbers(3, "numbers, one a channel", () => true),
    std: numbers(3, "numbers above 0, one a channel", (each) => each > 0),
  };
}

const outputFields: Fields = { name: text, dimension: wholeNumber(1, maxDimension), normalized: flag };

function probeFields(output: Json): Fields {
  const dimension = outputFields.dimension as Rule;
  const embedding: Rule = dimension.accepts(output.dimension)
    ? numbers(output.dimension as number, "finite numbers, as many as output.dimension says", () => true)
    : { expected: "a list of numbers", accepts: Array.isArray };
  return {
    pattern: oneOf("ramp-v1"),
    embedding,
    minCosine: {
      expected: "a number above 0 and at most 1",
      accepts: (value) => typeof value === "number" && value > 0 && value <= 1,
    },
  };
}

/** The object with its known fields only; what is missing, wrong or unknown becomes a problem. */
function objectAt(path: string, value: unknown, fields: Fields, problems: string[]): Json {
  const at = (field: string) => (path === "" ? field : `${path}.${field}`);
  if (!isObject(value)) {
    problems.push(`${path === "" ? "the manifest" : path} must be an object.`);
    return {};
  }
  for (const field of Object.keys(value)) {
    if (!Object.hasOwn(fields, field)) problems.push(`${at(field)} is not a field of this format here.`);
  }
  const known: Record<string, unknown> = {};
  for (const [field, rule] of Object.entries(fields)) {
    known[field] = Object.hasOwn(value, field) ? value[field] : undefined;
    if (rule === "object" || rule.accepts(known[field])) continue;
    const found = known[field] === undefined ? "it is missing" : `not ${shown(known[field])}`;
    problems.push(`${at(field)} must be ${rule.expected}: ${found}.`);
  }
  return known;
}

/** A reference of another length would make its cosine meaningless. Silent while other problems hide the answer. */
function probeLengthProblem(embedding: unknown, problems: readonly string[]): readonly string[] {
  if (problems.length > 0) return [];
  const length = Math.hypot(...(embedding as readonly number[]));
  if (Math.abs(length - 1) <= probeLengthTolerance) return [];
  return [`probe.embedding must have length 1, not ${length.toPrecision(4)}.`];
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value as a sentence can hold it. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value);
  return String(value);
}
