import { describe, expect, it } from "vitest";
import { planClipCrop } from "../../../src/domain/clip-crop.js";

describe("the resize and crop of CLIP's reference preprocessing", () => {
  it.each([
    // side, width, height, resized width and height, left, top; Python 3: int(side * long / short), int(round((edge - side) / 2.0))
    [224, 224, 224, 224, 224, 0, 0],
    [224, 400, 533, 224, 298, 0, 37],
    [224, 533, 400, 298, 224, 37, 0],
    [224, 1, 1, 224, 224, 0, 0],
    [224, 1, 3, 224, 672, 0, 224],
    [224, 3, 1, 672, 224, 224, 0],
    [224, 1000, 200, 1120, 224, 448, 0],
    [336, 400, 533, 336, 447, 0, 56],
    [32, 533, 400, 42, 32, 5, 0],
    [1024, 1, 40_000, 1024, 40_960_000, 0, 20_479_488],
    [33, 40, 33, 40, 33, 4, 0],
  ])(
    "for side %i: %ix%i becomes %ix%i, cut at %i, %i",
    (side, width, height, resizedWidth, resizedHeight, left, top) => {
      const plan = { width: resizedWidth, height: resizedHeight, area: { left, top, width: side, height: side } };
      expect(planClipCrop(width, height, { recipe: "clip-exact", side })).toEqual(plan);
      expect(planClipCrop(width, height, { recipe: "clip-fast", side })).toEqual(plan);
    },
  );

  it.each([
    // (edge - 224) / 2 is 0.5, 1.5, 2.5, 3.5; torchvision rounds half to even, Hugging Face down.
    [225, 0, 0],
    [227, 2, 1],
    [229, 2, 2],
    [231, 4, 3],
  ])("cuts an edge of %i at %i, and Hugging Face's at %i", (edge, even, down) => {
    for (const [recipe, offset] of [["clip-exact", even] as const, ["clip-hf-exact", down] as const]) {
      expect(planClipCrop(224, edge, { recipe, side: 224 }).area.top).toBe(offset);
      expect(planClipCrop(edge, 224, { recipe, side: 224 }).area.left).toBe(offset);
    }
  });
});
