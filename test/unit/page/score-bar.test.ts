import { describe, expect, test } from "vitest";
import type { ScoreParts } from "../../../page/reply.js";
import { toDecimals, toDifferences, toLines, toSegments } from "../../../page/score-bar.js";

function someParts(fields: Partial<ScoreParts>): ScoreParts {
  const parts = { similarity: 1290, harmony: 4000, gender: 2000, category: 0, boost: 1093, clamp: 0, ...fields };
  const total = Object.values(parts).reduce((sum, points) => sum + points, 0);
  return { ...parts, total };
}

describe("the bar", () => {
  test("is as long as the score", () => {
    const segments = toSegments(someParts({}));
    expect(segments.map(({ name }) => name)).toEqual(["similarity", "harmony", "gender", "boost"]);
    expect(segments.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(0.8383, 10);
  });

  test("never overflows: what reaches beyond a whole score shortens all of it", () => {
    const segments = toSegments(someParts({ similarity: 4000, clamp: -1093 }));
    expect(segments.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 10);
  });
});

describe("the lines", () => {
  test("add up to the score, whatever was cut off or counts against it", () => {
    for (const parts of [
      someParts({}),
      someParts({ similarity: 4000, clamp: -1093 }),
      someParts({ similarity: -400 }),
    ]) {
      const lines = toLines(parts);
      const total = lines.at(-1)!;
      expect(total).toMatchObject({ name: "total", points: parts.total });
      expect(lines.slice(0, -1).reduce((sum, { points }) => sum + points, 0)).toBe(parts.total);
    }
  });
});

test("the differences of two scores add up to the difference of both", () => {
  const [one, other] = [someParts({ similarity: 4000, clamp: -1093 }), someParts({ harmony: 800, boost: 0 })];
  const rows = toDifferences(one, other);
  expect(rows.at(-1)!.points).toBe(one.total - other.total);
  expect(rows.slice(0, -1).reduce((sum, { points }) => sum + points, 0)).toBe(one.total - other.total);
  expect(toDifferences(one, one)).toEqual([{ label: "Score", points: 0 }]);
});

test("points are shown as the answer writes scores", () => {
  expect([toDecimals(8383), toDecimals(-1093), toDecimals(11_500)]).toEqual(["0.8383", "\u22120.1093", "1.1500"]);
});
