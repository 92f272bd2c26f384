import { describe, expect, it } from "vitest";
import { chooseIndex, mostFlatValues, requireIndex } from "../../../catalog/choose-index.js";
import { faissAvailability } from "../../../src/adapters/faiss-index.js";
import { unlessSkipped } from "../../support/skip-by-name.js";

const dimension = 512;
const mostFlatRows = Math.floor(mostFlatValues / dimension);
const faiss = faissAvailability();

unlessSkipped("an index chosen where FAISS is at hand", faiss.available ? null : faiss.reason, () => {
  it.each([
    [1, "faiss"],
    [mostFlatRows, "faiss"],
    [mostFlatRows + 1, "codes"],
    [3_000_000, "codes"],
  ])("is, of %i rows, %s", (rows, kind) => {
    expect(chooseIndex({ index: "auto" }, { rows, dimension })).toBe(kind);
  });

  it("is one of codes where whole vectors take too much memory", () => {
    const shape = { rows: 100_000, dimension };
    expect(chooseIndex({ index: "auto", indexMemoryGb: 0.21 }, shape)).toBe("faiss");
    expect(chooseIndex({ index: "auto", indexMemoryGb: 0.2 }, shape)).toBe("codes");
  });

  it("is none, with the reason, where not even codes have room", () => {
    const shape = { rows: 1_000_000, dimension };
    expect(chooseIndex({ index: "auto", indexMemoryGb: 1.2 }, shape)).toBe("codes");
    expect(() => chooseIndex({ index: "auto", indexMemoryGb: 1.1 }, shape)).toThrow(
      "the codes index of 1000000 rows takes 1.16 GB, more than 1.1 GB",
    );
  });

  it.each(["faiss", "codes", "none"] as const)("is %s where that is asked for", (index) => {
    requireIndex({ index });
    expect(chooseIndex({ index }, { rows: 10, dimension })).toBe(index);
    expect(chooseIndex({ index }, { rows: 3_000_000, dimension })).toBe(index);
  });
});

describe("an index that holds the vectors as they are", () => {
  it("has to have room for them, too", () => {
    expect(() => chooseIndex({ index: "none", indexMemoryGb: 0.1 }, { rows: 100_000, dimension })).toThrow(
      "the none index of 100000 rows takes 0.205 GB, more than 0.1 GB",
    );
  });
});
