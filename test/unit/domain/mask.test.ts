import { describe, expect, it } from "vitest";
import { countInside, largeParts, type Mask, withoutEdge } from "../../../src/domain/mask.js";

/** A mask from a drawing: `#` is inside. */
function draw(...rows: readonly string[]): Mask {
  const inside = Uint8Array.from(rows.join(""), (letter) => (letter === "#" ? 1 : 0));
  return { width: rows[0]!.length, height: rows.length, inside };
}

describe("the large parts of a mask", () => {
  it("keep what is connected sideways or up and down, and every part of a tenth of the largest", () => {
    const drawing = draw("##########..#", "##########...", "...........##");
    // Twenty pixels; then one, which is too small, and two, which are not.
    expect(largeParts(drawing)).toEqual(draw("##########...", "##########...", "...........##"));
  });

  it("do not reach around the ends of a row", () => {
    const drawing = draw("##########", "##########", "..........", ".........#", "#.........");
    expect(countInside(largeParts(drawing))).toBe(20);
  });

  it("of nothing are nothing", () => {
    expect(largeParts(draw("...", "..."))).toEqual(draw("...", "..."));
  });
});

describe("a mask without its edge", () => {
  it("loses its outermost pixels, but none at the picture's own border", () => {
    const drawing = draw("######.", "######.", "######.", "######.", ".......");
    expect(withoutEdge(drawing)).toEqual(draw("#####..", "#####..", "#####..", ".......", "......."));
  });

  it("stays as it is where it is too thin", () => {
    const drawing = draw(".......", ".#####.", ".......");
    expect(withoutEdge(drawing)).toBe(drawing);
  });
});
