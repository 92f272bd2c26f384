import { describe, expect, it } from "vitest";
import { type ColoredPhoto, evaluateColors } from "../../../src/domain/color-agreement.js";
import type { ColorFamily } from "../../../src/domain/color-family.js";
import type { Rgb } from "../../../src/domain/image.js";
import { aColor, gray, red, teal } from "../../support/ranking-builders.js";

const darkRed: Rgb = [120, 20, 30];
const blue: Rgb = [30, 40, 200];

function photo(path: string, mean: Rgb | null, dominant: Rgb, label: ColorFamily | null = null): ColoredPhoto {
  return { path, mean: mean === null ? null : aColor(mean), dominant: aColor(dominant), label };
}

describe("the agreement of two colors", () => {
  it("counts how the ranking would treat the one against the other", () => {
    const evaluation = evaluateColors([
      photo("a", gray, gray),
      photo("b", darkRed, red),
      photo("c", gray, red),
      photo("d", teal, red),
      photo("e", blue, red),
    ]);
    expect(evaluation).toMatchObject({
      photos: 5,
      same_bucket: 0.4,
      same_family: 0.4,
      buckets: { both_neutral: 1, analogous: 1, half_neutral: 1, complementary: 1, triadic: 1, clashing: 0 },
      labels: null,
      mislabeled: [],
    });
    expect(evaluation.worst.map(({ path }) => path).sort()).toEqual(["c", "d", "e"]);
  });

  it("shows the furthest apart first, by how different they look", () => {
    const { worst } = evaluateColors([photo("near", gray, [150, 90, 90]), photo("far", gray, red)]);
    expect(worst.map(({ path }) => path)).toEqual(["far", "near"]);
    expect(worst[0]!.distance).toBeGreaterThan(worst[1]!.distance);
    // Ottosson's published OKLab of pure red and of black: lightness 0.628, axes 0.225 and 0.126.
    const [pure] = evaluateColors([photo("p", [0, 0, 0], [255, 0, 0])]).worst;
    expect(pure!.distance).toBeCloseTo(Math.hypot(0.628, 0.225, 0.126), 2);
  });

  it("holds both colors against the labels that there are", () => {
    const { labels, mislabeled } = evaluateColors([
      photo("a", gray, red, "red"),
      photo("b", red, red, "red"),
      photo("c", gray, teal, "blue"),
      photo("d", teal, blue),
    ]);
    expect(labels).toEqual({
      photos: 3,
      dominant_right: 0.6667,
      mean_right: 0.3333,
      per_family: {
        blue: { photos: 1, dominant_right: 0, mean_right: 0 },
        red: { photos: 2, dominant_right: 1, mean_right: 0.5 },
      },
    });
    expect(mislabeled.map(({ path }) => path)).toEqual(["c"]);
  });

  it("says nothing of a mean that nobody asked for", () => {
    const evaluation = evaluateColors([photo("a", null, red, "red"), photo("b", null, teal, "red")]);
    expect(evaluation).toMatchObject({
      photos: 0,
      same_bucket: null,
      labels: { photos: 2, dominant_right: 0.5, mean_right: null },
    });
    expect(evaluation.mislabeled).toEqual([{ path: "b", mean: null, dominant: teal, label: "red" }]);
  });

  it("of no photo is empty", () => {
    expect(evaluateColors([])).toMatchObject({ photos: 0, same_bucket: null, labels: null, worst: [] });
  });
});
