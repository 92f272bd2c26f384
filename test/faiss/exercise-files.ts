import assert from "node:assert/strict";
import type { FaissAddon, FaissIndex } from "../../native/faiss/addon.js";
import { aFlatIndex, someNumbers } from "./exercise-queries.js";

const dimension = 8;

/** Files cut short or with bytes changed: refused, or an index on which everything still works. */
export async function readDamagedFiles(addon: FaissAddon, rounds: number): Promise<void> {
  const index = aFlatIndex(addon, 20, dimension);
  const bytes = index.serialize();
  assert.deepEqual(await addon.deserializeIndex(bytes).vectors(), await index.vectors());
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(() => addon.deserializeIndex(bytes.subarray(0, length)), /deserialize: /, `${length} bytes`);
  }
  // Every byte once, at its extremes: kind, counts and values alike.
  for (let at = 0; at < bytes.length; at++) {
    for (const value of [0, 1, 127, 128, 255]) await readWith(addon, bytes, [[at, value]]);
  }
  for (let round = 0; round < rounds; round++) await readWith(addon, bytes, someChanges(bytes.length, round));

  const lists = addon.createIndex(dimension, "IVF4,Flat", "inner_product");
  lists.train(someNumbers(200 * dimension));
  assert.throws(() => addon.deserializeIndex(lists.serialize()), /not a flat FAISS index/);
}

function someChanges(length: number, round: number): readonly (readonly [number, number])[] {
  const random = someNumbers(8, round).map(Math.abs);
  return [0, 1, 2, 3].map((i) => [Math.floor(random[2 * i]! * 0.99 * length), Math.floor(random[2 * i + 1]! * 255)]);
}

async function readWith(addon: FaissAddon, bytes: Uint8Array, changes: readonly (readonly [number, number])[]) {
  const changed = bytes.slice();
  for (const [at, value] of changes) changed[at] = value;
  let index: FaissIndex;
  try {
    index = addon.deserializeIndex(changed);
  } catch (error) {
    assert.match(String(error), /^Error: deserialize: ./);
    return;
  }
  if (index.dimension === dimension) {
    const query = someNumbers(dimension, 3);
    for (const row of (await index.search(query, 5)).rows) assert(row >= -1 && row < index.rows);
    if (index.metric === "inner_product") await index.similarities(query);
    index.add(query);
  }
  await index.vectors();
  index.close();
}
