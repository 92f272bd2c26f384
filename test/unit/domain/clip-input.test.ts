import { describe, expect, it } from "vitest";
import {
  type PreprocessVersion,
  parsePreprocessVersion,
  preprocessRule,
  preprocessSide,
  toModelInput,
  toPreprocess,
} from "../../../src/domain/clip-input.js";

describe("a preprocess version", () => {
  it.each([
    ["clip-exact-224", "clip-exact", 224],
    ["clip-hf-exact-336", "clip-hf-exact", 336],
    ["clip-fast-16", "clip-fast", 16],
    ["clip-exact-1024", "clip-exact", 1024],
    ["clip-exact-99", "clip-exact", 99],
  ] as const)("%s names %s and a side of %i", (version, recipe, side) => {
    expect(parsePreprocessVersion(version)).toEqual({ recipe, side });
    expect(toPreprocess(version)).toEqual({ recipe, side });
    expect(preprocessSide(version)).toBe(side);
    expect(preprocessRule.accepts(version)).toBe(true);
  });

  it.each([
    "clip-exact-15",
    "clip-exact-1025",
    "clip-exact-0224",
    "clip-exact-+224",
    "clip-exact--224",
    "clip-exact-224.0",
    "clip-exact-2.24e2",
    "clip-exact-0x40",
    "clip-exact-٢٢٤",
    "clip-exact-",
    "clip-exact",
    "clip-exact-224 ",
    " clip-exact-224",
    "clip-exact-224\n",
    "clip-exact-224-224",
    "CLIP-EXACT-224",
    "clip--224",
    "exact-224",
    "constructor-224",
    "",
    224,
    null,
    undefined,
    ["clip-exact-224"],
    { toString: () => "clip-exact-224" },
  ])("is not %j", (version) => {
    expect(parsePreprocessVersion(version)).toBeNull();
    expect(preprocessRule.accepts(version)).toBe(false);
  });

  it("that was never checked is a caller's bug", () => {
    const unchecked: PreprocessVersion = "clip-exact-8";
    expect(() => preprocessSide(unchecked)).toThrow(new RangeError("no preprocess version is called clip-exact-8"));
  });

  it("is described in one line", () => {
    expect(preprocessRule.expected).toBe(
      "clip-exact-SIDE or clip-hf-exact-SIDE or clip-fast-SIDE with a SIDE from 16 to 1024",
    );
  });
});

describe("a model input", () => {
  const image = { width: 32, height: 32, pixels: new Uint8Array(32 * 32 * 3) };

  it("is the picture's own bytes", () => {
    expect(toModelInput(image, "clip-exact-32")).toEqual({ side: 32, data: image.pixels });
    expect(toModelInput(image, "clip-exact-32").data).toBe(image.pixels);
  });

  it.each([33, 31])("of side %i is not made of another picture", (side) => {
    expect(() => toModelInput(image, `clip-fast-${side}`)).toThrow(`a model input is ${side}x${side}, not 32x32`);
  });
});
