import fc from "fast-check";
import { expect, test } from "vitest";
import type { Box, Place } from "../../../src/sheet/box.js";
import { layoutBoard } from "../../../src/sheet/layout-board.js";
import { openSheetFont } from "../../../src/sheet/sheet-font.js";
import { aBoard, aCard } from "../../support/a-board.js";

const { measure } = await openSheetFont("");

const word = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.string({ minLength: 100, maxLength: 600, unit: fc.constantFrom("W", "i", "/", "-") }),
  fc.lorem({ maxCount: 40 }),
);
const card = fc
  .record({
    name: word,
    isTitle: fc.boolean(),
    category: word,
    price: fc.option(word),
    score: fc.option(fc.double({ min: -2, max: 2, noNaN: true })),
    boosted: fc.boolean(),
    match: fc.constantFrom(null, { rule: "neutral" as const, degrees: null }),
    color: fc.constantFrom(null, { hex: "#808080", hue: 0, isNeutral: true }),
    parts: fc.constantFrom([], aCard().parts),
  })
  .map(aCard);
const board = fc
  .tuple(fc.array(card, { maxLength: 40 }), word, fc.option(word), fc.array(word, { maxLength: 12 }))
  .map(([cards, name, notice, categories]) => {
    const plain = aBoard(cards, { heading: name, notice, facts: categories });
    const tally = categories.map((category) => ({ category, share: 1 / categories.length }));
    return { ...plain, query: { ...plain.query, name, category: name, vote: name, tally } };
  });

/** Roundings of widths stay far below this. */
const tolerance = 0.01;

function overlap(one: Place, other: Place): boolean {
  const across = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x);
  const down = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y);
  return across > tolerance && down > tolerance;
}

function isInside(inner: Place, outer: Place): boolean {
  return (
    inner.x >= outer.x - tolerance &&
    inner.y >= outer.y - tolerance &&
    inner.x + inner.width <= outer.x + outer.width + tolerance &&
    inner.y + inner.height <= outer.y + outer.height + tolerance
  );
}

function overlapsOf(boxes: readonly Box[]): readonly (readonly [Box, Box])[] {
  return boxes.flatMap((box, i) =>
    boxes.slice(i + 1).flatMap((other) => (overlap(box, other) ? [[box, other] as const] : [])),
  );
}

test("no two things of a sheet overlap, and all are inside it, whatever is written on them", () => {
  fc.assert(
    fc.property(board, (each) => {
      const { boxes, ...size } = layoutBoard(each, measure);
      const panels = boxes.filter(({ kind }) => kind === "panel");
      const things = boxes.filter(({ kind }) => kind !== "panel");
      expect(overlapsOf(panels)).toEqual([]);
      expect(overlapsOf(things)).toEqual([]);
      const sheet = { x: 0, y: 0, ...size };
      expect(boxes.filter((box) => !isInside(box, sheet))).toEqual([]);
      // What touches a panel lies on it.
      const across = things.filter((box) => panels.some((panel) => overlap(box, panel) && !isInside(box, panel)));
      expect(across).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

test("a text's box is as wide as its letters", () => {
  fc.assert(
    fc.property(board, (each) => {
      for (const box of layoutBoard(each, measure).boxes) {
        if (box.kind === "text") expect(box.width).toBe(measure(box.text, box.style));
      }
    }),
    { numRuns: 200 },
  );
});

test("a sheet of one row is wide, and one of many cards is no strip", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), (count) => {
      const { width, height } = layoutBoard(aBoard(Array.from({ length: count }, () => aCard())), measure);
      expect(width / height).toBeGreaterThan(count <= 18 ? 0.9 : 0.35);
      expect(width / height).toBeLessThan(2.4);
    }),
  );
});
