import { expect, test } from "vitest";
import { toCompareRows } from "../../../page/compare-rows.js";
import { aPiece, aReply } from "../../support/page-replies.js";

test("every place of either outfit has one row, those of the first come first", () => {
  const bag = aPiece({ item_id: "bag" });
  const hat = aPiece({ item_id: "hat", category: "hat" });
  const shoe = aPiece({ item_id: "shoe", category: "shoe" });
  const other = aPiece({ item_id: "other", category: "shoe" });
  const rows = toCompareRows(aReply([bag, shoe]), aReply([hat, other, bag]));
  expect(rows).toEqual([
    { category: "accessories_bag", first: [bag], second: [bag], same: true },
    { category: "shoe", first: [shoe], second: [other], same: false },
    { category: "hat", first: [], second: [hat], same: false },
  ]);
});

test("two pieces where the other has one are not the same", () => {
  const [one, two] = [aPiece({ item_id: "1" }), aPiece({ item_id: "2" })];
  expect(toCompareRows(aReply([one, two]), aReply([one]))[0]!.same).toBe(false);
});
