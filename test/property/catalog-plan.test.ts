import fc from "fast-check";
import { expect, test } from "vitest";
import { parseItemLines } from "../../catalog/item-lines.js";
import { planItems } from "../../catalog/plan-items.js";
import type { FoundPicture } from "../../catalog/scan-folder.js";
import { inPieces } from "../support/async-bytes.js";

const bytesOf = (text: string) => inPieces([Buffer.from(text)]);
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
  .map((lines) => parseItemLines(bytesOf(lines.map((line) => JSON.stringify(line)).join("\n")), "items.jsonl"));

const maps = fc.dictionary(names, names).map((entries) => new Map(Object.entries(entries)));

test("every picture is an item, is skipped with a reason, or is part of a problem", async () => {
  await fc.assert(
    fc.asyncProperty(pictures, fc.option(itemLines), maps, async (found, reading, map) => {
      const lines = await reading;
      const { items, skipped, problems } = planItems({ pictures: found, skipped: [] }, lines, map);
      const told = new Set([...items, ...skipped].map(({ path }) => path));
      for (const { path } of found) expect(told.has(path) || problems.some((each) => each.includes(path))).toBe(true);
      expect(skipped.every(({ reason }) => reason !== "")).toBe(true);
    }),
    runs,
  );
});

test("without a problem no id is there twice, and the order is that of the ids", async () => {
  await fc.assert(
    fc.asyncProperty(pictures, fc.option(itemLines), maps, async (found, reading, map) => {
      const lines = await reading;
      const { items, problems } = planItems({ pictures: found, skipped: [] }, lines, map);
      const ids = items.map(({ id }) => id);
      if (problems.length === 0) expect(new Set(ids).size).toBe(ids.length);
      expect(ids).toEqual(ids.toSorted());
    }),
    runs,
  );
});

test("the order in which pictures are found changes nothing", async () => {
  await fc.assert(
    fc.asyncProperty(pictures, fc.option(itemLines), maps, async (found, reading, map) => {
      const lines = await reading;
      const plan = planItems({ pictures: found, skipped: [] }, lines, map);
      const turned = planItems({ pictures: found.toReversed(), skipped: [] }, lines, map);
      if (plan.problems.length === 0) expect(turned.items).toEqual(plan.items);
      expect(turned.skipped).toEqual(plan.skipped);
      expect(turned.problems.length).toBe(plan.problems.length);
    }),
    runs,
  );
});

test.each(["items.jsonl", "items.csv"])("%s never makes the reader throw", async (file) => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.array(fc.json()).map((lines) => lines.join("\n")),
      ),
      async (text) => {
        const { lines, problems } = await parseItemLines(bytesOf(text), file);
        const isBlank = text.replaceAll(/[\s,"]/g, "") === "";
        expect(lines.length + problems.length).toBeGreaterThanOrEqual(isBlank ? 0 : 1);
      },
    ),
    runs,
  );
});

/** A field as RFC 4180 writes it, quoted where it must be and elsewhere at will. */
const quoted = (field: string, always: boolean) =>
  always || /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;

test("a CSV file says what JSON Lines say, however it is quoted, ended and cut into pieces", async () => {
  const text = fc.string({ unit: fc.constantFrom("a", "1", '"', ",", " ", "é", "\u2028", ";", "'"), maxLength: 12 });
  const items = fc.uniqueArray(fc.record({ id: text, title: text, price: text }), {
    ...{ selector: ({ id }) => id, maxLength: 6 },
  });
  await fc.assert(
    fc.asyncProperty(
      ...([items, fc.boolean(), fc.constantFrom("\n", "\r\n"), fc.boolean(), fc.integer({ min: 1, max: 9 })] as const),
      async (all, isQuoted, end, isMarked, size) => {
        const named = all.filter(({ id }) => id !== "");
        const rows = [["price", "id", "title"], ...named.map(({ id, title, price }) => [price, id, title])];
        const csv = rows.map((row) => row.map((field) => quoted(field, isQuoted)).join(",") + end).join("");
        const bytes = Buffer.from((isMarked ? "\uFEFF" : "") + csv);
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
          bytes.subarray(i * size, (i + 1) * size),
        );
        const fromCsv = await parseItemLines(inPieces(pieces), "items.CSV");
        const json = named.map((item) => JSON.stringify(item)).join("\n");
        const fromJson = await parseItemLines(bytesOf(json), "items.jsonl");
        expect(fromCsv.problems).toEqual([]);
        expect(fromCsv.lines).toEqual(fromJson.lines.map((each) => ({ ...each, line: each.line + 1 })));
      },
    ),
    runs,
  );
});
