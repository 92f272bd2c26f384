import { type PreprocessVersion, parsePreprocessVersion, preprocessRule } from "./clip-input.js";
import { type EncoderModel, readModel, toModelName } from "./encoder-model.js";
import {
  type FieldRule,
  isJsonObject,
  type JsonObject,
  oneOfRule,
  readFields,
  textRule,
  wholeNumberRule,
} from "./json-fields.js";
import { flagRule, numbersRule, optionalRule, partRule, sha256Rule, withoutAbsent } from "./json-rules.js";
import type { Parsed } from "./parsed.js";

/** Red, green, blue. */
export type PerChannel = readonly [number, number, number];

/**
 * The tensor a graph takes: [n, side, side, 3] (`nhwc`) or [n, 3, side, side] (`nchw`).
 * A `uint8` graph gets the pixels as they are; a `float32` graph gets (pixel / 255 - mean) / std per channel.
 */
export type EncoderInput = Readonly<{ name: string; layout: "nhwc" | "nchw"; side: number }> &
  (Readonly<{ dtype: "uint8" }> | Readonly<{ dtype: "float32"; mean: PerChannel; std: PerChannel }>);

/** Where the weights come from. */
export type EncoderSource = Readonly<{ architecture: string; checkpointSha256?: string; revision?: string }>;

/** `encoder.json`: everything the server must know to run a network's model files and to prove that they are the right ones. */
export type EncoderManifest = Readonly<{
  format: "stygig-encoder";
  version: 2;
  name: string;
  input: EncoderInput;
  preprocess: PreprocessVersion;
  /** The graph gives [n, dimension] float32; `normalized` says that its rows already have length 1. */
  output: Readonly<{ name: string; dimension: number; normalized: boolean }>;
  /** The same network at one precision or several, each in a file of its own; no two of them bear the same name. */
  models: readonly [EncoderModel, ...EncoderModel[]];
  source?: EncoderSource;
}>;

export const encoderFormat = "stygig-encoder";
export const encoderVersion = 2;

/** Wider than any published image encoder by far; a typing error should not become an allocation. */
const maxDimension = 16_384;
/** As many as there are names for models. */
const maxModels = 4;

const text = textRule(200);

/**
 * `encoder.json` as parsed JSON -> the manifest, or every problem at once, one sentence each. Strict: unknown fields
 * are problems, so that a misspelt `mean` cannot be passed over. Never throws.
 */
export function parseEncoderManifest(value: unknown): Parsed<EncoderManifest> {
  const outdated = outdatedProblem(value);
  if (outdated !== null) return { problems: [outdated] };
  const problems: string[] = [];
  const root = readFields("", value, rootFields, problems);
  const input = readFields("input", root.input, inputFields(root), problems);
  const output = readFields("output", root.output, outputFields, problems);
  const models = readModels(root.models, output, problems);
  const source = root.source === undefined ? undefined : readSource(root.source, problems);
  const [first, ...rest] = problems;
  if (first !== undefined) return { problems: [first, ...rest] };
  // Every field has passed its rule, and no others exist.
  return { value: withoutAbsent({ ...root, input, output, models, source }) as unknown as EncoderManifest };
}

type Fields = Readonly<Record<string, FieldRule>>;

const rootFields: Fields = {
  format: oneOfRule(encoderFormat),
  version: oneOfRule(encoderVersion),
  name: text,
  input: partRule,
  preprocess: preprocessRule,
  output: partRule,
  models: {
    expected: `a list of 1 to ${maxModels} models`,
    accepts: (value) => Array.isArray(value) && value.length >= 1 && value.length <= maxModels,
  },
  source: partRule,
};

const outputFields: Fields = { name: text, dimension: wholeNumberRule(1, maxDimension), normalized: flagRule };
const sourceFields: Fields = {
  architecture: text,
  checkpointSha256: optionalRule(sha256Rule),
  revision: optionalRule(text),
};

/** Version 1 had its one model where version 2 has a list; every field would be wrong, and none the real problem. */
function outdatedProblem(value: unknown): string | null {
  if (!isJsonObject(value) || value.format !== encoderFormat || value.version !== 1) return null;
  return `version 1 is no longer read; write the encoder folder anew, its version is ${encoderVersion} now.`;
}

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
    mean: numbersRule(3, "numbers, one a channel", () => true),
    std: numbersRule(3, "numbers above 0, one a channel", (each) => each > 0),
  };
}

/** A graph for another square than the preprocess version makes could never be fed. Silent about an unknown version. */
function sideRule(preprocess: unknown): FieldRule {
  const made = parsePreprocessVersion(preprocess);
  if (made === null) return { expected: "a whole number", accepts: Number.isInteger };
  return { expected: `${made.side}, the side of ${preprocess}`, accepts: (value) => value === made.side };
}

function readModels(models: unknown, output: JsonObject, problems: string[]): readonly JsonObject[] {
  if (!rootFields.models!.accepts(models)) return [];
  const { dimension } = output;
  const known = outputFields.dimension!.accepts(dimension) ? (dimension as number) : null;
  const before = problems.length;
  const read = Array.from(models as readonly unknown[], (model, i) =>
    readModel(`models[${i}]`, model, known, problems),
  );
  // Whether two are the same can be asked only of models.
  if (problems.length === before) problems.push(...repeated(read as unknown as readonly EncoderModel[]));
  return read;
}

function repeated(models: readonly EncoderModel[]): readonly string[] {
  return models.flatMap((model, i) => {
    const earlier = models.slice(0, i);
    const name = toModelName(model);
    return [
      ...(earlier.some((other) => toModelName(other) === name) ? [`models names ${name} twice.`] : []),
      ...(earlier.some(({ file }) => file === model.file) ? [`models names the file ${model.file} twice.`] : []),
    ];
  });
}

function readSource(source: unknown, problems: string[]): JsonObject {
  return withoutAbsent(readFields("source", source, sourceFields, problems));
}
