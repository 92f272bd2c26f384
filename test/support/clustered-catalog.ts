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

/** A garment nobody has photographed: where its embedding lies, and what is known of it. */
export type DrawnGarment = Readonly<{ category: string; gender: string | null; rgb: Rgb }>;

/** A stream of garments in clusters: the same seed gives the same ones. */
export type ClusteredCatalog = Readonly<{
  /** The next garments and their embeddings, [count * dimension]. */
  draw: (count: number) => Readonly<{ garments: readonly DrawnGarment[]; vectors: Float32Array }>;
}>;

/** The clusters are the seed's; `stream` tells apart what is drawn from them. */
export function createClusteredCatalog(dimension: number, seed: number, stream: number): ClusteredCatalog {
  const ofClusters = createChance(seed);
  const direction = () => Float32Array.from(toEmbedding(Float32Array.from({ length: dimension }, ofClusters.noise)));
  const common = direction();
  const centers = categories.map(() => {
    const center = direction();
    return Array.from({ length: stylesPerCategory }, () => {
      const style = direction();
      return style.map(
        (value, i) => weights.common * common[i]! + weights.category * center[i]! + weights.style * value,
      );
    });
  });
  const chance = createChance(seed * 31 + stream + 1);
  // Noise of this size has the length `own`.
  const scale = weights.own / Math.sqrt(dimension);
  const drawOne = (vectors: Float32Array, at: number): DrawnGarment => {
    const category = Math.floor(chance.share() * categories.length);
    const center = centers[category]![Math.floor(chance.share() * stylesPerCategory)]!;
    let squares = 0;
    for (let i = 0; i < dimension; i++) {
      const value = center[i]! + scale * chance.noise();
      vectors[at + i] = value;
      squares += value * value;
    }
    const length = Math.sqrt(squares);
    for (let i = 0; i < dimension; i++) vectors[at + i] = vectors[at + i]! / length;
    return { category: categories[category]!, gender: drawGender(chance), rgb: drawColor(chance) };
  };
  return {
    draw: (count) => {
      const vectors = new Float32Array(count * dimension);
      const garments = Array.from({ length: count }, (_, row) => drawOne(vectors, row * dimension));
      return { garments, vectors };
    },
  };
}

export function toDrawnCandidate({ category, gender, rgb }: DrawnGarment, row: number): Candidate {
  const color = toKnownColor(rgb);
  const known = { category, gender: gender ?? v5GenderOfCategory(category) };
  return { row, id: `item-${String(row).padStart(7, "0")}`, path: null, color, plainColor: color, ...known };
}

/** The garments as queries whose category is to be voted on. */
export function drawQueries(
  catalog: ClusteredCatalog,
  count: number,
  dimension: number,
): readonly Readonly<{ query: RankQuery; embedding: Embedding }>[] {
  const { garments, vectors } = catalog.draw(count);
  return garments.map(({ gender, rgb }, row) => ({
    query: { color: toKnownColor(rgb), gender: gender ?? "unknown", category: null },
    embedding: toEmbedding(vectors.slice(row * dimension, (row + 1) * dimension)),
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
