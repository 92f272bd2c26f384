import { type PreprocessVersion, preprocessSide } from "../../src/domain/clip-input.js";
import type { PerChannel } from "../../src/domain/encoder-manifest.js";
import { type Constant, type Node, toOnnxBytes } from "./onnx-bytes.js";

/** What the graph takes, how many values it gives, and in which way it is broken, if any. */
export type TinyModel = Readonly<{
  dimension: number;
  /** Decides the input's side, a multiple of 7. */
  preprocess: PreprocessVersion;
  layout: "nhwc" | "nchw";
  dtype: "uint8" | "float32";
  /** For `float32`: what the graph undoes, so that every variant sees the same colors. */
  mean: PerChannel;
  std: PerChannel;
  normalized: boolean;
  /** Free by default; a number fixes it. */
  batch: number | string;
  /** A file that holds the projection instead of the model file, as large exports have it; null for none. */
  externalFile: string | null;
  /** `nan-on-black`: 0 / 0 for an all-black picture alone. `sees-neighbors`: divides by the brightest cell of the batch. */
  flaw: "none" | "nan-on-black" | "always-nan" | "sees-neighbors";
  /**
   * When its runs fail, as those of a broken device do: each over an all-black picture alone, or the tenth of every
   * session; the first three are the start's, of a fresh session the first one. `for-memory`: each over more than two
   * pictures, by asking for more memory than an address space holds.
   */
  fails: "never" | "on-black" | "tenth-run" | "for-memory";
  /** Over an all-black picture alone a run takes minutes of work, so that a test can come in between. */
  lingers: boolean;
  /** How far each weight of the projection, in [-1, 1], is from the sound one: what a conversion may cost. */
  weightNoise: number;
}>;

export const tinyModel: TinyModel = {
  dimension: 8,
  preprocess: "clip-exact-224",
  layout: "nhwc",
  dtype: "uint8",
  mean: [0, 0, 0],
  std: [1, 1, 1],
  normalized: true,
  batch: "batch",
  externalFile: null,
  flaw: "none",
  fails: "never",
  lingers: false,
  weightNoise: 0,
};

export const tinyInputName = "pixels";
export const tinyOutputName = "embedding";

const cells = 7;
const features = cells * cells * 3;

/**
 * An ONNX file of a dozen nodes: the mean color of each of 7 x 7 cells, through a fixed pseudo-random projection,
 * to length 1. Similar pictures get similar embeddings, and it runs in about a millisecond.
 */
export function toTinyModelBytes(model: TinyModel): Uint8Array {
  const channelsFirst = model.layout === "nchw";
  const side = preprocessSide(model.preprocess);
  return toOnnxBytes({
    input: {
      name: tinyInputName,
      type: model.dtype,
      dimensions: channelsFirst ? [model.batch, 3, side, side] : [model.batch, side, side, 3],
    },
    output: { name: tinyOutputName, type: "float32", dimensions: [model.batch, model.dimension] },
    constants: constantsOf(model),
    nodes: [...toCells(model), ...toRow(model)],
  });
}

/** Input -> `features`, [n, 147]: mean colors, less the center. */
function toCells(model: TinyModel): readonly Node[] {
  const isBytes = model.dtype === "uint8";
  const cast: Node = { operator: "Cast", inputs: [tinyInputName], output: "cast", attributes: { to: 1 } };
  const number = isBytes ? "cast" : tinyInputName;
  const turn: Node = { operator: "Transpose", inputs: [number], output: "turned", attributes: { perm: [0, 2, 3, 1] } };
  const turned = model.layout === "nchw" ? "turned" : number;
  return [
    ...(isBytes ? [cast] : []),
    ...(model.layout === "nchw" ? [turn] : []),
    { operator: "Mul", inputs: [turned, "scale"], output: "scaled" },
    { operator: "Add", inputs: ["scaled", "shift"], output: "colors" },
    { operator: "Reshape", inputs: ["colors", "cellShape"], output: "cells" },
    { operator: "ReduceMean", inputs: ["cells"], output: "means", attributes: { axes: [2, 4], keepdims: 0 } },
    { operator: "Reshape", inputs: ["means", "featureShape"], output: "plainFeatures" },
    // One divisor for the whole batch is what dynamic quantization does with its activation scale.
    { operator: "ReduceMax", inputs: ["plainFeatures"], output: "brightest", attributes: { keepdims: 1 } },
    ...toFailure(model),
    ...toLingering(model),
    {
      operator: model.flaw === "sees-neighbors" ? "Div" : "Identity",
      inputs: model.flaw === "sees-neighbors" ? ["plainEnough", "brightest"] : ["plainEnough"],
      output: "features",
    },
  ];
}

