import { describe, expect, it } from "vitest";
import { createExactIndex } from "../../../src/adapters/exact-index.js";
import { toEmbedding } from "../../../src/domain/embedding.js";
import { vectorIndexContract } from "../../support/vector-index-contract.js";

vectorIndexContract("the exact index", createExactIndex);

describe("the exact index", () => {
  it("lets others have their turn while it looks through a large catalog", async () => {
    const dimension = 512;
    const rows = 20_000;
    const index = createExactIndex(new Float32Array(rows * dimension), dimension);
    const query = toEmbedding(Float32Array.from({ length: dimension }, (_, i) => i + 1));
    let turns = 0;
    let done = false;
    const count = () => {
      turns++;
      if (!done) setImmediate(count);
    };
    setImmediate(count);
    await index.similarities(query);
    done = true;
    expect(turns).toBeGreaterThanOrEqual(4);
  });

  it("says which kind it is", () => {
    expect(createExactIndex(new Float32Array(8), 4).kind).toBe("exact");
  });
});
