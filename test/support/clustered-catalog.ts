import type { Candidate } from "../../src/domain/candidate.js";
import { toKnownColor } from "../../src/domain/catalog-candidates.js";
import { type Embedding, toEmbedding } from "../../src/domain/embedding.js";
import { v5GenderOfCategory } from "../../src/domain/gender.js";
import type { Rgb } from "../../src/domain/image.js";
import type { RankQuery } from "../../src/domain/ranking.js";

const categories = [
  ...["shirt", "tshirt", "top", "blouse", "sweater", "hoodie", "jacket"].map((kind) => `upperwear_${kind}`),
  ...["coat", "blazer", "cardigan"].map((kind) => `outerwear_${kind}`),
  ...["pants", "jeans", "shorts", "skirt", "leggings"].map((kind) => `bottomwear_${kind}`),
  ...["dress", "jumpsuit"].map((kind) => `one-piece_${kind}`),
  ...["shoes", "sneakers", "heels", "boots", "sandals"].map((kind) => `footwear_${kind}`),
  ...["bag", "hat", "belt", "scarf", "watch"].map((kind) => `accessories_${kind}`),
];
const stylesPerCategory = 40;
// As encoders of pictures place garments: any two at 0.5, two of a category at 0.7, two of a style at 0.85.
const weights = { common: 0.7, category: 0.45, style: 0.35, own: 0.4 };
const neutralShare = 0.4;

/** A garment nobody has photographed: its cluster, and what is known of it. */
export type DrawnGarment = Readonly<{ category: string; style: number; gender: string | null; rgb: Rgb }>;

/** Garments in clusters, by chance: the same seed gives the same ones in the same order. */
export type ClusteredCatalog = Readonly<{
  /** The next garments. */
  draw: (count: number) => readonly DrawnGarment[];
  /** The next embeddings, of such garments: [garments * dimension]. */
  embed: (garments: readonly DrawnGarment[]) => Float32Array;
}>;

/** The clusters are the seed's; `stream` tells apart what is drawn from them. */
export function createClusteredCatalog(dimension: number, seed: number, stream: number): ClusteredCatalog {
  const centers = drawCenters(dimension, createChance(seed));
  const ofGarments = createChance(seed * 31 + 2 * stream + 1);
  const ofVectors = createChance(seed * 31 + 2 * stream + 2);
  // Noise of this size has the length `own`.
  const scale = weights.own / Math.sqrt(dimension);
  const drawOne = (): DrawnGarment => ({
    category: categories[Math.floor(ofGarments.share() * categories.length)]!,
    style: Math.floor(ofGarments.share() * stylesPerCategory),
    gender: drawGender(ofGarments),
    rgb: drawColor(ofGarments),
  });
  const embedOne = ({ category, style }: DrawnGarment, vectors: Float32Array, at: number) => {
    const center = centers.get(category)![style]!;
    let squares = 0;
    for (let i = 0; i < dimension; i++) {
      const value = center[i]! + scale * ofVectors.noise();
      vectors[at + i] = value;
      squares += value * value;
    }
    const length = Math.sqrt(squares);
    for (let i = at; i < at + dimension; i++) vectors[i] = vectors[i]! / length;
  };
  return {
    draw: (count) => Array.from({ length: count }, drawOne),
    embed: (garments) => {
      const vectors = new Float32Array(garments.length * dimension);
      for (const [row, garment] of garments.entries()) embedOne(garment, vectors, row * dimension);
      return vectors;
    },
  };
}

/** By category, the middle of each of its styles. */
function drawCenters(dimension: number, { noise }: Chance): ReadonlyMap<string, readonly Float32Array[]> {
  const direction = () => toEmbedding(Float32Array.from({ length: dimension }, noise));
  const common = direction();
  const drawStyles = () => {
    const center = direction();
    return Array.from({ length: stylesPerCategory }, () =>
      direction().map((own, i) => weights.common * common[i]! + weights.category * center[i]! + weights.style * own),
    );
  };
  return new Map(categories.map((category) => [category, drawStyles()]));
}

export function toDrawnCandidate({ category, gender, rgb }: DrawnGarment, row: number): Candidate {
  const color = toKnownColor(rgb);
  const known = { category, gender: gender ?? v5GenderOfCategory(category) };
  return { row, id: `item-${String(row).padStart(7, "0")}`, path: null, color, plainColor: color, ...known };
}

/** The next garments as queries whose category is to be voted on. */
export function drawQueries(
  catalog: ClusteredCatalog,
  count: number,
): readonly Readonly<{ query: RankQuery; embedding: Embedding }>[] {
  return catalog.draw(count).map((garment) => ({
    query: { color: toKnownColor(garment.rgb), gender: garment.gender ?? "unknown", category: null },
    embedding: toEmbedding(catalog.embed([garment])),
  }));
}

type Chance = Readonly<{ share: () => number; noise: () => number }>;

/** mulberry32: a share in [0, 1), and noise with mean 0 and variance 1 that is near enough to a normal one. */
function createChance(seed: number): Chance {
  let state = seed | 0;
  const bits = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const variance = (2 * (2 ** 32 - 1)) / 12;
  // The two halves of the bits as two uniform numbers: their sum, about its mean.
  const noise = () => {
    const drawn = bits();
    return ((drawn & 0xffff) + (drawn >>> 16) - 0xffff) / Math.sqrt(variance);
  };
  return { share: () => bits() / 2 ** 32, noise };
}

function drawGender({ share }: Chance): string | null {
  const drawn = share();
  return drawn < 0.25 ? "male" : drawn < 0.5 ? "female" : drawn < 0.75 ? "unisex" : null;
}

function drawColor({ share }: Chance): Rgb {
  const channel = () => Math.floor(share() * 256);
  if (share() >= neutralShare) return [channel(), channel(), channel()];
  const gray = channel();
  return [gray, gray, gray];
}
