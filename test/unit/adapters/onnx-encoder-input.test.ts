import { expect, test } from "vitest";
import { toTensorValues } from "../../../src/adapters/onnx-encoder-input.js";

/** Two pictures of side 2: pixel values count up, so that every place can be told from every other. */
const pixels = Uint8Array.from({ length: 24 }, (_, i) => i);
const bytes = { name: "pixels", side: 2, dtype: "uint8" } as const;
const floats = { name: "pixels", side: 2, dtype: "float32", mean: [0.5, 0, 1], std: [0.5, 2, 0.25] } as const;

test("passes bytes on without a copy when they are in the graph's own order", () => {
  expect(toTensorValues(pixels, 2, { ...bytes, layout: "nhwc" })).toBe(pixels);
});

test("puts each picture's red, green and blue planes one after another", () => {
  expect(Array.from(toTensorValues(pixels, 2, { ...bytes, layout: "nchw" }))).toEqual([
    ...[0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11],
    ...[12, 15, 18, 21, 13, 16, 19, 22, 14, 17, 20, 23],
  ]);
});

/** By hand: (byte / 255 - mean) / std. */
const extremes = Uint8Array.of(0, 0, 0, 255, 255, 255, 51, 51, 51, 204, 204, 204);

test("turns bytes into floats by each channel's mean and deviation", () => {
  const values = toTensorValues(extremes, 1, { ...floats, layout: "nhwc" });
  const expected = [-1, 0, -4, 1, 0.5, 0, -0.6, 0.1, -3.2, 0.6, 0.4, -0.8];
  expect(values).toBeInstanceOf(Float32Array);
  for (const [i, value] of expected.entries()) expect(values[i]).toBeCloseTo(value, 6);
});

test("turns bytes into planes of floats", () => {
  const values = toTensorValues(extremes, 1, { ...floats, layout: "nchw" });
  const expected = [-1, 1, -0.6, 0.6, 0, 0.5, 0.1, 0.4, -4, 0, -3.2, -0.8];
  for (const [i, value] of expected.entries()) expect(values[i]).toBeCloseTo(value, 6);
});

test.each([0, 1, 3])("refuses the bytes of two pictures as %i", (count) => {
  expect(() => toTensorValues(pixels, count, { ...bytes, layout: "nhwc" })).toThrow(RangeError);
});
