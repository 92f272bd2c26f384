import fc from "fast-check";
import { expect, test } from "vitest";
import { toTensorValues } from "../../../src/adapters/onnx-encoder-input.js";
import type { EncoderInput } from "../../../src/domain/encoder-manifest.js";

const runs = { numRuns: 200 };

const batches = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 })).chain(([count, side]) =>
  fc.record({
    count: fc.constant(count),
    side: fc.constant(side),
    pixels: fc.uint8Array({ minLength: count * side * side * 3, maxLength: count * side * side * 3 }),
    layout: fc.constantFrom("nhwc" as const, "nchw" as const),
  }),
);

const channels = fc.tuple(
  fc.double({ min: 0.01, max: 2, noNaN: true }),
  fc.double({ min: 0.01, max: 2, noNaN: true }),
  fc.double({ min: 0.01, max: 2, noNaN: true }),
);

test("a batch is its pictures one after another, in every layout and type", () => {
  fc.assert(
    fc.property(batches, channels, fc.boolean(), ({ count, side, pixels, layout }, std, isFloat) => {
      const common = { name: "pixels", layout, side };
      const input: EncoderInput = isFloat
        ? { ...common, dtype: "float32", mean: [0.4, 0.5, 0.6], std }
        : { ...common, dtype: "uint8" };
      const each = side * side * 3;
      const alone = Array.from({ length: count }, (_, i) =>
        Array.from(toTensorValues(pixels.subarray(i * each, (i + 1) * each), 1, input)),
      );
      expect(Array.from(toTensorValues(pixels, count, input))).toEqual(alone.flat());
    }),
    runs,
  );
});

test("the pixel's byte can be read back from wherever its float went", () => {
  fc.assert(
    fc.property(batches, channels, channels, ({ count, side, pixels, layout }, mean, std) => {
      const values = toTensorValues(pixels, count, { name: "pixels", layout, side, dtype: "float32", mean, std });
      const area = side * side;
      for (const [at, byte] of pixels.entries()) {
        const [picture, pixel, channel] = [Math.floor(at / (area * 3)), Math.floor(at / 3) % area, at % 3];
        const place = layout === "nhwc" ? at : picture * area * 3 + channel * area + pixel;
        const value = values[place]! * std[channel]! + mean[channel]!;
        expect(Math.abs(value * 255 - byte)).toBeLessThan(0.01);
      }
    }),
    runs,
  );
});
