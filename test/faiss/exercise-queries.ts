import assert from "node:assert/strict";
import type { FaissAddon, FaissIndex } from "../../native/faiss/addon.js";

/** A repeatable array of values in [-1, 1]. */
export function someNumbers(count: number, seed = 1): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.sin((i + 1) * 12.9898 + seed * 78.233));
}

/** A flat index of `rows` rows. */
export function aFlatIndex(addon: FaissAddon, rows: number, dimension: number): FaissIndex {
  const index = addon.createIndex(dimension, "Flat", "inner_product");
  index.add(someNumbers(rows * dimension));
  return index;
}

/** Every width around the block size of the scan, and ranges up to both ends: where reading too far would show. */
export async function askEveryShape(addon: FaissAddon): Promise<void> {
  for (let dimension = 1; dimension <= 130; dimension++) {
    const index = aFlatIndex(addon, 3, dimension);
    const query = someNumbers(dimension, 2);
    const all = await index.similarities(query);
    const last = await index.similarities(query, 2, 3);
    assert.equal(all.length, 3);
    assert.equal(last[0], all[2]);
    const other = someNumbers(dimension, 3);
    const both = await index.similarities(Float32Array.of(...query, ...other), 1, 3);
    assert.deepEqual([...both], [...all.slice(1), ...(await index.similarities(other, 1, 3))]);
    const found = await index.search(query, 5, 1, 3);
    assert.deepEqual([...found.rows].sort(), [1, 2]);
    assert.deepEqual((await index.vectors(1, 2)).length, dimension);
    index.close();
  }
  const index = aFlatIndex(addon, 500, 16);
  const several = await index.search(someNumbers(16 * 30, 3), 7);
  assert.equal(several.rows.length, 210);
  assert.equal((await index.search(new Float32Array(0), 7)).rows.length, 0);
}

/** Searches beside additions: each must see a whole index, as it was when asked or later. */
export async function addWhileSearching(addon: FaissAddon): Promise<void> {
  const index = aFlatIndex(addon, 100, 64);
  const query = someNumbers(64, 2);
  const first = await index.similarities(query);
  const pending: Promise<unknown>[] = [];
  for (let turn = 0; turn < 200; turn++) {
    const rows = index.rows;
    pending.push(
      index.similarities(query).then((values) => {
        assert.equal(values.length, rows);
        assert.deepEqual(values.slice(0, 100), first);
      }),
      index.search(query, 5).then((found) => assert.equal(found.rows.length, 5)),
      index.vectors(0, rows).then((values) => assert.equal(values.length, rows * 64)),
    );
    index.add(someNumbers(64 * 5, turn));
    if (turn % 20 === 0) await Promise.all(pending.splice(0));
  }
  await Promise.all(pending);
  assert.equal(index.rows, 1100);
}

/** Indexes dropped or closed while they work, and the collector called at once. */
export async function dropWhileSearching(addon: FaissAddon): Promise<void> {
  const pending: Promise<unknown>[] = [];
  for (let turn = 0; turn < 100; turn++) {
    const index = aFlatIndex(addon, 300, 128);
    pending.push(index.search(someNumbers(128), 10), index.similarities(someNumbers(128)), index.vectors());
    if (turn % 2 === 0) index.close();
    if (turn % 10 === 0) globalThis.gc?.();
  }
  await Promise.all(pending);
}
