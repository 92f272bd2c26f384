import { squaredErrors, toRange } from "./activation-range.js";
import { type QuantizedWeights, quantizeWeights, type WeightBits } from "./quantize-weights.js";
import type { SiteStatistics } from "./site-statistics.js";

/** A linear layer that reads the site: weights [out, in]. */
export type SiteLinear = Readonly<{ weight: Float32Array; outputs: number }>;

/** How a site is quantized, and what that is expected to cost. */
export type PlannedSite = Readonly<{
  /** What each channel is divided by before it is rounded; null when nothing is moved. */
  smoothing: Float32Array | null;
  /** How much of an activation's size was moved into the weights, in [0, 1]. */
  exponent: number;
  /** Expected error of the outputs over their own size, root mean square. */
  relativeError: number;
}>;

/** None, and around the half that Xiao et al. (SmoothQuant, 2023) start from. */
const exponents = [0, 0.4, 0.55, 0.7];
/** Beyond these a channel is so rare that moving it would only coarsen the weights. */
const smoothingLimits = [1e-3, 1e3] as const;
/** Rows whose outputs are computed to know how large outputs are. */
const outputRows = 24;

/**
 * Chooses the smoothing of a site by the error that rounding is expected to leave in its linear layers. Smoothing divides
 * channel j of the input by s_j = max|x_j|^a / max|w_j|^(1-a) and multiplies the weights that meet it by the same
 * (Xiao et al., SmoothQuant, 2023, equation 4), so that in exact arithmetic nothing changes.
 */
export function planSite(
  statistics: SiteStatistics,
  linears: readonly SiteLinear[],
  { bits, canSmooth }: Readonly<{ bits: WeightBits; canSmooth: boolean }>,
): PlannedSite {
  const size = meanSquaredOutput(statistics, linears);
  const tried = (canSmooth ? exponents : [0]).map((exponent): PlannedSite => {
    const smoothing = exponent === 0 ? null : smoothingOf(statistics, linears, exponent);
    const loss = lossOf(smoothStatistics(statistics, smoothing), linears, smoothing, bits);
    return { smoothing, exponent, relativeError: size === 0 ? 0 : Math.sqrt(loss / size) };
  });
  return tried.reduce((best, each) => (each.relativeError < best.relativeError ? each : best));
}

function smoothingOf({ channels, min, max }: SiteStatistics, linears: readonly SiteLinear[], exponent: number) {
  const weights = new Float64Array(channels);
  for (const { weight } of linears) {
    for (let at = 0; at < weight.length; at++) {
      weights[at % channels] = Math.max(weights[at % channels]!, Math.abs(weight[at]!));
    }
  }
  return Float32Array.from({ length: channels }, (_, channel) => {
    const activation = Math.max(Math.abs(min[channel]!), Math.abs(max[channel]!));
    // A channel that is always zero, or that nobody reads, has nothing to move.
    if (activation === 0 || weights[channel] === 0) return 1;
    const [least, most] = smoothingLimits;
    return Math.min(most, Math.max(least, activation ** exponent / weights[channel]! ** (1 - exponent)));
  });
}

function smoothStatistics(statistics: SiteStatistics, smoothing: Float32Array | null): SiteStatistics {
  if (smoothing === null) return statistics;
  const divide = (values: Float32Array) => values.map((value, channel) => value / smoothing[channel]!);
  const { channels, min, max, rows } = statistics;
  return { channels, min: divide(min), max: divide(max), rows: rows.map(divide) };
}

/**
 * Expected squared error of all outputs of a row: rounding of inputs and of weights taken as independent, so that a
 * sum over channels stands for the product of matrices.
 */
function lossOf(
  { channels, min, max, rows }: SiteStatistics,
  linears: readonly SiteLinear[],
  smoothing: Float32Array | null,
  bits: WeightBits,
): number {
  const lengths = new Float64Array(channels);
  const weightErrors = new Float64Array(channels);
  for (const { weight, outputs } of linears) {
    const smoothed = smoothing === null ? weight : weight.map((value, at) => value * smoothing[at % channels]!);
    addSquares(smoothed, quantizeWeights(smoothed, outputs, bits), lengths, weightErrors);
  }
  // A picture's own range may be narrower; over all pictures it is what the worst of them has.
  const errors = squaredErrors(rows, toRange(Math.min(...min), Math.max(...max)));
  let loss = 0;
  for (let channel = 0; channel < channels; channel++) {
    loss += errors[channel]! * lengths[channel]! + meanSquare(rows, channel) * weightErrors[channel]!;
  }
  return loss;
}

/** Adds each channel's squared weights, and squared errors of rounding them. */
function addSquares(weight: Float32Array, quantized: QuantizedWeights, lengths: Float64Array, errors: Float64Array) {
  const channels = lengths.length;
  const outputs = quantized.scales.length;
  for (let output = 0, at = 0; output < outputs; output++) {
    const scale = quantized.scales[output]!;
    for (let channel = 0; channel < channels; channel++, at++) {
      const error = weight[at]! - scale * quantized.values[channel * outputs + output]!;
      lengths[channel]! += weight[at]! ** 2;
      errors[channel]! += error * error;
    }
  }
}

function meanSquare(rows: readonly Float32Array[], channel: number): number {
  let sum = 0;
  for (const row of rows) sum += row[channel]! ** 2;
  return sum / Math.max(1, rows.length);
}

/** Mean over some rows of the squared length of all outputs, biases left out. */
function meanSquaredOutput({ channels, rows }: SiteStatistics, linears: readonly SiteLinear[]): number {
  const some = rows.slice(0, outputRows);
  let sum = 0;
  for (const { weight, outputs } of linears) {
    for (const row of some) {
      for (let output = 0, at = 0; output < outputs; output++) {
        let product = 0;
        for (let channel = 0; channel < channels; channel++, at++) product += weight[at]! * row[channel]!;
        sum += product * product;
      }
    }
  }
  return sum / Math.max(1, some.length);
}
