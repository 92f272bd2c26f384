import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { type Background, black, gray, white } from "../../../catalog/sample/background.js";
import { type Drawing, drawGarment, drawMask } from "../../../catalog/sample/draw-garment.js";
import { sampleCategories } from "../../../catalog/sample/garment-shapes.js";
import { planTrainingPicture } from "../../../catalog/sample/training-picture.js";
import type { Rgb } from "../../../src/domain/image.js";

const color: Rgb = [47, 128, 121];
/** Small, so that a hundred pictures are drawn within seconds. */
const frame = { width: 120, height: 160 };
/** Half a step of the search for a size, and the grid that areas are counted on. */
const coverageTolerance = 0.025;
/** An edge that the garment and its ground share, and the soft light on a cloth. */
const colorTolerance = 24;

async function toPixels(svg: string): Promise<readonly Rgb[]> {
  const bytes = await sharp(Buffer.from(svg)).flatten().raw().toBuffer();
  return Array.from({ length: bytes.length / 3 }, (_, i) => [bytes[i * 3]!, bytes[i * 3 + 1]!, bytes[i * 3 + 2]!]);
}

async function toCovered(drawing: Drawing): Promise<readonly boolean[]> {
  return (await toPixels(drawMask(drawing))).map(([red]) => red < 128);
}

/** The middle of the fullest cell of 8 steps a side. */
function mostCommon(pixels: readonly Rgb[]): Rgb {
  const counts = new Map<string, number>();
  for (const pixel of pixels) {
    const cell = pixel.map((channel) => channel >> 3).join(" ");
    counts.set(cell, (counts.get(cell) ?? 0) + 1);
  }
  const [cell] = [...counts].reduce((best, each) => (each[1] > best[1] ? each : best));
  const [red = 0, green = 0, blue = 0] = cell.split(" ").map((step) => Number(step) * 8 + 4);
  return [red, green, blue];
}

function apart(one: Rgb, other: Rgb): number {
  return Math.max(...one.map((channel, i) => Math.abs(channel - other[i]!)));
}

describe.each(sampleCategories)("%s", (category) => {
  const drawing: Drawing = { category, color, variation: 7, background: white, frame };

  test("the same seed draws the same text, another seed another one", () => {
    expect(drawGarment(drawing)).toBe(drawGarment({ ...drawing }));
    expect(drawGarment({ ...drawing, variation: 8 })).not.toBe(drawGarment(drawing));
  });

  test("the garment is mostly of its color", async () => {
    const larger = { ...drawing, frame: { width: 210, height: 280 } };
    const covered = await toCovered(larger);
    const pixels = (await toPixels(drawGarment(larger))).filter((_, i) => covered[i]);
    expect(apart(mostCommon(pixels), color)).toBeLessThanOrEqual(colorTolerance);
  });

  test.each([0.2, 0.5, 0.8])("covers about %d of the picture when asked to", async (coverage) => {
    const covered = await toCovered({ ...drawing, coverage });
    const share = covered.filter(Boolean).length / covered.length;
    expect(Math.abs(share - coverage)).toBeLessThanOrEqual(coverageTolerance);
  });

  test("lies within the picture when no coverage is asked", async () => {
    const covered = await toCovered(drawing);
    const isEdge = (i: number) => i < frame.width || i % frame.width === 0;
    expect(covered.some((each, i) => each && isEdge(i))).toBe(false);
  });

  test("a training picture follows from its place and seed", () => {
    expect(planTrainingPicture(category, 3, 1)).toEqual(planTrainingPicture(category, 3, 1));
    expect(planTrainingPicture(category, 3, 1)).not.toEqual(planTrainingPicture(category, 4, 1));
    expect(planTrainingPicture(category, 3, 1)).not.toEqual(planTrainingPicture(category, 3, 2));
  });
});

const grounds: readonly (readonly [string, Background])[] = [
  ["white", white],
  ["gray", gray],
  ["black", black],
  ["wood", { kind: "wood", seed: 1 }],
  ["tiles", { kind: "tiles", seed: 1 }],
  ["blobs", { kind: "blobs", seed: 1 }],
  ["cloth", { kind: "cloth", seed: 1 }],
];

test.each(grounds)("a %s ground changes nothing of where the garment is", async (_, background) => {
  const drawing: Drawing = { category: "upperwear_tshirt", color, variation: 1, background, frame, coverage: 0.3 };
  expect(drawMask(drawing)).toBe(drawMask({ ...drawing, background: white }));
  const covered = await toCovered(drawing);
  const pixels = (await toPixels(drawGarment(drawing))).filter((_, i) => covered[i]);
  expect(apart(mostCommon(pixels), color)).toBeLessThanOrEqual(colorTolerance);
});
