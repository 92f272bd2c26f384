import type { Tensor } from "../graph/graph-builder.js";
import { elementCodes } from "../graph/onnx-graph.js";
import type { WeightBits } from "../quantize/quantize-weights.js";
import { addFloatLinear, addFloats, addPixelLinear, type GraphStyle } from "./linear.js";
import { gridOf, type PixelStatistics, type VisionConfig } from "./vision-config.js";
import { patchesOf, type VisionWeights } from "./vision-weights.js";

/**
 * What a graph takes. `uint8`: [n, side, side, 3] pixels as they are, normalization folded into the weights.
 * `pixel-values`: [n, 3, side, side] float32, already normalized, as other runtimes' processors give it.
 */
export type InputKind = "uint8" | "pixel-values";

type PatchOptions = Readonly<{ input: InputKind; statistics: PixelStatistics; int8: WeightBits | null }>;

/**
 * Pixels -> tokens [n, 1 + patches, width] with their positions. The patches do not overlap, so their convolution is a
 * product of rows; bytes need no scale to enter it, so that quantizing it rounds the weights alone.
 */
export function addTokens(style: GraphStyle, pixels: Tensor, weights: VisionWeights, options: PatchOptions): Tensor {
  const { builder } = style;
  const { width } = weights.config;
  const patches = addPatches(style, pixels, weights, options);
  const placed = builder.apply("Add", [
    patches,
    addFloats(style, "patches.positions", [patchesOf(weights.config), width], () => patchPositions(weights, options)),
  ]);
  const first = addFloats(style, "class", [1, 1, width], () => classToken(weights));
  const count = builder.apply("Shape", [pixels], { attributes: { start: 0, end: 1 } });
  const shape = builder.apply("Concat", [count, builder.integers([1, width])], { attributes: { axis: 0 } });
  const classes = builder.apply("Expand", [first, shape]);
  return builder.apply("Concat", [classes, placed], { attributes: { axis: 1 } });
}

function addPatches(style: GraphStyle, pixels: Tensor, weights: VisionWeights, options: PatchOptions): Tensor {
  const { builder, floatType } = style;
  const { config } = weights;
  const { patch, width } = config;
  const grid = gridOf(config);
  const inputs = 3 * patch * patch;
  const isBytes = options.input === "uint8";
  const split = isBytes ? [0, grid, patch, grid, patch, 3] : [0, 3, grid, patch, grid, patch];
  const cells = builder.apply("Reshape", [pixels, builder.integers(split)]);
  const sorted = builder.apply("Transpose", [cells], {
    attributes: { perm: isBytes ? [0, 1, 3, 2, 4, 5] : [0, 2, 4, 1, 3, 5] },
  });
  const rows = builder.apply("Reshape", [sorted, builder.integers([0, grid * grid, inputs])]);
  const weight = async () => {
    const read = await weights.read("patch");
    return isBytes ? toPixelOrder(foldDeviation(read, config, options.statistics), config) : read;
  };
  const layer = { name: "patch", inputs, outputs: width, weight, bias: null };
  if (isBytes && options.int8 !== null) {
    return addPixelLinear(style, rows, layer, options.int8);
  }
  const isFloat = !isBytes && floatType === "float32";
  const floats = isFloat ? rows : builder.apply("Cast", [rows], { attributes: { to: elementCodes[floatType] } });
  return addFloatLinear(style, floats, layer);
}

/** [width, 3, patch, patch], divided by 255 and each channel's deviation. */
function foldDeviation(values: Float32Array, { patch }: VisionConfig, { std }: PixelStatistics): Float32Array {
  const area = patch * patch;
  return values.map((value, at) => value / (255 * std[Math.floor(at / area) % 3]!));
}

/** [width, 3, patch, patch] to [width, patch, patch, 3], the order in which bytes lie in a picture. */
function toPixelOrder(values: Float32Array, { patch, width }: VisionConfig): Float32Array {
  const area = patch * patch;
  const ordered = new Float32Array(values.length);
  for (let output = 0, at = 0; output < width; output++) {
    for (let pixel = 0; pixel < area; pixel++) {
      for (let channel = 0; channel < 3; channel++) ordered[at++] = values[(output * 3 + channel) * area + pixel]!;
    }
  }
  return ordered;
}

/** The patches' positions, less what the mean pixel would have added: (pixel / 255 - mean) / std is linear. */
async function patchPositions(weights: VisionWeights, { input, statistics }: PatchOptions): Promise<Float32Array> {
  const { width, patch } = weights.config;
  const positions = (await weights.read("positions")).subarray(width);
  if (input === "pixel-values") return positions;
  const values = await weights.read("patch");
  const area = patch * patch;
  const shift = new Float64Array(width);
  for (let at = 0; at < values.length; at++) {
    const channel = Math.floor(at / area) % 3;
    const output = Math.floor(at / (3 * area));
    shift[output]! -= (values[at]! * statistics.mean[channel]!) / statistics.std[channel]!;
  }
  return positions.map((value, at) => value + shift[at % width]!);
}

async function classToken({ config, read }: VisionWeights): Promise<Float32Array> {
  const positions = await read("positions");
  return (await read("class")).map((value, at) => value + positions[at % config.width]!);
}
