import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { drawFormula, type FormulaKind } from "./formula-pictures.js";

type Numbers = readonly number[];

/** A tiny checkpoint, and what the reference implementation makes of it; written by test/golden/make-clip-goldens.py. */
export type ClipGolden = Readonly<{
  id: string;
  kind: "hugging-face" | "open-clip";
  file: string;
  activation: "quick_gelu" | "gelu";
  side: number;
  epsilon: number;
  /** Pictures by formula; `length` is the embedding's before it was normalized. */
  inputs: readonly Readonly<{ kind: FormulaKind; sha256: string; length: number; embedding: Numbers }>[];
  /** Files, decoded and cut as the recipe says; the digest is of the cut pixels. */
  photos: readonly Readonly<{
    file: string;
    recipe: "clip-exact" | "clip-hf-exact";
    sha256: string;
    embedding: Numbers;
  }>[];
}>;

type Goldens = Readonly<{ versions: Readonly<Record<string, string>>; cases: readonly ClipGolden[] }>;

const data = new URL("../golden/data/clip/", import.meta.url);

export const clipGoldens = JSON.parse(readFileSync(new URL("cases.json", data), "utf8")) as Goldens;

/** The checkpoint's folder. */
export const folderOf = ({ id }: ClipGolden) => fileURLToPath(new URL(id, data));

export const readGoldenPhoto = (file: string) => readFileSync(new URL(`photos/${file}`, data));

/** The case's pictures by formula, one after the other: [count, side, side, 3] bytes. */
export function drawInputs({ inputs, side }: ClipGolden): Uint8Array {
  const area = side * side * 3;
  const pixels = new Uint8Array(inputs.length * area);
  for (const [i, { kind }] of inputs.entries()) pixels.set(drawFormula(kind, side, side).pixels, i * area);
  return pixels;
}

/** How far unit vectors are from the reference's: the smallest cosine, and the largest difference of one value. */
export type Distance = Readonly<{ minCosine: number; maxDifference: number }>;

export function distanceOf(ours: readonly Float32Array[], theirs: readonly Numbers[]): Distance {
  if (ours.length !== theirs.length || ours.length === 0) {
    throw new RangeError(`${ours.length} embeddings cannot be compared with ${theirs.length}`);
  }
  const pairs = ours.map((own, i) => ({ own, other: theirs[i]! }));
  if (pairs.some(({ own, other }) => own.length !== other.length)) throw new RangeError("embeddings differ in length");
  const cosine = (own: Float32Array, other: Numbers) =>
    other.reduce((sum, value, i) => sum + value * own[i]!, 0) / (Math.hypot(...own) * Math.hypot(...other));
  const difference = (own: Float32Array, other: Numbers) =>
    other.reduce((largest, value, i) => Math.max(largest, Math.abs(value - own[i]!)), 0);
  return {
    minCosine: Math.min(...pairs.map(({ own, other }) => cosine(own, other))),
    maxDifference: Math.max(...pairs.map(({ own, other }) => difference(own, other))),
  };
}
