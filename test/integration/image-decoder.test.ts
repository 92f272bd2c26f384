import sharp from "sharp";
import { afterAll, describe, expect, it } from "vitest";
import { planClipCrop } from "../../src/domain/clip-crop.js";
import { type PreprocessVersion, toPreprocess } from "../../src/domain/clip-input.js";
import { type Rgb, type RgbImage, toRgbImage } from "../../src/domain/image.js";
import { resampleBicubic } from "../../src/domain/resample.js";
import { createImageDecoder } from "../support/compiled-decoder.js";
import { drawFormula } from "../support/formula-pictures.js";
import {
  avifDeclaring,
  flat,
  jpegDeclaring,
  pixelAt,
  pngDeclaring,
  tiffDeclaring,
  toSharp,
} from "../support/test-pictures.js";

const maxPixels = 1_000_000;
const exact = { preprocess: "clip-exact-224", meanColor: false } as const;
const fast = { preprocess: "clip-fast-224", meanColor: false } as const;
const decoder = createImageDecoder({ workers: 1, maxPixels });
afterAll(() => decoder.close());

const disc = drawFormula("disc", 300, 260);

async function modelViewOf(bytes: Uint8Array): Promise<RgbImage> {
  return (await decoder.decode(bytes, exact)).modelView;
}

function preprocess(image: RgbImage, version: PreprocessVersion = exact.preprocess): RgbImage {
  return resampleBicubic(image, planClipCrop(image.width, image.height, toPreprocess(version)));
}

/** 255 at most; more when the sizes differ. */
function largestDifference(first: RgbImage, second: RgbImage): number {
  if (first.pixels.length !== second.pixels.length) return Number.POSITIVE_INFINITY;
  return first.pixels.reduce((largest, value, at) => Math.max(largest, Math.abs(value - second.pixels[at]!)), 0);
}

function meanDifference(first: RgbImage, second: RgbImage): number {
  return first.pixels.reduce((sum, value, at) => sum + Math.abs(value - second.pixels[at]!), 0) / first.pixels.length;
}

function expectNear(color: Rgb, wanted: readonly number[], step: number): void {
  const largest = Math.max(...color.map((value, channel) => Math.abs(value - wanted[channel]!)));
  expect({ color, isNear: largest <= step }).toEqual({ color, isNear: true });
}

describe("formats", () => {
  it.each([
    ["PNG", () => toSharp(disc).png()],
    ["lossless WebP", () => toSharp(disc).webp({ lossless: true })],
    ["GIF", () => toSharp(disc).gif()],
    ["TIFF", () => toSharp(disc).tiff({ compression: "deflate" })],
  ])("%s gives exactly the pixels that went in", async (_, encode) => {
    expect(largestDifference(await modelViewOf(await encode().toBuffer()), preprocess(disc))).toBe(0);
  });

  it.each([
    ["JPEG", () => toSharp(disc).jpeg({ quality: 90 })],
    ["progressive JPEG", () => toSharp(disc).jpeg({ quality: 90, progressive: true })],
    ["WebP", () => toSharp(disc).webp({ quality: 90 })],
    ["AVIF", () => toSharp(disc).avif({ quality: 80, effort: 1 })],
  ])("%s gives nearly the pixels that went in", async (_, encode) => {
    expect(meanDifference(await modelViewOf(await encode().toBuffer()), preprocess(disc))).toBeLessThan(2);
  });

  it("gray becomes three equal channels", async () => {
    const bytes = await flat(20, 20, [90, 90, 90]).toColourspace("b-w").png().toBuffer();
    expect((await sharp(bytes).metadata()).channels).toBe(1);
    expect(pixelAt(await modelViewOf(bytes), 0.5, 0.5)).toEqual([90, 90, 90]);
  });

  it("CMYK comes out as the color it prints", async () => {
    const [blue, white] = await Promise.all(
      [
        [40, 60, 150],
        [255, 255, 255],
      ].map((color) => flat(20, 20, color).toColourspace("cmyk").jpeg({ quality: 95 }).toBuffer()),
    );
    expect((await sharp(blue).metadata()).space).toBe("cmyk");
    expectNear(pixelAt(await modelViewOf(blue!), 0.5, 0.5), [40, 60, 150], 30);
    expectNear(pixelAt(await modelViewOf(white!), 0.5, 0.5), [255, 255, 255], 4);
  });

  it("16 bits are scaled to 8, not clipped", async () => {
    const color = await flat(20, 20, [200, 100, 50]).toColourspace("rgb16").png().toBuffer();
    expect((await sharp(color).metadata()).depth).toBe("ushort");
    expect(pixelAt(await modelViewOf(color), 0.5, 0.5)).toEqual([200, 100, 50]);
    const gray = await flat(20, 20, [120, 120, 120]).toColourspace("grey16").png().toBuffer();
    expect((await sharp(gray).metadata()).depth).toBe("ushort");
    expectNear(pixelAt(await modelViewOf(gray), 0.5, 0.5), [120, 120, 120], 1);
  });

  it.each(["gif", "webp"] as const)("an animated %s shows its first frame", async (format) => {
    const frames = await Promise.all(
      [
        [200, 10, 10],
        [10, 200, 10],
      ].map((color) => flat(16, 16, color).png().toBuffer()),
    );
    const animation = sharp(frames, { join: { animated: true } });
    const bytes = await (format === "gif" ? animation.gif() : animation.webp({ lossless: true })).toBuffer();
    expect((await sharp(bytes).metadata()).pages).toBe(2);
    expect(pixelAt(await modelViewOf(bytes), 0.5, 0.5)).toEqual([200, 10, 10]);
  });

  it.each([
    [1, 1],
    [1, 4000],
    [4000, 1],
    [3, 2],
  ])("a picture of %ix%i is read in both versions", async (width, height) => {
    const bytes = await toSharp(drawFormula("gradient", width, height))
      .png()
      .toBuffer();
    for (const wants of [exact, fast]) {
      const { modelView, palette } = await decoder.decode(bytes, wants);
      expect([modelView.width, modelView.height, modelView.pixels.length]).toEqual([224, 224, 224 * 224 * 3]);
      expect(palette.length).toBeGreaterThanOrEqual(1);
    }
  });
});

