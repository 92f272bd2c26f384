import type { EncoderInput } from "../domain/encoder-manifest.js";

/**
 * [count, side, side, 3] bytes -> the values the graph wants, in its layout and type. Bytes in `nhwc` order come back
 * as they are, without a copy; floats are (pixel / 255 - mean) / std.
 */
export function toTensorValues(pixels: Uint8Array, count: number, input: EncoderInput): Uint8Array | Float32Array {
  const area = input.side * input.side;
  if (pixels.length !== count * area * 3) {
    throw new RangeError(
      `${count} pictures of side ${input.side} have ${count * area * 3} bytes, not ${pixels.length}`,
    );
  }
  const channelsFirst = input.layout === "nchw";
  if (input.dtype === "uint8") {
    return channelsFirst ? toChannelsFirst(pixels, area, new Uint8Array(pixels.length), identity) : pixels;
  }
  const values = new Float32Array(pixels.length);
  const tables = [0, 1, 2].map((channel) => conversionTable(input.mean[channel]!, input.std[channel]!));
  if (channelsFirst) return toChannelsFirst(pixels, area, values, tables);
  for (let at = 0; at < pixels.length; at++) values[at] = tables[at % 3]![pixels[at]!]!;
  return values;
}

/** What each of the 256 bytes becomes; 768 divisions a batch instead of three a pixel. */
function conversionTable(mean: number, std: number): Float32Array {
  return Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - mean) / std);
}

const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const identity = [bytes, bytes, bytes];

function toChannelsFirst<Values extends Uint8Array | Float32Array>(
  pixels: Uint8Array,
  area: number,
  values: Values,
  tables: readonly (Uint8Array | Float32Array)[],
): Values {
  for (let picture = 0; picture < pixels.length; picture += area * 3) {
    for (let channel = 0; channel < 3; channel++) {
      const table = tables[channel]!;
      const plane = picture + channel * area;
      for (let at = 0; at < area; at++) values[plane + at] = table[pixels[picture + at * 3 + channel]!]!;
    }
  }
  return values;
}