/** Darker than any color less the center but black. */
const blackLine = -0.499;
/** The tenth number that ONNX Runtime's generator gives for the seed 1 is the first above it: a linear congruence. */
const tenthRunLine = 0.9;

/** `plainFeatures` -> `steadyFeatures`, the same times the only element of a list; failing is asking for the second. */
function toFailure({ fails }: TinyModel): readonly Node[] {
  if (fails === "never") return [{ operator: "Identity", inputs: ["plainFeatures"], output: "steadyFeatures" }];
  if (fails === "for-memory") return toHungry();
  const dice: Node = {
    operator: "RandomUniform",
    inputs: [],
    output: "dice",
    attributes: { shape: [1], seed: { float: 1 } },
  };
  const onBlack: Node = { operator: "Less", inputs: ["brightest", "blackLine"], output: "isTime" };
  const onTenth: Node = { operator: "Greater", inputs: ["dice", "tenthRunLine"], output: "isTime" };
  return [
    ...(fails === "on-black" ? [onBlack] : [dice, onTenth]),
    { operator: "Cast", inputs: ["isTime"], output: "place", attributes: { to: 7 } },
    { operator: "Gather", inputs: ["onlyOne", "place"], output: "one" },
    { operator: "Mul", inputs: ["plainFeatures", "one"], output: "steadyFeatures" },
  ];
}

/** `plainFeatures` -> `steadyFeatures`, the same plus a zero, the largest of very many where there are three rows. */
function toHungry(): readonly Node[] {
  return [
    { operator: "Shape", inputs: ["plainFeatures"], output: "featuresShape" },
    { operator: "Gather", inputs: ["featuresShape", "firstPlace"], output: "rows" },
    { operator: "Greater", inputs: ["rows", "twoRows"], output: "isMany" },
    { operator: "Where", inputs: ["isMany", "boundless", "single"], output: "zeros" },
    { operator: "Mul", inputs: ["brightest", "hungryZero"], output: "hungryNothing" },
    { operator: "Expand", inputs: ["hungryNothing", "zeros"], output: "manyZeros" },
    { operator: "ReduceMax", inputs: ["manyZeros"], output: "largestZero", attributes: { keepdims: 1 } },
    { operator: "Add", inputs: ["plainFeatures", "largestZero"], output: "steadyFeatures" },
  ];
}

const hungryConstants: readonly Constant[] = [
  { name: "firstPlace", dimensions: [1], values: BigInt64Array.of(0n) },
  { name: "twoRows", dimensions: [1], values: BigInt64Array.of(2n) },
  // Floats: twice what fits in the 47 bits of a process's addresses.
  { name: "boundless", dimensions: [1], values: BigInt64Array.of(2n ** 46n) },
  { name: "single", dimensions: [1], values: BigInt64Array.of(1n) },
  floats("hungryZero", [1], [0]),
];

/** Products of two square matrices of `lingerSide` in a row, a second or so each. */
const lingerProducts = 120;
const lingerSide = 3000;

/** `steadyFeatures` -> `plainEnough`, the same plus a zero that is the product of many matrices: large ones, or of one number. */
function toLingering({ lingers }: TinyModel): readonly Node[] {
  if (!lingers) return [{ operator: "Identity", inputs: ["steadyFeatures"], output: "plainEnough" }];
  const products = Array.from({ length: lingerProducts }, (_, at): Node => {
    return { operator: "MatMul", inputs: [`product${at}`, "square"], output: `product${at + 1}` };
  });
  return [
    { operator: "Less", inputs: ["brightest", "blackLine"], output: "isBlack" },
    { operator: "Where", inputs: ["isBlack", "largeSquare", "smallSquare"], output: "squareRow" },
    { operator: "Reshape", inputs: ["squareRow", "two"], output: "squareShape" },
    { operator: "Mul", inputs: ["brightest", "zero"], output: "nothing" },
    { operator: "Expand", inputs: ["nothing", "squareShape"], output: "square" },
    { operator: "Identity", inputs: ["square"], output: "product0" },
    ...products,
    {
      operator: "ReduceMax",
      inputs: [`product${lingerProducts}`],
      output: "stillNothing",
      attributes: { keepdims: 1 },
    },
    { operator: "Add", inputs: ["steadyFeatures", "stillNothing"], output: "plainEnough" },
  ];
}

