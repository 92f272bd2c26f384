import fc from "fast-check";
import { expect, test } from "vitest";
import { parseItemLines } from "../../catalog/item-lines.js";
import { planItems } from "../../catalog/plan-items.js";
import type { FoundPicture } from "../../catalog/scan-folder.js";

const runs = { numRuns: 300 };

const names = fc.constantFrom("a", "b", "shirt", "upperwear", "1", "2", "caf\u00e9");
const paths = fc
  .tuple(fc.array(names, { maxLength: 4 }), names, fc.constantFrom(".jpg", ".PNG", ".webp"))
  .map(([folders, name, extension]) => [...folders, `${name}${extension}`].join("/"));

const pictures: fc.Arbitrary<readonly FoundPicture[]> = fc.uniqueArray(paths, { maxLength: 15 }).map((all) =>
  all.map((path) => {
    const folders = path.split("/").slice(0, -1).slice(0, 2);
    const folderCategory = folders.length === 0 ? null : folders.join("_");
    const aside = folderCategory === null ? "no folder names its category" : null;
    return { path, categoryFolder: folders.join("/"), folderCategory, aside };
  }),
);

const itemLines = fc
  .array(fc.record({ id: names, path: fc.option(paths), category: fc.option(names) }), { maxLength: 10 })
  .map((lines) => parseItemLines(lines.map((line) => JSON.stringify(line)).join("\n"), "items.jsonl"));

const maps = fc.dictionary(names, names).map((entries) => new Map(Object.entries(entries)));

test("every picture is an item, is skipped with a reason, or is part of a problem", () => {
  fc.assert(
    fc.property(pictures, fc.option(itemLines), maps, (found, lines, map) => {
      const { items, skipped, problems } = planItems({ pictures: found, skipped: [] }, lines, map);
      const told = new Set([...items, ...skipped].map(({ path }) => path));
      for (const { path } of found) expect(told.has(path) || problems.some((each) => each.includes(path))).toBe(true);
      expect(skipped.every(({ reason }) => reason !== "")).toBe(true);
    }),
    runs,
  );
});

test("without a problem no id is there twice, and the order is that of the ids", () => {
  fc.assert(
    fc.property(pictures, fc.option(itemLines), maps, (found, lines, map) => {
      const { items, problems } = planItems({ pictures: found, skipped: [] }, lines, map);
      const ids = items.map(({ id }) => id);
      if (problems.length === 0) expect(new Set(ids).size).toBe(ids.length);
      expect(ids).toEqual(ids.toSorted());
    }),
    runs,
  );
});

test("the order in which pictures are found changes nothing", () => {
  fc.assert(
    fc.property(pictures, fc.option(itemLines), maps, (found, lines, map) => {
      const plan = planItems({ pictures: found, skipped: [] }, lines, map);
      const turned = planItems({ pictures: found.toReversed(), skipped: [] }, lines, map);
      if (plan.problems.length === 0) expect(turned.items).toEqual(plan.items);
      expect(turned.skipped).toEqual(plan.skipped);
      expect(turned.problems.length).toBe(plan.problems.length);
    }),
    runs,
  );
});

test("items files never make the reader throw", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.array(fc.json()).map((lines) => lines.join("\n")),
      ),
      (text) => {
        const { lines, problems } = parseItemLines(text, "items.jsonl");
        expect(lines.length + problems.length).toBeGreaterThanOrEqual(text.trim() === "" ? 0 : 1);
      },
    ),
    runs,
  );
});
