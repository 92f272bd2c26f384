import { dotProduct } from "./embedding.js";
import { agreementOfVotes, findNeighborhoods, topTenOverlapOf, winnersOf } from "./photo-neighborhoods.js";

/** What a precision must reach, both in [0, 1]. */
export type GateThresholds = Readonly<{ voteAgreement: number; medianCosine: number }>;

/** How close the embeddings of one precision are to the reference's, on the same photos. */
export type PrecisionFigures = Readonly<{
  photos: number;
  /** Of each photo's embedding to the reference's, in [-1, 1]; `p1` is the first percentile. */
  cosine: Readonly<{ min: number; p1: number; median: number }>;
  /** Share of photos whose five nearest others elect the same category in both. */
  voteAgreement: number;
  /** Mean share of the ten nearest others that both have in common. */
  topTenOverlap: number;
}>;

/** What was measured and what came of it, as the manifest records it. */
export type PrecisionGate = PrecisionFigures &
  Readonly<{ passed: boolean; thresholds: GateThresholds; reference: "fp32" }>;

/** `reasons` say in one line each what fell short. Unproven: the photos can show neither the one nor the other. */
export type GateVerdict =
  | Readonly<{ outcome: "passed" | "failed"; gate: PrecisionGate; reasons: readonly string[] }>
  | Readonly<{ outcome: "unproven"; figures: PrecisionFigures | null; reasons: readonly string[] }>;

/** The embeddings of the same photos by two models, [photos, dimension], each row of length 1. */
export type EmbeddedPhotos = Readonly<{
  reference: Float32Array;
  /** A row of zeros where this precision gave no embedding: its cosine is 0. */
  precision: Float32Array;
  dimension: number;
  /** One for each photo. */
  categories: readonly string[];
}>;

export const defaultThresholds: GateThresholds = { voteAgreement: 0.99, medianCosine: 0.99 };

/** With fewer, a single photo weighs more than the hundredth that the default threshold leaves. */
export const minGatePhotos = 100;

/**
 * Holds one precision against the reference. Photos on which a model that gives the same embedding, or votes for the
 * same category, for everything would pass as well prove nothing. @throws RangeError when the sizes do not agree.
 */
export function judgePrecision(embedded: EmbeddedPhotos, thresholds: GateThresholds = defaultThresholds): GateVerdict {
  requireSizes(embedded);
  const { categories } = embedded;
  if (categories.length < 2) return { outcome: "unproven", figures: null, reasons: [tooFew(categories.length)] };
  const { figures, winners } = measure(embedded);
  const doubts = [...doubtsOfPhotos(categories), ...doubtsOfReference(embedded, winners, thresholds)];
  if (doubts.length > 0) return { outcome: "unproven", figures, reasons: doubts };
  const reasons = shortfalls(figures, thresholds);
  const passed = reasons.length === 0;
  const gate: PrecisionGate = { passed, ...figures, thresholds, reference: "fp32" };
  return { outcome: passed ? "passed" : "failed", gate, reasons };
}

function requireSizes({ reference, precision, dimension, categories }: EmbeddedPhotos): void {
  const expected = categories.length * dimension;
  if (reference.length === expected && precision.length === expected) return;
  throw new RangeError(
    `${categories.length} photos of dimension ${dimension} do not go with ${reference.length} and ${precision.length} values`,
  );
}

function measure({ reference, precision, dimension, categories }: EmbeddedPhotos) {
  const cosines = categories
    .map((_, row) => cosineOf(rowOf(reference, row, dimension), rowOf(precision, row, dimension)))
    .sort((first, second) => first - second);
  const ofReference = findNeighborhoods(reference, dimension);
  const ofPrecision = findNeighborhoods(precision, dimension);
  const winners = winnersOf(ofReference, categories);
  const figures: PrecisionFigures = {
    photos: categories.length,
    cosine: {
      min: round(cosines[0]!),
      p1: round(percentileOf(cosines, 0.01)),
      median: round(percentileOf(cosines, 0.5)),
    },
    voteAgreement: round(agreementOfVotes(winners, winnersOf(ofPrecision, categories))),
    topTenOverlap: round(topTenOverlapOf(ofReference, ofPrecision)),
  };
  return { figures, winners };
}

function doubtsOfPhotos(categories: readonly string[]): readonly string[] {
  const named = new Set(categories).size;
  return [
    ...(categories.length < minGatePhotos ? [tooFew(categories.length)] : []),
    ...(named < 2 ? [`all photos are of one category, "${categories[0]}"; a vote needs two`] : []),
  ];
}

function tooFew(photos: number): string {
  return `${photos} photos; ${minGatePhotos} are the least that prove anything`;
}

/** Random weights embed all photos alike, and then a cosine of 0.99 is no achievement. */
function doubtsOfReference(
  { reference, dimension, categories }: EmbeddedPhotos,
  winners: readonly (string | null)[],
  thresholds: GateThresholds,
): readonly string[] {
  const alike = round(cosineToMean(reference, dimension));
  const unanimous = round(largestShareOf(winners));
  return [
    ...(alike >= Math.max(thresholds.medianCosine, defaultThresholds.medianCosine)
      ? [`the reference hardly tells these photos apart: their median cosine to their own mean is ${alike}`]
      : []),
    ...(unanimous >= Math.max(thresholds.voteAgreement, defaultThresholds.voteAgreement) && new Set(categories).size > 1
      ? [`the reference votes for one category on ${unanimous} of the photos`]
      : []),
  ];
}

/** The median cosine of the rows to their mean: what one and the same embedding for every photo would reach. */
function cosineToMean(values: Float32Array, dimension: number): number {
  const mean = new Float64Array(dimension);
  for (let at = 0; at < values.length; at++) mean[at % dimension]! += values[at]!;
  const length = Math.hypot(...mean);
  if (length === 0) return 0;
  const direction = Float32Array.from(mean, (each) => each / length);
  const cosines = Array.from({ length: values.length / dimension }, (_, row) =>
    cosineOf(rowOf(values, row, dimension), direction),
  );
  return percentileOf(
    cosines.sort((first, second) => first - second),
    0.5,
  );
}

function largestShareOf(winners: readonly (string | null)[]): number {
  const counts = new Map<string | null, number>();
  for (const winner of winners) counts.set(winner, (counts.get(winner) ?? 0) + 1);
  return Math.max(...counts.values()) / winners.length;
}

function shortfalls({ cosine, voteAgreement }: PrecisionFigures, thresholds: GateThresholds): readonly string[] {
  const isShort = (what: string, value: number, least: number) =>
    value >= least ? [] : [`${what} is ${value}; ${least} is the least`];
  return [
    ...isShort("vote agreement", voteAgreement, thresholds.voteAgreement),
    ...isShort("median cosine", cosine.median, thresholds.medianCosine),
  ];
}

function rowOf(values: Float32Array, row: number, dimension: number): Float32Array {
  return values.subarray(row * dimension, (row + 1) * dimension);
}

/** Rounding may carry the product of two rows of length 1 past 1. */
function cosineOf(first: Float32Array, second: Float32Array): number {
  return Math.min(1, Math.max(-1, dotProduct(first, second)));
}

/** By nearest rank: always a value that was measured, of an even count the lower one. */
function percentileOf(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}

/** Six decimals, and judged as they are written: a record never contradicts its own figures. */
function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
