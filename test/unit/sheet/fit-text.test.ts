import { describe, expect, it } from "vitest";
import { cutEnd, cutMiddle, type MeasureText, toLines } from "../../../src/sheet/fit-text.js";

/** Every letter is as wide as its size. */
const measure: MeasureText = (text, { size }) => [...text].length * size;

function room(width: number) {
  return { width, measure, style: { size: 1, weight: "regular" } } as const;
}

describe("a text that is too long", () => {
  it.each([
    ["keeps both ends", cutMiddle, "abcdefghij", 5, "ab…ij"],
    ["keeps its beginning", cutEnd, "abcdefghij", 5, "abcd…"],
    ["is the ellipsis where nothing has room", cutMiddle, "abcdefghij", 0.5, "…"],
    ["is left alone where it fits", cutMiddle, "abcde", 5, "abcde"],
    ["is never cut through a character", cutMiddle, "👗👗👗👗", 3, "👗…👗"],
  ])("%s", (_what, cut, text, width, expected) => {
    expect(cut(text, room(width))).toBe(expected);
  });

  it.each([
    ["between words", "red silk dress", 2, 9, ["red silk", "dress"]],
    ["inside a word that is longer than a line", "abcdefgh", 3, 3, ["abc", "def", "gh"]],
    ["and cut at the last line", "one two three four", 2, 7, ["one two", "three…"]],
    ["never, where it is empty", "", 2, 7, []],
  ])("is broken %s", (_what, text, most, width, expected) => {
    expect(toLines(text, most, room(width))).toEqual(expected);
  });
});
