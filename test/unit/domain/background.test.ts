import { describe, expect, it } from "vitest";
import { findGarment } from "../../../src/domain/background.js";

/** A square picture of regions, by a rule for each pixel, and the garment found in it as such a rule's shape. */
function garmentIn(side: number, regionAt: (x: number, y: number) => number): (x: number, y: number) => boolean {
  const regions = Uint8Array.from({ length: side * side }, (_, at) => regionAt(at % side, Math.floor(at / side)));
  const { inside } = findGarment({ width: side, height: side, regions });
  return (x, y) => inside[y * side + x] === 1;
}

const isBetween = (value: number, from: number, to: number) => value >= from && value < to;

describe("the garment of a picture", () => {
  it("is what is not connected to the border by a background region, less its mixed edge", () => {
    const isGarment = garmentIn(100, (x, y) => (isBetween(x, 30, 70) && isBetween(y, 20, 80) ? 1 : 0));
    expect(isGarment(5, 5)).toBe(false);
    expect(isGarment(50, 50)).toBe(true);
    expect(isGarment(30, 50)).toBe(false);
    expect(isGarment(31, 50)).toBe(true);
  });

  it("keeps a print of the background's color", () => {
    const isGarment = garmentIn(100, (x, y) => {
      if (isBetween(x, 45, 55) && isBetween(y, 45, 55)) return 0;
      return isBetween(x, 20, 80) && isBetween(y, 20, 80) ? 1 : 0;
    });
    expect(isGarment(50, 50)).toBe(true);
  });

  it("may run out of the picture", () => {
    const isGarment = garmentIn(100, (x, y) => (isBetween(x, 25, 75) && y >= 30 ? 1 : 0));
    expect(isGarment(50, 99)).toBe(true);
    expect(isGarment(10, 50)).toBe(false);
  });

  it("may fill most of the border, as in a close-up", () => {
    const isGarment = garmentIn(100, (x, y) => (x + y < 40 || x + y > 160 ? 0 : 1));
    expect(isGarment(50, 50)).toBe(true);
    expect(isGarment(2, 60)).toBe(true);
    expect(isGarment(2, 2)).toBe(false);
  });

  it("may lie off-center", () => {
    const isGarment = garmentIn(100, (x, y) => (isBetween(x, 5, 35) && isBetween(y, 10, 50) ? 1 : 0));
    expect(isGarment(20, 30)).toBe(true);
    expect(isGarment(50, 50)).toBe(false);
  });

  it("stands on a background of many regions", () => {
    const isGarment = garmentIn(120, (x, y) =>
      isBetween(x, 40, 80) && isBetween(y, 30, 90) ? 9 : (Math.floor(x / 7) + Math.floor(y / 7) * 3) % 8,
    );
    expect(isGarment(60, 60)).toBe(true);
    expect(isGarment(10, 100)).toBe(false);
    expect(isGarment(100, 60)).toBe(false);
  });

  it("is not a speck of the background", () => {
    const isGarment = garmentIn(100, (x, y) => {
      if (x === 3 && y === 50) return 2;
      return isBetween(x, 30, 70) && isBetween(y, 20, 80) ? 1 : 0;
    });
    expect(isGarment(3, 50)).toBe(false);
  });

  it.each([
    ["all one region", () => 0],
    [
      "next to nothing but background",
      (x: number, y: number) => (isBetween(x, 49, 53) && isBetween(y, 49, 53) ? 1 : 0),
    ],
    ["a close-up with a drawstring", (x: number) => (isBetween(x, 48, 50) ? 1 : 0)],
    ["a different region everywhere", (x: number, y: number) => (x * 7 + y * 13) % 256],
  ])("is the whole picture when that is %s", (_, regionAt) => {
    const isGarment = garmentIn(100, regionAt);
    expect(isGarment(0, 0)).toBe(true);
    expect(isGarment(99, 99)).toBe(true);
  });

  it("is the whole picture when that is one pixel", () => {
    expect(garmentIn(1, () => 0)(0, 0)).toBe(true);
  });
});
