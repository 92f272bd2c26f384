import { describe, expect, it } from "vitest";
import { planClipCrop } from "../../../src/domain/clip-crop.js";

describe("the resize and crop of CLIP's reference preprocessing", () => {
  it.each([
    // width, height, resized width, resized height, left, top; Python 3: int(224 * long / short), int(round((edge - 224) / 2.0))
    [224, 224, 224, 224, 0, 0],
    [400, 533, 224, 298, 0, 37],
    [533, 400, 298, 224, 37, 0],
    [1, 1, 224, 224, 0, 0],
    [1, 3, 224, 672, 0, 224],
    [3, 1, 672, 224, 224, 0],
    [1000, 200, 1120, 224, 448, 0],
  ])("%ix%i becomes %ix%i, cut at %i, %i", (width, height, resizedWidth, resizedHeight, left, top) => {
    expect(planClipCrop(width, height)).toEqual({
      width: resizedWidth,
      height: resizedHeight,
      area: { left, top, width: 224, height: 224 },
    });
  });

  it.each([
    [225, 0],
    [227, 2],
    [229, 2],
    [231, 4],
  ])("rounds half a pixel to the even side: an edge of %i is cut at %i", (edge, offset) => {
    expect(planClipCrop(224, edge).area.top).toBe(offset);
    expect(planClipCrop(edge, 224).area.left).toBe(offset);
  });
});