describe("preprocess versions", () => {
  // The long edge becomes side + 3 at 32 and side + 39 at 336: the two crops are one pixel apart.
  const source = drawFormula("noise", 300, 335);

  it.each([
    "clip-exact-16",
    "clip-exact-32",
    "clip-exact-336",
    "clip-exact-1024",
    "clip-hf-exact-32",
    "clip-hf-exact-336",
  ] as const)("%s is the reference's resize and crop", async (preprocessVersion) => {
    const bytes = await toSharp(source).png().toBuffer();
    const { modelView } = await decoder.decode(bytes, { preprocess: preprocessVersion, meanColor: false });
    const { side } = toPreprocess(preprocessVersion);
    expect([modelView.width, modelView.height]).toEqual([side, side]);
    expect(largestDifference(modelView, preprocess(source, preprocessVersion))).toBe(0);
  });

  it.each([32, 336] as const)("clip-exact and clip-hf-exact cut one pixel apart at %i", (side) => {
    const [one, other] = [preprocess(source, `clip-exact-${side}`), preprocess(source, `clip-hf-exact-${side}`)];
    expect(other.pixels.subarray(side * 3)).toEqual(one.pixels.subarray(0, -side * 3));
  });

  it.each([16, 32, 336, 1024] as const)("clip-fast-%i is near the exact one", async (side) => {
    const smooth = drawFormula("gradient", 300, 255);
    const bytes = await toSharp(smooth).png().toBuffer();
    const { modelView } = await decoder.decode(bytes, { preprocess: `clip-fast-${side}`, meanColor: false });
    expect([modelView.width, modelView.height]).toEqual([side, side]);
    expect(meanDifference(modelView, preprocess(smooth, `clip-exact-${side}`))).toBeLessThan(1);
  });

  it("one that does not exist is the caller's fault", async () => {
    const bytes = await toSharp(source).png().toBuffer();
    const wants = { preprocess: "clip-exact-8", meanColor: false } as const;
    await expect(decoder.decode(bytes, wants)).rejects.toMatchObject({ code: "internal" });
    await expect(modelViewOf(bytes)).resolves.toBeDefined();
  });

  it.each([
    [1, 160_000],
    [160_000, 1],
  ])("a line of %ix%i is read at any side, fast, too, where libvips would not resize it", async (width, height) => {
    const bytes = await toSharp(drawFormula("gradient", width, height))
      .png()
      .toBuffer();
    for (const side of [16, 224, 1024] as const) {
      const views = await Promise.all(
        ([`clip-exact-${side}`, `clip-fast-${side}`] as const).map((preprocess) =>
          decoder.decode(bytes, { preprocess, meanColor: false }),
        ),
      );
      expect(views[0]!.modelView).toMatchObject({ width: side, height: side });
      expect(meanDifference(views[1]!.modelView, views[0]!.modelView)).toBeLessThan(1);
    }
  });
});

