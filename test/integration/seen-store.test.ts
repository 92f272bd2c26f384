import { join } from "node:path";
import { expect, test } from "vitest";
import { openSeenStore, type SeenFeatures } from "../../catalog/seen-store.js";
import { toSwatch } from "../../src/domain/color.js";
import type { Embedding } from "../../src/domain/embedding.js";
import { aFolder } from "../support/a-folder.js";

const by = { modelDigest: "a".repeat(64), preprocess: "clip-exact-224", dimension: 2, thumbnails: null };
const features: SeenFeatures = {
  embedding: Float32Array.of(0.6, 0.8) as Embedding,
  palette: [toSwatch([10, 20, 30], 1)],
  meanColor: [10, 20, 30],
  thumbnail: null,
};

test("what cannot be written any more is told with the folder, and what was written before stays", async () => {
  const folder = join(await aFolder(), "cache");
  const store = await openSeenStore(folder, by);
  const [first, second] = ["1".repeat(64), "2".repeat(64)];
  await store.keep(first, features);
  await store.close();
  // A file that takes no more, as on a full disk.
  await expect(store.keep(second, features)).rejects.toThrow(`${folder} cannot keep what pictures show (EBADF)`);
  const again = await openSeenStore(folder, by);
  expect((await again.find(first))?.meanColor).toEqual([10, 20, 30]);
  expect(await again.find(second)).toBeNull();
  await again.close();
});
