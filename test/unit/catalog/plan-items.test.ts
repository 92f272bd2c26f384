import { describe, expect, test } from "vitest";
import { parseItemLines } from "../../../catalog/item-lines.js";
import { planItems } from "../../../catalog/plan-items.js";
import type { FoundPicture } from "../../../catalog/scan-folder.js";
import { inPieces } from "../../support/async-bytes.js";

function aPicture(path: string): FoundPicture {
  const folders = path.split("/").slice(0, -1).slice(0, 2);
  const folderCategory = folders.length === 0 ? null : folders.join("_");
  const aside = folderCategory === null ? "no folder names its category" : null;
  return { path, categoryFolder: folders.join("/"), folderCategory, aside };
}

const bytesOf = (text: string) => inPieces([Buffer.from(text)]);
const aScan = (...paths: readonly string[]) => ({ pictures: paths.map(aPicture), skipped: [] });
const linesOf = (...lines: readonly unknown[]) =>
  parseItemLines(bytesOf(lines.map((line) => JSON.stringify(line)).join("\n")), "items.jsonl");
const none = new Map<string, string>();

describe("without item lines", () => {
  test("every picture in a folder is an item, in order of the ids", () => {
    const { items, skipped } = planItems(aScan("b/y/2.jpg", "b/1.png", "a.jpg"), null, none);
    expect(items.map(({ id, category, path }) => [id, category, path])).toEqual([
      ["b/1", "b", "b/1.png"],
      ["b/y/2", "b_y", "b/y/2.jpg"],
    ]);
    expect(skipped).toEqual([{ path: "a.jpg", reason: "no folder names its category" }]);
  });

  test("a map renames folders and categories, and says which of its entries did nothing", () => {
    const map = new Map([
      ["dress", "one-piece_dress"],
      ["tops/tee", "upperwear_tshirt"],
      ["tops_shirt", "upperwear_shirt"],
      ["hats", "accessories_hat"],
    ]);
    const { items, warnings } = planItems(aScan("dress/1.jpg", "tops/tee/1.jpg", "tops/shirt/1.jpg"), null, map);
    expect(items.map(({ category }) => category)).toEqual(["one-piece_dress", "upperwear_shirt", "upperwear_tshirt"]);
    expect(warnings).toEqual(['the category map names "hats", which no folder or item has']);
  });

  test("one name typed on two systems is one id", () => {
    const { problems } = planItems(aScan("a/caf\u00e9.jpg", "a/cafe\u0301.jpg"), null, none);
    expect(problems).toHaveLength(1);
  });

  test("a name too long to be an id or a category is skipped", () => {
    const { items, skipped } = planItems(aScan(`a/${"x".repeat(600)}.jpg`, `${"y".repeat(101)}/1.jpg`), null, none);
    expect(items).toEqual([]);
    expect(skipped.map(({ reason }) => reason)).toEqual([
      "its path is too long to be an id",
      "its category's name is too long",
    ]);
  });
});

describe("with item lines", () => {
  test("the lines are the catalog", async () => {
    const lines = await linesOf({ id: "sku1", path: "a/b/1.jpg", title: "Shirt", price: 9.5 }, { id: "sku2" });
    const { items, skipped, problems } = planItems(aScan("a/b/1.jpg", "a/b/3.jpg"), lines, none);
    expect(problems).toEqual([]);
    expect(items).toEqual([
      {
        id: "sku1",
        category: "a_b",
        gender: null,
        path: "a/b/1.jpg",
        title: "Shirt",
        price: "9.5",
        url: null,
        imageUrl: null,
      },
    ]);
    expect(skipped).toEqual([
      { path: "a/b/3.jpg", reason: "no item line names it" },
      { path: "item sku2 (line 2)", reason: "no picture sku2.*" },
    ]);
  });

  test.each([
    ["its path", { id: "x", path: "a/b/1.jpg" }],
    ["its path from the items file", { id: "x", path: "images/a/b/1.jpg" }],
    ["its path as Windows writes it", { id: "x", path: ".\\a\\b\\1.jpg".replace(".\\", "") }],
    ["its id as a path", { id: "a/b/1" }],
    ["its id as a file name", { id: 1 }],
  ])("finds a picture by %s", async (_how, line) => {
    const { items } = planItems(aScan("a/b/1.jpg"), await linesOf(line), none, { imagesPrefix: "images" });
    expect(items.map(({ path }) => path)).toEqual(["a/b/1.jpg"]);
  });

  test("an id that could be two pictures is a problem", async () => {
    const { problems } = planItems(aScan("a/1.jpg", "b/1.jpg"), await linesOf({ id: "1" }), none);
    expect(problems).toEqual(["item 1 (line 1) could be a/1.jpg or b/1.jpg: give it a path"]);
  });

  test("a line can take a picture whose folder names no category", async () => {
    const lines = await linesOf({ id: "1", category: "shirt" }, { id: "2" });
    const { items, skipped } = planItems(aScan("1.jpg", "2.jpg"), lines, new Map([["shirt", "upperwear_shirt"]]));
    expect(items.map(({ id, category }) => [id, category])).toEqual([["1", "upperwear_shirt"]]);
    expect(skipped).toEqual([{ path: "2.jpg", reason: "neither item 2 (line 2) nor a folder names its category" }]);
  });

  test("two lines may share a picture, but not an id", async () => {
    const lines = await linesOf(
      { id: "s", path: "a/1.jpg" },
      { id: "m", path: "a/1.jpg" },
      { id: "s", path: "a/1.jpg" },
    );
    const { items, problems } = planItems(aScan("a/1.jpg"), lines, none);
    expect(items.map(({ id }) => id)).toEqual(["m", "s", "s"]);
    expect(problems).toEqual(['items.jsonl line 3: line 1 has the same id "s"']);
  });

  test("every broken line is named", async () => {
    const text = '{"id":"a"}\n\nnope\n[]\n{"title":"x"}\r\n{"id":"b","url":"javascript:1"}\n{"id":"c","gender":7}\n';
    const { lines, problems } = await parseItemLines(bytesOf(text), "items.jsonl");
    expect(lines.map(({ line }) => line)).toEqual([1]);
    expect(problems.map((problem) => problem.slice(0, 40))).toEqual([
      "items.jsonl line 3: it is not a JSON obj",
      "items.jsonl line 4: it is not a JSON obj",
      "items.jsonl line 5: id must be a text of",
      "items.jsonl line 6: url must be an http,",
      "items.jsonl line 7: gender must be a tex",
    ]);
  });

  test("fields that no item has are counted, not silently dropped", async () => {
    const { warnings } = planItems(aScan("a/1.jpg"), await linesOf({ id: "1", colour: "red", constructor: 1 }), none);
    expect(warnings).toEqual([
      'field "colour" of 1 item lines is unknown and left out',
      'field "constructor" of 1 item lines is unknown and left out',
    ]);
  });
});
