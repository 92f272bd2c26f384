import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { createImageDecoder } from "../support/compiled-decoder.js";
import { unlessSkipped } from "../support/skip-by-name.js";

type Golden = Readonly<{ pillow: string; rows: readonly Readonly<{ path: string; sha256: string }>[] }>;

const golden = JSON.parse(readFileSync(new URL("./data/preprocess-photos.json", import.meta.url), "utf8")) as Golden;
// The photographs are no part of the project; only what Pillow makes of them is.
const photos = new URL("../../../shared/photos/validation/", import.meta.url);
const name = `clip-exact-224 against Pillow ${golden.pillow}, photographs`;

unlessSkipped(name, existsSync(photos) ? null : "the photographs are not here", () => {
  describe(name, () => {
    const decoder = createImageDecoder({ workers: 1, maxPixels: 50_000_000 });
    afterAll(() => decoder.close());

    it(`decodes, resizes and cuts all ${golden.rows.length} to the same bytes`, async () => {
      const different: string[] = [];
      for (const { path, sha256 } of golden.rows) {
        const bytes = readFileSync(new URL(path, photos));
        const { modelView } = await decoder.decode(bytes, { preprocess: "clip-exact-224", meanColor: false });
        if (createHash("sha256").update(modelView.pixels).digest("hex") !== sha256) different.push(path);
      }
      expect(different).toEqual([]);
    });
  });
});
