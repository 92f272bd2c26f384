import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { createImageDecoder } from "../support/compiled-decoder.js";

type Row = Readonly<{ file: string; note: string; mode?: string; catalogue_color: readonly [number, number, number] }>;

// Made by V4's own code with Pillow 9.4.0; `about` in the file tells how.
const data = new URL("./data/", import.meta.url);
const golden = JSON.parse(readFileSync(new URL("mean_color.json", data), "utf8")) as { pillow: string; rows: Row[] };
const wants = { preprocess: "clip-exact-224", meanColor: true } as const;

describe(`V4's mean color, from V4's own decode, against Pillow ${golden.pillow}`, () => {
  const decoder = createImageDecoder({ workers: 1, maxPixels: 1_000_000 });
  afterAll(() => decoder.close());
  const readable = golden.rows.filter((row) => row.mode !== undefined);

  it.each(readable)("$file ($note) is equal", async ({ file, catalogue_color }) => {
    const { meanColor } = await decoder.decode(readFileSync(new URL(file, data)), wants);
    expect(meanColor).toEqual(catalogue_color);
  });

  it("covers every readable row", () => expect(readable.length).toBe(golden.rows.length - 1));

  it("refuses the unreadable file, for which V4 made up gray", async () => {
    const bytes = readFileSync(new URL("mean_color/not_an_image.png", data));
    await expect(decoder.decode(bytes, wants)).rejects.toMatchObject({ code: "image_undecodable" });
  });
});
