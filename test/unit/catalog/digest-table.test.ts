import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { createDigestTable } from "../../../catalog/digest-table.js";

const digestOf = (number: number) => createHash("sha256").update(String(number)).digest("hex");
const placeOf = (number: number) => ({ file: number % 7, at: number * 2 ** 33, bytes: number });

test("finds thousands of places, and none that was not put there", () => {
  const table = createDigestTable();
  for (let number = 0; number < 20_000; number++) table.set(digestOf(number), placeOf(number));
  for (let number = 0; number < 20_000; number++) expect(table.find(digestOf(number))).toEqual(placeOf(number));
  for (let number = 20_000; number < 30_000; number++) expect(table.find(digestOf(number))).toBeNull();
});

test("keeps the later of two places, and those apart whose digests end alike or begin in the same slot", () => {
  const table = createDigestTable();
  const [first, second, third] = ["00000001", "00000002", "ffffffff"].map((high) => `${high}00000400${"a".repeat(48)}`);
  table.set(first!, placeOf(1));
  table.set(second!, placeOf(2));
  table.set(first!, placeOf(3));
  expect([first, second, third].map((digest) => table.find(digest!))).toEqual([placeOf(3), placeOf(2), null]);
});
