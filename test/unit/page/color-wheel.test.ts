import { describe, expect, test } from "vitest";
import { pointAt, ringPath, toWheel } from "../../../page/color-wheel.js";
import type { ColorReason } from "../../../page/reply.js";
import { turnsApart } from "../../../src/domain/color.js";
import { harmonyOfDistance } from "../../../src/domain/color-harmony.js";

function aColor(degrees: number, neutral = false): ColorReason {
  return { rgb: [1, 2, 3], hue: degrees / 360, hue_degrees: degrees, saturation: 0.5, lightness: 0.5, neutral };
}

function wheelOf(rule: string, query: ColorReason, item: ColorReason | null) {
  return toWheel({ rule, score: 1, query, item, hue_distance_degrees: null });
}

const rules = ["analogous", "complementary", "triadic"];

test.each(rules)("the arcs of %s hold exactly the hues that the ranking takes for it", (rule) => {
  const own = 77;
  const { arcs } = wheelOf(rule, aColor(own), null);
  const isInside = (degrees: number) => arcs.some(([from, to]) => (((degrees - from) % 360) + 360) % 360 <= to - from);
  // Beside the borders, where the last bit of a double decides.
  for (let degrees = 0.25; degrees < 360; degrees += 0.5) {
    const distance = turnsApart(own / 360, degrees / 360);
    expect(isInside(degrees), `${degrees} degrees`).toBe(harmonyOfDistance(distance) === rule);
  }
});

test.each(["neutral", "clashing", "unknown", "of a newer server"])("%s opens no part of the wheel", (rule) => {
  expect(wheelOf(rule, aColor(10), aColor(200)).arcs).toEqual([]);
});

describe("a color's place", () => {
  test("is its hue, red at the top and clockwise", () => {
    const { query, item } = wheelOf("triadic", aColor(0), aColor(90));
    expect(query).toEqual({ x: 0, y: -1 });
    expect(item).toEqual({ x: 1, y: 0 });
  });

  test("is the middle where the hue does not matter, and nowhere where there is none", () => {
    expect(wheelOf("neutral", aColor(120, true), null)).toMatchObject({ query: { x: 0, y: 0 }, item: null });
  });
});

test("a ring's part begins and ends at its angles", () => {
  expect(pointAt(180, 2)).toEqual({ x: 0, y: 2 });
  expect(ringPath([0, 90], 1, 2)).toBe("M0 -2A2 2 0 0 1 2 0L1 0A1 1 0 0 0 0 -1Z");
  expect(ringPath([0, 270], 1, 2)).toContain("A2 2 0 1 1");
});
