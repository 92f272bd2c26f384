import assert from "node:assert/strict";
import type { FaissAddon } from "../../native/faiss/addon.js";
import { createCodedIndex } from "../../src/adapters/coded-index.js";
import { toEmbedding } from "../../src/domain/embedding.js";
import { createRowCodes, encodeRows } from "../../src/domain/row-codes.js";
import { inRowOrder } from "../support/placed-codes.js";
import { someNumbers } from "./exercise-queries.js";

/** Rows in codes, of every shape near the borders of blocks and registers, and searches nobody waits for. */
export async function searchCodes(addon: FaissAddon): Promise<void> {
  for (const dimension of [1, 2, 3, 31, 64, 65, 127, 512, 513]) {
    for (const rows of [1, 2, 63, 64, 65, 200]) {
      const codes = createRowCodes(rows, dimension);
      encodeRows(codes, 0, someNumbers(rows * dimension));
      const index = createCodedIndex(addon, inRowOrder(codes));
      const query = toEmbedding(someNumbers(dimension));
      void index.estimate(query);
      const { similarities, exactly } = await index.estimate(query);
      const places = Array.from(similarities, (_, place) => place);
      assert.equal(exactly(places).length, rows);
      assert.equal(exactly([]).length, 0);
    }
  }
}
