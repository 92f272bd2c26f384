import { describe, expect, it } from "vitest";
import { declaredPixels } from "../../../src/domain/declared-pixels.js";
import { flat, jpegDeclaring, pngDeclaring } from "../../support/test-pictures.js";

const picture = () => flat(37, 53, [200, 30, 40]);
const withAlpha = () => flat(37, 53, [200, 30, 40, 128]);

/** As sharp writes them, which has encoders of its own for each. */
const files: readonly (readonly [string, () => Promise<Buffer>])[] = [
  ["a baseline JPEG", () => picture().jpeg().toBuffer()],
  ["a progressive JPEG", () => picture().jpeg({ progressive: true }).toBuffer()],
  [
    "a JPEG with a profile and EXIF",
    () =>
      picture()
        .withIccProfile("p3")
        .withExif({ IFD0: { Make: "x".repeat(60_000) } })
        .jpeg()
        .toBuffer(),
  ],
  ["a PNG", () => picture().png().toBuffer()],
  ["a GIF", () => picture().gif().toBuffer()],
  ["a lossy WebP", () => picture().webp().toBuffer()],
  ["a lossless WebP", () => picture().webp({ lossless: true }).toBuffer()],
  ["a WebP with alpha", () => withAlpha().webp().toBuffer()],
  ["a lossless WebP with a profile", () => picture().withIccProfile("p3").webp({ lossless: true }).toBuffer()],
  ["a TIFF", () => picture().tiff().toBuffer()],
  ["a compressed TIFF", () => picture().tiff({ compression: "lzw" }).toBuffer()],
  ["an AVIF", () => picture().avif().toBuffer()],
  ["an AVIF with alpha", () => withAlpha().avif().toBuffer()],
];

describe("the declared pixels", () => {
  it.each(files)("of %s are those it has", async (_name, write) => {
    expect(declaredPixels(await write())).toBe(37 * 53);
  });

  it("are what the header says, whatever the data", async () => {
    expect(declaredPixels(pngDeclaring(30_000, 40_000))).toBe(1_200_000_000);
    expect(declaredPixels(jpegDeclaring(await picture().jpeg().toBuffer(), 65_500, 65_500))).toBe(65_500 ** 2);
  });

  it("of a GIF whose frame is larger than its screen are the frame's", async () => {
    const gif = await picture().gif().toBuffer();
    gif.writeUInt16LE(1, 6);
    gif.writeUInt16LE(1, 8);
    expect(declaredPixels(gif)).toBe(37 * 53);
  });

  it("are found behind bytes that decoders pass over", async () => {
    const jpeg = await picture().jpeg().toBuffer();
    const afterFirst = 4 + jpeg.readUInt16BE(4);
    const odd = [jpeg.subarray(0, afterFirst), Buffer.from([1, 2, 3, 0xff, 0xff]), jpeg.subarray(afterFirst)];
    expect(declaredPixels(Buffer.concat(odd))).toBe(37 * 53);
  });

  it("are none of what no decoder opens", async () => {
    expect(declaredPixels(new Uint8Array())).toBe(0);
    expect(declaredPixels(Buffer.from("<svg width='99999' height='99999'/>"))).toBe(0);
    expect(declaredPixels(Uint8Array.of(0xff, 0xd8, 0xff, 0xd9))).toBe(0);
    expect(declaredPixels((await picture().png().toBuffer()).subarray(0, 20))).toBe(0);
  });

  it("are unknown where the header is out of reach, not none", async () => {
    const jpeg = await picture().jpeg().toBuffer();
    const padding = Buffer.alloc(2 ** 18 + 5);
    expect(declaredPixels(Buffer.concat([jpeg.subarray(0, 3), padding, jpeg.subarray(2)]))).toBeNull();
    expect(declaredPixels(await picture().tiff({ bigtiff: true }).toBuffer())).toBeNull();
  });

  it("are a number or unknown for any cut and any flipped bit", async () => {
    for (const [, write] of files) {
      const file = await write();
      for (let cut = 0; cut <= file.length; cut += Math.max(1, file.length >> 6)) {
        expect(isAnswer(declaredPixels(file.subarray(0, cut)))).toBe(true);
      }
      for (let bit = 0; bit < Math.min(file.length, 200) * 8; bit += 3) {
        const flipped = Buffer.from(file);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        expect(isAnswer(declaredPixels(flipped))).toBe(true);
      }
    }
  });
});

function isAnswer(pixels: number | null): boolean {
  return pixels === null || (Number.isSafeInteger(pixels) && pixels >= 0);
}
