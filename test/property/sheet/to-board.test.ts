import fc from "fast-check";
import { expect, test } from "vitest";
import type { Reply } from "../../../client/reply.js";
import { toBoardPage } from "../../../src/sheet/board-page.js";
import { layoutBoard } from "../../../src/sheet/layout-board.js";
import { openSheetFont } from "../../../src/sheet/sheet-font.js";
import { toBoard } from "../../../src/sheet/to-board.js";

const { measure } = await openSheetFont("");

const anything = fc.jsonValue({ maxDepth: 3 });

/** An object with some of these fields, whatever is in them. */
function oneWith(...fields: readonly string[]) {
  const present = fc.record(Object.fromEntries(fields.map((field) => [field, anything])), { requiredKeys: [] });
  return fc.oneof({ weight: 4, arbitrary: present }, { weight: 1, arbitrary: anything });
}

const rowFields = ["item_id", "category", "score", "colors", "rank", "boosted", "reasons", "title", "price", "url"];
const answer = fc.record({
  recommendations: fc.array(oneWith(...rowFields), { maxLength: 5 }),
  query_item: oneWith("dominant_color_rgb", "palette"),
  category_vote: oneWith("category", "source", "confidence", "voters", "tally"),
  metadata: oneWith("total_items", "precision"),
  mode: fc.oneof(fc.constantFrom("outfit", "similar"), anything),
  ...{ fallback: anything, fallback_reason: anything, profile: anything, encoder: anything, index: anything },
  catalog_digest: anything,
});

test("any JSON with a list of recommendations becomes a board, a page without scripts and a sheet", () => {
  fc.assert(
    fc.property(answer, (reply) => {
      const board = toBoard(reply as unknown as Reply, { name: "asked", query: null, pieces: [] });
      expect(board.cards.length).toBeLessThanOrEqual(reply.recommendations.length);
      expect(toBoardPage(board)).not.toMatch(/<script|width:NaN|flex:NaN/);
      const { width, height, boxes } = layoutBoard(board, measure);
      expect(
        [width, height, ...boxes.flatMap((box) => [box.x, box.y, box.width, box.height])].every(Number.isFinite),
      ).toBe(true);
    }),
    { numRuns: 500 },
  );
});
