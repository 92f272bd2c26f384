import sharp from "sharp";
import { describe, expect, it } from "vitest";
import type { Rgb } from "../../../src/domain/image.js";
import { toBoardPicture } from "../../../src/sheet/board-picture.js";
import type { Place } from "../../../src/sheet/box.js";
import { drawSheet } from "../../../src/sheet/draw-sheet.js";
import { layoutBoard } from "../../../src/sheet/layout-board.js";
import { openSheetFont } from "../../../src/sheet/sheet-font.js";
import { aBoard, aCard } from "../../support/a-board.js";

/** A picture of one color, upright. */
async function plain([r, g, b]: Rgb) {
  const create = { width: 75, height: 100, channels: 3, background: { r, g, b } } as const;
  return toBoardPicture(await sharp({ create }).png().toBuffer(), 100);
}

const colors: readonly Rgb[] = [
  [220, 30, 40],
  [30, 160, 60],
  [40, 60, 210],
  [240, 190, 40],
];
const [asked, ...pieces] = await Promise.all(colors.map(plain));
const cards = pieces.map((picture, i) => aCard({ picture, rank: i + 1 }));
const board = aBoard(cards);
const withPicture = { ...board, query: { ...board.query, picture: asked! } };

const { measure } = await openSheetFont("");
const layout = layoutBoard(withPicture, measure);
const { bytes } = await drawSheet(withPicture, "png");
const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
const scale = info.width / layout.width;

function colorAt(x: number, y: number): readonly number[] {
  const place = (Math.round(y * scale) * info.width + Math.round(x * scale)) * info.channels;
  return [...data.subarray(place, place + 3)];
}

/** The darkest value of the red channel in a place. */
function darkest({ x, y, width, height }: Place): number {
  const down = Array.from({ length: Math.floor(height) }, (_, i) => y + i);
  const across = Array.from({ length: Math.floor(width) }, (_, i) => x + i);
  return Math.min(...down.flatMap((at) => across.map((right) => colorAt(right, at)[0]!)));
}

describe("a sheet as PNG", () => {
  it("is twice the size of its layout", () => {
    expect([info.width, info.height]).toEqual([layout.width * 2, layout.height * 2]);
  });

  it("shows each picture in its place", () => {
    const places = layout.boxes.filter(({ kind }) => kind === "picture");
    expect(places).toHaveLength(colors.length);
    for (const [i, { x, y, width, height }] of places.entries()) {
      const found = colorAt(x + width / 2, y + height / 2);
      expect(Math.max(...found.map((channel, at) => Math.abs(channel - colors[i]![at]!)))).toBeLessThan(8);
    }
  });

  it("shows the letters of every text, without a font on the machine", () => {
    const texts = layout.boxes.filter(({ kind }) => kind === "text");
    expect(texts.length).toBeGreaterThan(20);
    for (const text of texts) expect(darkest(text)).toBeLessThan(140);
  });

  it("stays a size that viewers show, however many pieces there are", async () => {
    const many = aBoard(Array.from({ length: 120 }, () => aCard()));
    const { width, height } = await sharp((await drawSheet(many, "png")).bytes, { limitInputPixels: false }).metadata();
    expect(Math.max(width, height)).toBeLessThanOrEqual(16_000);
    expect(Math.max(width, height)).toBeGreaterThan(15_900);
  });
});
