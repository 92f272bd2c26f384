import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { toThumbnail } from "../../../src/adapters/thumbnail.js";
import { toBoardPicture } from "../../../src/sheet/board-picture.js";

const drawn = sharp({ create: { width: 80, height: 120, channels: 3, background: "#c83228" } });

/** What some cameras write: a reader warns of bytes that belong to nothing, and reads on. */
async function aJpegWithStrayBytes(): Promise<Uint8Array> {
  const jpeg = await drawn.clone().jpeg().toBuffer();
  return Buffer.concat([jpeg.subarray(0, 2), Buffer.from([1, 2, 3]), jpeg.subarray(2)]);
}

describe("a small picture", () => {
  it("has the longest side that is asked for, and never more than its own", async () => {
    const png = await drawn.clone().png().toBuffer();
    expect(await sharp(await toThumbnail(png, 60)).metadata()).toMatchObject({ format: "webp", width: 40, height: 60 });
    expect(await sharp(await toThumbnail(png, 500)).metadata()).toMatchObject({ width: 80, height: 120 });
    expect((await toBoardPicture(png, 60)).ratio).toBeCloseTo(2 / 3);
  });

  it("is made of a file whose oddities the decoder takes as harmless", async () => {
    const odd = await aJpegWithStrayBytes();
    expect(await sharp(await toThumbnail(odd, 60)).metadata()).toMatchObject({ height: 60 });
    expect((await toBoardPicture(odd, 60)).uri).toMatch(/^data:image\/jpeg;base64,/);
  });

  it("is not made of a file that is cut short", async () => {
    const png = await drawn.clone().png({ compressionLevel: 0 }).toBuffer();
    const cut = png.subarray(0, png.length / 2);
    await expect(toThumbnail(cut, 60)).rejects.toThrow();
    await expect(toBoardPicture(cut, 60)).rejects.toThrow();
  });

  it("is upright where the file says how it lies, and its transparent parts are the board's ground", async () => {
    const lying = await drawn.clone().jpeg().withMetadata({ orientation: 6 }).toBuffer();
    expect((await toBoardPicture(lying, 60)).ratio).toBeCloseTo(3 / 2);
    const clear = { width: 20, height: 20, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } as const;
    const { uri } = await toBoardPicture(await sharp({ create: clear }).png().toBuffer(), 20);
    const pixels = await sharp(Buffer.from(uri.split(",")[1]!, "base64"))
      .raw()
      .toBuffer();
    expect(Math.min(...pixels)).toBeGreaterThan(235);
  });
});