/** `features` -> output, [n, dimension]. */
function toRow(model: TinyModel): readonly Node[] {
  const projected = model.normalized ? "projected" : tinyOutputName;
  const project: Node = { operator: "Gemm", inputs: ["features", "weights", "bias"], output: projected };
  if (!model.normalized) return [project];
  return [
    project,
    { operator: "ReduceL2", inputs: ["projected"], output: "length", attributes: { axes: [1], keepdims: 1 } },
    { operator: "Div", inputs: ["projected", "length"], output: tinyOutputName },
  ];
}

/** `center` is taken from every color in [0, 1], `bias` added to every projection. */
const offsets: Readonly<Record<TinyModel["flaw"], Readonly<{ center: number; bias: number }>>> = {
  none: { center: 0.5, bias: 0.01 },
  // A black picture is a row of exact zeros, whose length divides it into NaN.
  "nan-on-black": { center: 0, bias: 0 },
  "always-nan": { center: 0.5, bias: Number.NaN },
  // Beside a large bias another divisor turns the embedding, and does not only scale it.
  "sees-neighbors": { center: 0, bias: 2 },
};

function constantsOf(model: TinyModel): readonly Constant[] {
  const { center, bias } = offsets[model.flaw];
  const isBytes = model.dtype === "uint8";
  const random = pseudoRandom(20_240_501);
  const noise = pseudoRandom(7);
  const cell = BigInt(preprocessSide(model.preprocess) / cells);
  return [
    floats("scale", [3], isBytes ? [1 / 255, 1 / 255, 1 / 255] : model.std),
    floats("shift", [3], isBytes ? [-center, -center, -center] : model.mean.map((mean) => mean - center)),
    { name: "cellShape", dimensions: [6], values: BigInt64Array.of(-1n, BigInt(cells), cell, BigInt(cells), cell, 3n) },
    ...(model.fails === "on-black" || model.lingers ? [floats("blackLine", [1], [blackLine])] : []),
    ...(model.lingers ? lingerConstants : []),
    ...(model.fails === "tenth-run" ? [floats("tenthRunLine", [1], [tenthRunLine])] : []),
    ...(model.fails === "never" || model.fails === "for-memory" ? [] : [floats("onlyOne", [1], [1])]),
    ...(model.fails === "for-memory" ? hungryConstants : []),
    { name: "featureShape", dimensions: [2], values: BigInt64Array.of(-1n, BigInt(features)) },
    {
      ...floats(
        "weights",
        [features, model.dimension],
        Array.from(
          { length: features * model.dimension },
          () => random() * 2 - 1 + model.weightNoise * (noise() * 2 - 1),
        ),
      ),
      ...(model.externalFile === null ? {} : { externalFile: model.externalFile }),
    },
    floats(
      "bias",
      [model.dimension],
      Array.from({ length: model.dimension }, () => bias * (1 + random())),
    ),
  ];
}

const lingerConstants: readonly Constant[] = [
  { name: "largeSquare", dimensions: [1, 2], values: BigInt64Array.of(BigInt(lingerSide), BigInt(lingerSide)) },
  { name: "smallSquare", dimensions: [1, 2], values: BigInt64Array.of(1n, 1n) },
  { name: "two", dimensions: [1], values: BigInt64Array.of(2n) },
  floats("zero", [1], [0]),
];

function floats(name: string, dimensions: readonly number[], values: readonly number[]): Constant {
  return { name, dimensions, values: Float32Array.from(values) };
}

/** Mulberry32: the same sequence in [0, 1) for the same seed, so that every run writes the same file. */
function pseudoRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
