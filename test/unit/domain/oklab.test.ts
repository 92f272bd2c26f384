import { describe, expect, it } from "vitest";
import { toOklab } from "../../../src/domain/oklab.js";

describe("OKLab", () => {
  it.each([
    // CSS Color 4 (section 9.2, and its conversion code) gives these for the primaries.
    ["white", [255, 255, 255], [1, 0, 0]],
    ["black", [0, 0, 0], [0, 0, 0]],
    ["red", [255, 0, 0], [0.62796, 0.22486, 0.12585]],
    ["lime", [0, 255, 0], [0.86644, -0.23389, 0.1795]],
    ["blue", [0, 0, 255], [0.45201, -0.03246, -0.31153]],
  ])("of %s is as published", (_, rgb, wanted) => {
    const oklab = toOklab(Uint8Array.from(rgb));
    for (const [axis, value] of wanted.entries()) expect(oklab[axis]).toBeCloseTo(value, 4);
  });

  it("converts every pixel of a picture by itself", () => {
    const both = toOklab(Uint8Array.of(10, 200, 30, 250, 5, 90));
    expect(both).toEqual(
      Float32Array.of(...toOklab(Uint8Array.of(10, 200, 30)), ...toOklab(Uint8Array.of(250, 5, 90))),
    );
  });
});
