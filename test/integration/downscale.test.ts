import { afterAll, describe, expect, it } from "vitest";
import type { RgbImage } from "../../src/domain/image.js";
import { createImageDecoder } from "../support/compiled-decoder.js";
import { drawFormula } from "../support/formula-pictures.js";
import { toSharp } from "../support/test-pictures.js";

const whole = createImageDecoder({ workers: 1, maxPixels: 1e7 });
const shrinking = createImageDecoder({ workers: 1, maxPixels: 1e7, downscaleMax: 600 });
afterAll(() => Promise.all([whole.close(), shrinking.close()]));

const plain = { preprocess: "clip-exact-224", meanColor: false } as const;
const asV4 = { preprocess: "clip-exact-224", meanColor: true } as const;
const large = drawFormula("disc", 1600, 1200);

function meanDifference(first: RgbImage, second: RgbImage): number {
  return first.pixels.reduce((sum, value, at) => sum + Math.abs(value - second.pixels[at]!), 0) / first.pixels.length;
}

describe("pictures above DOWNSCALE_MAX", () => {
  it.each(["jpeg", "png", "webp", "tiff"] as const)(
    "of %s are shrunk first, and look nearly the same",
    async (format) => {
      const bytes = await toSharp(large).toFormat(format).toBuffer();
      const [full, shrunk] = await Promise.all([whole.decode(bytes, plain), shrinking.decode(bytes, plain)]);
      const difference = meanDifference(full.modelView, shrunk.modelView);
      expect(difference).toBeGreaterThan(0);
      expect(difference).toBeLessThan(3);
      const [one, other] = [full.palette[0].rgb, shrunk.palette[0].rgb];
      expect(Math.max(...one.map((value, channel) => Math.abs(value - other[channel]!)))).toBeLessThanOrEqual(4);
    },
  );

  it("are turned upright first", async () => {
    const upright = await toSharp(large).jpeg({ quality: 95 }).toBuffer();
    const lying = await toSharp(large).rotate(90).withMetadata({ orientation: 8 }).jpeg({ quality: 95 }).toBuffer();
    const [one, other] = await Promise.all([shrinking.decode(upright, plain), shrinking.decode(lying, plain)]);
    expect(meanDifference(one.modelView, other.modelView)).toBeLessThan(2);
  });

  it("keep V4's color, which is that of the whole file", async () => {
    for (const bytes of [
      await toSharp(large).png().toBuffer(),
      await toSharp(large).ensureAlpha(0.5).png().toBuffer(),
    ]) {
      const [full, shrunk] = await Promise.all([whole.decode(bytes, asV4), shrinking.decode(bytes, asV4)]);
      expect(shrunk.meanColor).toEqual(full.meanColor);
    }
  });

  it("are still refused by the pixels they declare", async () => {
    const bytes = await toSharp(drawFormula("disc", 4000, 2600))
      .png()
      .toBuffer();
    await expect(shrinking.decode(bytes, plain)).rejects.toMatchObject({ code: "image_too_many_pixels" });
  });
});

describe("pictures below DOWNSCALE_MAX", () => {
  it("are the same to the last bit", async () => {
    for (const [width, height] of [
      [600, 400],
      [200, 900],
    ] as const) {
      const bytes = await toSharp(drawFormula("disc", width, height))
        .jpeg()
        .toBuffer();
      const [full, shrunk] = await Promise.all([whole.decode(bytes, plain), shrinking.decode(bytes, plain)]);
      expect(Buffer.compare(full.modelView.pixels, shrunk.modelView.pixels)).toBe(0);
    }
  });
});