describe("EXIF orientation", () => {
  const corners: readonly Rgb[] = [
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [255, 255, 0],
  ];
  const stored = toRgbImage(
    40,
    40,
    Uint8Array.from({ length: 40 * 40 * 3 }, (_, at) => {
      const place = Math.floor(at / 3);
      return corners[(place % 40 < 20 ? 0 : 1) + (place < 800 ? 0 : 2)]![at % 3]!;
    }),
  );

  it.each([
    // Which stored corner is seen at the top left, top right, bottom left, bottom right (TIFF 6.0, tag 274).
    [1, [0, 1, 2, 3]],
    [2, [1, 0, 3, 2]],
    [3, [3, 2, 1, 0]],
    [4, [2, 3, 0, 1]],
    [5, [0, 2, 1, 3]],
    [6, [2, 0, 3, 1]],
    [7, [3, 1, 2, 0]],
    [8, [1, 3, 0, 2]],
  ])("%i is turned upright", async (orientation, seen) => {
    const bytes = await toSharp(stored).withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer();
    const view = await modelViewOf(bytes);
    const places = [0.25, 0.75].flatMap((down) => [0.25, 0.75].map((across) => pixelAt(view, across, down)));
    for (const [place, corner] of seen.entries()) expectNear(places[place]!, corners[corner]!, 12);
  });

  it("counts width and height as they are shown", async () => {
    const bytes = await flat(10, 30, [9, 9, 9]).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    await expect(decoder.decode(bytes, exact)).resolves.toBeDefined();
  });
});

describe("transparency", () => {
  it("is laid on white, rounded to the nearest step", async () => {
    const bytes = await flat(20, 20, [200, 0, 100, 51]).png().toBuffer();
    expect(pixelAt(await modelViewOf(bytes), 0.5, 0.5)).toEqual([244, 204, 224]);
  });

  it("hides the color under it", async () => {
    const bytes = await flat(20, 20, [200, 0, 100, 0]).png().toBuffer();
    expect(pixelAt(await modelViewOf(bytes), 0.5, 0.5)).toEqual([255, 255, 255]);
  });

  it("tells the garment from what is cut away", async () => {
    const pixels = Uint8Array.from({ length: 60 * 60 * 4 }, (_, at) => {
      const place = Math.floor(at / 4);
      const isGarment = Math.abs((place % 60) - 30) < 9 && Math.abs(Math.floor(place / 60) - 30) < 9;
      return (isGarment ? [250, 250, 245, 255] : [20, 90, 20, 0])[at % 4]!;
    });
    const bytes = await sharp(pixels, { raw: { width: 60, height: 60, channels: 4 } })
      .png()
      .toBuffer();
    const { palette } = await decoder.decode(bytes, exact);
    expect(palette).toMatchObject([{ rgb: [250, 250, 245], share: 1 }]);
  });
});

describe("ICC profiles", () => {
  const color = [180, 60, 40];

  it("are applied: Display P3 numbers become sRGB numbers", async () => {
    const bytes = await flat(20, 20, color).withIccProfile("p3").png().toBuffer();
    const stored = await sharp(bytes, { ignoreIcc: true }).raw().toBuffer();
    expect(Math.abs(stored[0]! - color[0]!)).toBeGreaterThan(8);
    expectNear(pixelAt(await modelViewOf(bytes), 0.5, 0.5), color, 2);
  });

  it("that say sRGB change nothing", async () => {
    const plain = await toSharp(disc).png().toBuffer();
    const tagged = await toSharp(disc).withIccProfile("srgb").png().toBuffer();
    expect((await sharp(tagged).metadata()).icc).toBeDefined();
    expect(largestDifference(await modelViewOf(tagged), await modelViewOf(plain))).toBe(0);
  });
});

