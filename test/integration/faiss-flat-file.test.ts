import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { writeFlatIndex } from "../../catalog/faiss-flat-file.js";
import { faissAvailability } from "../../src/adapters/faiss-index.js";
import { aFolder } from "../support/a-folder.js";
import { unlessSkipped } from "../support/skip-by-name.js";
import { unitRows } from "../support/some-vectors.js";

const faiss = faissAvailability();

unlessSkipped("a flat index written without FAISS", faiss.available ? null : faiss.reason, () => {
  it.each([
    [1, 1],
    [3, 2],
    // More than is read at once.
    [2500, 128],
    [10, 16_384],
  ])("is what FAISS writes, byte for byte: %i rows of %i", async (rows, dimension) => {
    if (!faiss.available) throw new Error(faiss.reason);
    const folder = await aFolder();
    const values = unitRows(rows, dimension, 5);
    const file = join(folder, "embeddings.f32");
    await writeFile(file, values);
    const { sha256, bytes } = await writeFlatIndex(folder, { file, rows, dimension });
    const index = faiss.addon.createIndex(dimension, "Flat", "inner_product");
    index.add(values);
    const written = await readFile(join(folder, "index.faiss"));
    expect(written.equals(index.serialize())).toBe(true);
    expect([bytes, sha256.length]).toEqual([written.length, 64]);
    index.close();
  });
});
