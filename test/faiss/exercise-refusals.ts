import assert from "node:assert/strict";
import type { FaissAddon } from "../../native/faiss/addon.js";
import { aFlatIndex, someNumbers } from "./exercise-queries.js";

/** What other bindings answer by ending the process: each must be an error that says what is wrong. */
export async function refuseEverythingWrong(addon: FaissAddon): Promise<void> {
  const index = aFlatIndex(addon, 10, 4);
  const query = someNumbers(4);
  // The types forbid most of these, JavaScript does not.
  const loose = index as unknown as Record<string, (...values: unknown[]) => unknown>;
  const loosely = addon as unknown as Record<string, (...values: unknown[]) => unknown>;
  const refusals: readonly (readonly [RegExp, () => unknown])[] = [
    [/RangeError.*rows of 4 values/, () => index.add(new Float32Array(5))],
    [/RangeError.*not finite at 3/, () => index.add(Float32Array.of(0, 0, 0, Number.NaN))],
    [
      /RangeError.*not finite at 0/,
      () =>
        index.search(
          query.map(() => Number.POSITIVE_INFINITY),
          1,
        ),
    ],
    [/TypeError.*Float32Array/, () => loose.add!([1, 2, 3, 4])],
    [/TypeError.*Float32Array/, () => loose.add!(new Float64Array(4))],
    [/TypeError.*Float32Array/, () => loose.search!()],
    [/TypeError.*count/, () => loose.search!(query)],
    [/RangeError.*count/, () => index.search(query, -1)],
    [/RangeError.*count/, () => index.search(query, Number.POSITIVE_INFINITY)],
    [/RangeError.*from/, () => index.search(query, 1, 11)],
    [/RangeError.*to is/, () => index.similarities(query, 0, 11)],
    [/RangeError.*at most/, () => index.vectors(3, 2)],
    [/RangeError.*queries/, () => index.similarities(someNumbers(7))],
    [/TypeError.*path/, () => loose.write!(7)],
    [/RangeError.*path/, () => index.write("a\0b")],
    [/RangeError.*path/, () => addon.readIndex("")],
    [/TypeError/, () => loose.add!.call({}, query)],
    [/TypeError/, () => loosely.deserializeIndex!("text")],
    [/Error: deserialize/, () => addon.deserializeIndex(new Uint8Array(0))],
    [/RangeError.*dimension/, () => addon.createIndex(0, "Flat", "l2")],
    [/RangeError.*dimension/, () => addon.createIndex(1e300, "Flat", "l2")],
    [/RangeError.*dimension/, () => addon.createIndex(Number.NaN, "Flat", "l2")],
    [/RangeError.*metric/, () => loosely.createIndex!(4, "Flat", "cosine")],
    ...["", "IVF", "IVF0,Flat", "IVF4", "IVF9999999,Flat", "HNSW32", "PQ0", "Flat,Flat"].map(
      (text) => [/RangeError.*description/, () => addon.createIndex(4, text, "l2")] as const,
    ),
    [/Error: the index must be trained/, () => addon.createIndex(4, "IVF2,Flat", "l2").add(query)],
    [/Error: train: Number of training points/, () => addon.createIndex(4, "IVF9,Flat", "l2").train(query)],
    [/RangeError.*Flat index/, () => addon.createIndex(4, "IVF9,Flat", "inner_product").similarities(query)],
    [/RangeError.*inner_product/, () => addon.createIndex(4, "Flat", "l2").similarities(query)],
  ];
  for (const [message, attempt] of refusals)
    assert.throws(attempt, (error) => message.test(String(error)), `${attempt}`);
  assert.equal("removeIds" in index, false);

  const detached = someNumbers(4);
  structuredClone(detached, { transfer: [detached.buffer as ArrayBuffer] });
  assert.equal((await index.similarities(detached)).length, 0);
  for (const path of ["/nonexistent/folder/x", "/proc/x", "/dev/full", "/"]) {
    await assert.rejects(index.write(path), (error) => String(error).startsWith(`Error: write ${path}: cannot`), path);
  }
  for (const path of ["/nonexistent", "/", "/dev/zero", "/dev/null", "/proc/self/mem"]) {
    await assert.rejects(addon.readIndex(path), (error) => String(error).startsWith(`Error: read ${path}: `), path);
  }
  const huge = await index.search(query, Number.MAX_SAFE_INTEGER);
  assert.equal(huge.rows.length, 10);

  index.close();
  index.close();
  const closed = /the index is closed/;
  for (const method of ["add", "train", "search", "similarities", "vectors", "write", "serialize"]) {
    assert.throws(() => loose[method]!(query, 1), closed, method);
  }
  for (const property of ["rows", "dimension", "metric", "description", "isTrained"]) {
    assert.throws(() => loose[property], closed, property);
  }
}