describe("what is refused", () => {
  it.each([
    ["nothing", ""],
    ["text", "just a line of text that says it is a picture"],
    ["SVG", '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'],
    ["a PDF", "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"],
    ["a JPEG signature alone", "\xff\xd8\xff\xe0"],
  ])("%s", async (_, text) => {
    await expect(decoder.decode(Buffer.from(text, "latin1"), exact)).rejects.toMatchObject({
      code: "image_undecodable",
    });
  });

  const whole = toSharp(drawFormula("noise", 90, 70));
  it.each([
    ["JPEG", () => whole.clone().jpeg()],
    ["progressive JPEG", () => whole.clone().jpeg({ progressive: true })],
    ["PNG", () => whole.clone().png()],
    ["WebP", () => whole.clone().webp()],
    ["AVIF", () => whole.clone().avif({ effort: 0 })],
    ["GIF", () => whole.clone().gif()],
    ["TIFF", () => whole.clone().tiff({ compression: "lzw" })],
  ])("a %s cut short", async (_, encode) => {
    const bytes = await encode().toBuffer();
    for (const share of [0.2, 0.5, 0.9]) {
      const cut = bytes.subarray(0, Math.floor(bytes.length * share));
      await expect(decoder.decode(cut, exact)).rejects.toMatchObject({ code: "image_undecodable" });
    }
  });

  it("a tiny file that declares a huge picture, before anything is allocated", async () => {
    const jpeg = await flat(8, 8, [1, 2, 3]).jpeg().toBuffer();
    const tiff = await flat(8, 8, [1, 2, 3]).tiff().toBuffer();
    const avif = await flat(8, 8, [1, 2, 3]).avif({ effort: 0 }).toBuffer();
    const before = process.memoryUsage().rss;
    const huge = [
      ...[pngDeclaring(30_000, 30_000), jpegDeclaring(jpeg, 65_000, 65_000)],
      ...[tiffDeclaring(tiff, 2 ** 31 - 1, 2 ** 31 - 1), avifDeclaring(avif, 2 ** 31 - 1, 2 ** 31 - 1)],
    ];
    for (const bytes of huge) {
      await expect(decoder.decode(bytes, exact)).rejects.toMatchObject({ code: "image_too_many_pixels" });
    }
    // The smaller of the two would take 2.7 GB.
    expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
  });

  it("one pixel more than the limit, and nothing at the limit", async () => {
    const [at, above] = await Promise.all([1000, 1001].map((side) => flat(1000, side, [5, 5, 5]).png().toBuffer()));
    await expect(decoder.decode(at!, exact)).resolves.toBeDefined();
    await expect(decoder.decode(above!, exact)).rejects.toMatchObject({
      code: "image_too_many_pixels",
      details: { pixels: 1_001_000, max_pixels: maxPixels },
    });
  });
});

describe("what comes back", () => {
  it("is within a step of 255 of the exact version in the fast one", async () => {
    const bytes = await toSharp(drawFormula("disc", 400, 533))
      .png()
      .toBuffer();
    const [one, other] = await Promise.all([decoder.decode(bytes, exact), decoder.decode(bytes, fast)]);
    expect(meanDifference(one.modelView, other.modelView)).toBeLessThan(1);
    expect(one.palette).toEqual(other.palette);
  });

  it("holds the mean color only when it is wanted", async () => {
    const bytes = await flat(30, 20, [10, 20, 30]).png().toBuffer();
    expect((await decoder.decode(bytes, exact)).meanColor).toBeNull();
    expect((await decoder.decode(bytes, { ...exact, meanColor: true })).meanColor).toEqual([10, 20, 30]);
  });

  it("takes the mean of CMYK by Pillow's plain formula, not through a profile", async () => {
    const bytes = await flat(20, 20, [40, 60, 150]).toColourspace("cmyk").tiff().toBuffer();
    const [cyan, magenta, yellow, black] = await sharp(bytes, { ignoreIcc: true })
      .pipelineColourspace("cmyk")
      .toColourspace("cmyk")
      .raw()
      .toBuffer();
    const plain = [cyan!, magenta!, yellow!].map((ink) => Math.round(((255 - ink) * (255 - black!)) / 255));
    expectNear((await decoder.decode(bytes, { ...exact, meanColor: true })).meanColor!, plain, 1);
  });

  it("leaves the caller's bytes alone, those around them included", async () => {
    const png = await toSharp(disc).png().toBuffer();
    const around = Buffer.concat([Buffer.alloc(100, 7), png, Buffer.alloc(100, 7)]);
    const view = await modelViewOf(around.subarray(100, 100 + png.length));
    expect(largestDifference(view, preprocess(disc))).toBe(0);
    expect(around.length).toBe(png.length + 200);
  });
});

describe("a decoder's end", () => {
  it("refuses pictures by code", async () => {
    const closing = createImageDecoder({ workers: 2, maxPixels });
    await closing.started();
    expect(closing.alive()).toBe(2);
    await closing.close();
    expect(closing.alive()).toBe(0);
    await expect(closing.decode(pngDeclaring(1, 1), exact)).rejects.toMatchObject({ code: "shutting_down" });
  });

  it("does not come for a picture whose caller has left", async () => {
    const left = decoder.decode(pngDeclaring(1, 1), exact, AbortSignal.abort(new Error("gone")));
    await expect(left).rejects.toThrow("gone");
    expect(decoder.waiting()).toBe(0);
  });
});
