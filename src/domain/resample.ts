import { type RgbImage, toRgbImage } from "./image.js";

/** A rectangle of whole pixels. */
export type Area = Readonly<{ left: number; top: number; width: number; height: number }>;

/** The part of a resized picture that is wanted: `area` lies inside a picture of `width` x `height`. */
export type ResizePlan = Readonly<{ width: number; height: number; area: Area }>;

/** Fraction bits of a weight in Pillow's 8-bit path: 32, less 8 of the sample, less 2 against overflow. */
const weightBits = 22;
const half = 1 << (weightBits - 1);

/** Reach of the cubic filter at scale one, in pixels. */
const cubicReach = 2;

/**
 * For each output position along one axis: which input positions it mixes (`counts` of them from `starts` on) and
 * their weights, `stride` places apart, in fixed point.
 */
export type AxisWeights = Readonly<{ starts: Int32Array; counts: Int32Array; weights: Int32Array; stride: number }>;

/**
 * Both passes: across by `columns`, then down by `rows`, each rounded to 8 bits. Gives [rows, columns, 3] bytes.
 * The native addon has the same function, several times as fast; the golden files hold for either.
 */
export type MixPixels = (pixels: Uint8Array, width: number, columns: AxisWeights, rows: AxisWeights) => Uint8Array;

/**
 * `area` of the picture resized to the plan's size, equal bit for bit to Pillow's
 * `Image.resize(size, Image.BICUBIC)` followed by a crop; nothing outside the area is computed.
 * Follows src/libImaging/Resample.c up to Pillow 12: columns first, each pass rounded to 8 bits, weights in 22-bit
 * fixed point. Pillow 13 takes rows first for some tall pictures, which moves values by one.
 * @throws RangeError when the area does not lie inside the resized picture: a caller's bug.
 */
export function resampleBicubic(image: RgbImage, plan: ResizePlan, mix: MixPixels = mixPixels): RgbImage {
  const { area } = plan;
  if (area.left < 0 || area.left + area.width > plan.width || area.top < 0 || area.top + area.height > plan.height) {
    throw new RangeError("the wanted area is not inside the resized picture");
  }
  const columns = weigh(image.width, plan.width, area.left, area.width);
  const rows = weigh(image.height, plan.height, area.top, area.height);
  return toRgbImage(area.width, area.height, mix(image.pixels, image.width, columns, rows));
}

function weigh(inputSize: number, outputSize: number, from: number, count: number): AxisWeights {
  const scale = inputSize / outputSize;
  // Shrinking widens the filter, so that every input pixel counts; enlarging does not narrow it.
  const stretch = Math.max(scale, 1);
  const reach = cubicReach * stretch;
  const stride = Math.ceil(reach) * 2 + 1;
  const starts = new Int32Array(count);
  const counts = new Int32Array(count);
  const weights = new Int32Array(count * stride);
  const exact = new Float64Array(stride);
  for (let place = 0; place < count; place++) {
    const center = (from + place + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - reach + 0.5));
    const end = Math.min(inputSize, Math.trunc(center + reach + 0.5));
    let sum = 0;
    for (let at = start; at < end; at++) {
      const weight = cubic((at - center + 0.5) * (1 / stretch));
      exact[at - start] = weight;
      sum += weight;
    }
    for (let at = 0; at < end - start; at++) weights[place * stride + at] = toFixedPoint(exact[at]! / sum);
    starts[place] = start;
    counts[place] = end - start;
  }
  return { starts, counts, weights, stride };
}

/** Keys' cubic with a = -0.5, term for term as Resample.c has it: another grouping would give other bits. */
function cubic(signed: number): number {
  const x = Math.abs(signed);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * -0.5;
  return 0;
}

function toFixedPoint(weight: number): number {
  return Math.trunc((weight < 0 ? -0.5 : 0.5) + weight * (1 << weightBits));
}

/** `MixPixels` in TypeScript: what runs where the addon is absent, and what the addon is measured against. */
export function mixPixels(pixels: Uint8Array, width: number, columns: AxisWeights, rows: AxisWeights): Uint8Array {
  const firstRow = rows.starts[0]!;
  const lastRow = rows.starts.at(-1)! + rows.counts.at(-1)!;
  const inputs = pixels.subarray(firstRow * width * 3, lastRow * width * 3);
  const narrow = mixColumns(inputs, width, columns);
  return mixRows(narrow, columns.starts.length * 3, rows, firstRow);
}

function mixColumns(input: Uint8Array, width: number, columns: AxisWeights): Uint8Array {
  const { starts, counts, weights, stride } = columns;
  const output = new Uint8ClampedArray((input.length / width) * starts.length);
  const pass = { input, step: 3, weights, output };
  let to = 0;
  for (let rowStart = 0; rowStart < input.length; rowStart += width * 3) {
    for (let column = 0; column < starts.length; column++) {
      mixPixel(pass, rowStart + starts[column]! * 3, column * stride, counts[column]!, to);
      to += 3;
    }
  }
  return new Uint8Array(output.buffer);
}

function mixRows(input: Uint8Array, rowLength: number, rows: AxisWeights, firstRow: number): Uint8Array {
  const { starts, counts, weights, stride } = rows;
  const output = new Uint8ClampedArray(starts.length * rowLength);
  const pass = { input, step: rowLength, weights, output };
  let to = 0;
  for (let row = 0; row < starts.length; row++) {
    const from = (starts[row]! - firstRow) * rowLength;
    for (let place = 0; place < rowLength; place += 3) {
      mixPixel(pass, from + place, row * stride, counts[row]!, to);
      to += 3;
    }
  }
  return new Uint8Array(output.buffer);
}

/** What stays the same over one pass: the pixels to mix lie `step` bytes apart. */
type Pass = Readonly<{ input: Uint8Array; step: number; weights: Int32Array; output: Uint8ClampedArray }>;

/**
 * One output pixel. Both passes come here with the same kinds of array, so that the engine compiles one loop of plain
 * 32-bit arithmetic; two taps a turn run a tenth to a third faster than one. The shift rounds, because the sums start
 * at a half, and the clamped output array does Pillow's clipping.
 */
function mixPixel(pass: Pass, from: number, firstWeight: number, count: number, to: number): void {
  const { input, step, weights, output } = pass;
  const end = firstWeight + count;
  let red = half;
  let green = half;
  let blue = half;
  let at = firstWeight;
  let near = from;
  if (count % 2 === 1) {
    const weight = weights[at++]!;
    red += Math.imul(input[near]!, weight);
    green += Math.imul(input[near + 1]!, weight);
    blue += Math.imul(input[near + 2]!, weight);
    near += step;
  }
  for (; at < end; at += 2) {
    const far = near + step;
    const nearWeight = weights[at]!;
    const farWeight = weights[at + 1]!;
    red = (red + Math.imul(input[near]!, nearWeight) + Math.imul(input[far]!, farWeight)) | 0;
    green = (green + Math.imul(input[near + 1]!, nearWeight) + Math.imul(input[far + 1]!, farWeight)) | 0;
    blue = (blue + Math.imul(input[near + 2]!, nearWeight) + Math.imul(input[far + 2]!, farWeight)) | 0;
    near = far + step;
  }
  output[to] = red >> weightBits;
  output[to + 1] = green >> weightBits;
  output[to + 2] = blue >> weightBits;
}
