import type { PlacedCodes } from "../../src/adapters/coded-index.js";
import type { RowCodes } from "../../src/domain/row-codes.js";

/** Codes whose places are the rows. */
export function inRowOrder(codes: RowCodes): PlacedCodes {
  return { codes, placeOfRow: Int32Array.from({ length: codes.rows }, (_, row) => row) };
}
