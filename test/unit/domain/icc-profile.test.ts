import { describe, expect, it } from "vitest";
import { isSrgbProfile } from "../../../src/domain/icc-profile.js";

/** A profile with one tag besides `desc`, which holds this text. */
function aProfile(description: string, encoding: "ascii" | "utf16" = "ascii"): Uint8Array {
  const text = encoding === "ascii" ? description : [...description].map((letter) => `\0${letter}`).join("");
  const bytes = Buffer.alloc(200 + text.length);
  bytes.writeUInt32BE(2, 128);
  for (const [entry, [name, offset, length]] of (
    [
      ["cprt", 180, 8],
      ["desc", 200, text.length],
    ] as const
  ).entries()) {
    bytes.write(name, 132 + entry * 12, "latin1");
    bytes.writeUInt32BE(offset, 136 + entry * 12);
    bytes.writeUInt32BE(length, 140 + entry * 12);
  }
  bytes.write(text, 200, "latin1");
  return bytes;
}

describe("an ICC profile", () => {
  it.each([
    ["sRGB IEC61966-2.1", "ascii"],
    ["sRGB built-in", "utf16"],
    ["1sRGB after a length that is a digit", "ascii"],
  ] as const)("called %s is sRGB", (description, encoding) => {
    expect(isSrgbProfile(aProfile(description, encoding))).toBe(true);
  });

  it.each(["Display P3", "Adobe RGB (1998)", "scRGB", "Linear sRGB", ""])("called '%s' is not", (description) => {
    expect(isSrgbProfile(aProfile(description))).toBe(false);
  });

  it("that is cut short or lies about its table is not", () => {
    const whole = aProfile("sRGB");
    expect(isSrgbProfile(whole.subarray(0, 100))).toBe(false);
    expect(isSrgbProfile(whole.subarray(0, 150))).toBe(false);
    const lying = Buffer.from(whole);
    lying.writeUInt32BE(0xffffffff, 128);
    lying.write("xxxx", 144);
    expect(isSrgbProfile(lying)).toBe(false);
  });
});
