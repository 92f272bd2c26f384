import { readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { createFaissIndex, faissAvailability, readFaissIndex } from "../../src/adapters/faiss-index.js";
import { toEmbedding } from "../../src/domain/embedding.js";
import { aFolder } from "../support/a-folder.js";
import { unlessSkipped } from "../support/skip-by-name.js";
import { aQuery, unitRows } from "../support/some-vectors.js";
import { vectorIndexContract } from "../support/vector-index-contract.js";

const faiss = faissAvailability();
const addon = faiss.available ? faiss.addon : null;
const reason = faiss.available ? null : faiss.reason;

/** As FAISS itself writes it. */
async function writeFaissIndex(path: string, vectors: Float32Array, dimension: number): Promise<void> {
  const index = addon!.createIndex(dimension, "Flat", "inner_product");
  try {
    index.add(vectors);
    await index.write(path);
  } finally {
    index.close();
  }
}

unlessSkipped("the FAISS index", reason, () => {
  vectorIndexContract("the FAISS index", createFaissIndex);

  vectorIndexContract("the FAISS index, written and read,", async (vectors, dimension) => {
    const path = join(await aFolder(), "catalog.faiss");
    await writeFaissIndex(path, vectors, dimension);
    return readFaissIndex(path, { rows: vectors.length / dimension, dimension });
  });

  it("gives a large catalog's similarities as a small one's, though it goes over it in parts", async () => {
    const dimension = 512;
    const large = unitRows(16_411, dimension, 3);
    const query = aQuery(dimension, 4);
    const index = createFaissIndex(large, dimension);
    const similarities = await index.similarities(query);
    for (const from of [0, 8_000, 16_311]) {
      const few = createFaissIndex(large.subarray(from * dimension, (from + 100) * dimension), dimension);
      expect(similarities.subarray(from, from + 100)).toEqual(await few.similarities(query));
      await few.close();
    }
    expect([similarities.length, similarities.indexOf(0)]).toEqual([16_411, -1]);
    await index.close();
  });

  describe("a FAISS file", () => {
    const vectors = Float32Array.of(1, 0, 0.6, 0.8, 0, 1);
    const shape = { rows: 3, dimension: 2 };
    let folder: string;
    let path: string;
    beforeAll(async () => {
      folder = await aFolder();
      path = join(folder, "three.faiss");
      await writeFaissIndex(path, vectors, 2);
    });

    it("is what FAISS writes: kind, header and the rows as they are", async () => {
      const bytes = await readFile(path);
      expect(bytes.subarray(0, 4).toString()).toBe("IxFI");
      expect([bytes.readInt32LE(4), bytes.readBigInt64LE(8)]).toEqual([2, 3n]);
      expect(
        new Float32Array(bytes.buffer.slice(bytes.byteOffset + bytes.length - 24, bytes.byteOffset + bytes.length)),
      ).toEqual(vectors);
    });

    it("gives the index back", async () => {
      const index = await readFaissIndex(path, shape);
      expect([index.kind, index.rows, index.dimension]).toEqual(["faiss", 3, 2]);
      const found = await index.search(toEmbedding(Float32Array.of(0, 1)), 2);
      expect(found.map(({ row }) => row)).toEqual([2, 1]);
      await index.close();
    });

    it("is refused when it is not the catalog's, with every difference named", async () => {
      await expect(readFaissIndex(path, { rows: 4, dimension: 5 })).rejects.toThrow(
        `${path} is not this catalog's index: rows is 3 instead of 4, dimension is 2 instead of 5`,
      );
    });

    it("is refused when it is of another metric or kind", async () => {
      const flat = addon!.createIndex(2, "Flat", "l2");
      flat.add(vectors);
      await flat.write(join(folder, "l2.faiss"));
      await expect(readFaissIndex(join(folder, "l2.faiss"), shape)).rejects.toThrow(
        "metric is l2 instead of inner_prod",
      );
      const lists = addon!.createIndex(2, "IVF1,Flat", "inner_product");
      lists.train(vectors);
      await lists.write(join(folder, "lists.faiss"));
      await expect(readFaissIndex(join(folder, "lists.faiss"), shape)).rejects.toThrow("not a flat FAISS index");
    });

    it("is refused when it ends early or goes on too long", async () => {
      const bytes = await readFile(path);
      const damaged = join(folder, "damaged.faiss");
      for (let length = 0; length < bytes.length; length++) {
        await writeFile(damaged, bytes);
        await truncate(damaged, length);
        await expect(readFaissIndex(damaged, shape), `cut to ${length} bytes`).rejects.toThrow(`read ${damaged}: `);
      }
      await writeFile(damaged, Buffer.concat([bytes, Buffer.of(0)]));
      await expect(readFaissIndex(damaged, shape)).rejects.toThrow("the file goes on after the index");
    });

    it("is refused when it is not there", async () => {
      await expect(readFaissIndex(join(folder, "absent"), shape)).rejects.toThrow("No such file");
      await expect(writeFaissIndex(join(folder, "absent", "x"), vectors, 2)).rejects.toThrow("No such file");
    });
  });
});
