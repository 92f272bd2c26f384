import { availableParallelism } from "node:os";
import type { FaissAddon } from "../../native/faiss/addon.js";
import { type Estimate, placesPerPeak } from "../domain/contenders.js";
import { type Embedding, toEmbedding } from "../domain/embedding.js";
import { createCoarseSlack, decodeRow, encodeQuery, type RowCodes } from "../domain/row-codes.js";
import type { VectorIndex } from "../pipeline.js";

/** Codes in the order of places, and which row has which place. */
export type PlacedCodes = Readonly<{ codes: RowCodes; placeOfRow: Int32Array }>;

// A best piece whose error is larger is missed: among 30 pieces by four deviations in one of 1,000 answers at most, by three in one of 25.
const deviations = 4;
const mostParts = 4;

/**
 * Estimates every row's similarity from four of its bits a value, and has all of them at hand for the few that matter. The
 * codes are not copied: they must not change afterwards.
 */
export function createCodedIndex(addon: FaissAddon, { codes, placeOfRow }: PlacedCodes): VectorIndex {
  const { rows, dimension, half, coarse, middle, low, lowest, scales } = codes;
  const slackOf = createCoarseSlack(codes, deviations);
  const parts = Math.min(mostParts, availableParallelism());
  const peakCount = Math.ceil(rows / placesPerPeak);
  const borderOf = (part: number) => Math.min(rows, placesPerPeak * Math.floor((peakCount * part) / parts));
  const running = new Set<Promise<unknown>>();
  let isClosed = false;

  async function scan(query: Embedding): Promise<Estimate> {
    if (isClosed) throw new Error("the index is closed");
    if (query.length !== dimension) throw new RangeError(`query holds one row of ${dimension} values`);
    const coded = encodeQuery(codes, query);
    const padded = new Float32Array(2 * half);
    padded.set(query);
    const similarities = new Float32Array(rows);
    const peaks = new Float32Array(peakCount);
    await Promise.all(
      Array.from({ length: parts }, (_, part) => {
        const range = [borderOf(part), borderOf(part + 1)] as const;
        return addon.scanCodes(coded.values, coarse, scales, coded.step, similarities, peaks, ...range);
      }),
    );
    const exactly = (places: readonly number[]) => {
      const products = addon.refineCodes(padded, Int32Array.from(places), coarse, middle, low, lowest);
      return Float32Array.from(products, (product, at) => product * scales[places[at]!]!);
    };
    return { similarities, slack: slackOf(coded), peaks, exactly };
  }

  return {
    ...{ kind: "codes", rows, dimension },
    estimate: async (query) => {
      const work = scan(query);
      running.add(work);
      return work.finally(() => running.delete(work));
    },
    embeddingOf: async (row) => {
      const place = placeOfRow[row];
      if (place === undefined) throw new RangeError(`a row is at least 0 and below ${rows}, not ${row}`);
      return toEmbedding(decodeRow(codes, place));
    },
    close: async () => {
      isClosed = true;
      await Promise.allSettled(running);
    },
  };
}
