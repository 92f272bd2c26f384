import { expect, test } from "vitest";
import { parseItemRecord, toItemRecord } from "../../../src/domain/catalog-record.js";
import { anItem } from "../../support/an-artifact.js";

const record = toItemRecord(anItem());

test("an item is written with the names the artifact has", () => {
  expect(Object.keys(record)).toEqual([
    "id",
    "category",
    "gender",
    "path",
    "title",
    "price",
    "url",
    "image_url",
    "mean_color",
    "palette",
  ]);
  expect(record.palette[0]).toEqual({ rgb: [200, 30, 40], share: 0.75 });
});

test("an item comes back with its row and the hue of its colors", () => {
  const item = anItem({ row: 7, title: "A shirt", url: "https://shop.example/1", imageUrl: "/images/1.jpg" });
  expect(parseItemRecord(JSON.parse(JSON.stringify(toItemRecord(item))), 7)).toEqual({ value: item });
});

const refused: readonly (readonly [string, unknown, string])[] = [
  ["an item without a palette", { palette: undefined }, "palette must be a list of 1 to 16 colors"],
  ["an empty palette", { palette: [] }, "palette must be"],
  [
    "an item without a mean color",
    { mean_color: null },
    "mean_color must be three whole numbers from 0 to 255: not null.",
  ],
  ["a color out of range", { mean_color: [0, 0, 256] }, "mean_color must be"],
  ["a color with holes", { mean_color: new Array(3) }, "mean_color must be"],
  ["a share of nothing", { palette: [{ rgb: [0, 0, 0], share: 0 }] }, "palette must be"],
  [
    "shares above one",
    {
      palette: [
        { rgb: [0, 0, 0], share: 0.6 },
        { rgb: [1, 0, 0], share: 0.6 },
      ],
    },
    "palette must be",
  ],
  [
    "the smaller share first",
    {
      palette: [
        { rgb: [0, 0, 0], share: 0.2 },
        { rgb: [1, 0, 0], share: 0.6 },
      ],
    },
    "palette",
  ],
  ["an empty id", { id: "" }, "id must be a text of 1 to 512 printable characters"],
  ["an id of two lines", { id: "a\nb" }, "id must be"],
  ["a number as title", { title: 7 }, "title must be null or a text of 1 to 500 printable characters: not 7."],
  [
    "an absent gender",
    { gender: undefined },
    "gender must be null or a text of 1 to 32 printable characters: it is missing.",
  ],
  ["a script as address", { url: "javascript:alert(1)" }, "url must be null or an http, https, s3 or relative address"],
  ["a script in disguise", { image_url: " JavaScript:alert(1)//" }, "image_url must be"],
  ["data as address", { image_url: "data:text/html,x" }, "image_url must be"],
  ["an unknown field", { color_rgb: [0, 0, 0] }, "color_rgb is not a field of this format."],
];
test.each(refused)("refuses %s", (_what, changes, problem) => {
  const parsed = parseItemRecord({ ...record, ...(changes as object) }, 0);
  expect("problems" in parsed && parsed.problems.join("\n")).toContain(problem);
});

test.each(["https://a.example/b?c=d:e", "http://a.example", "s3://bucket/key", "/a/b.jpg", "a/b:c.jpg", "b.jpg"])(
  "takes the address %s",
  (url) => {
    expect(parseItemRecord({ ...record, url }, 0)).toMatchObject({ value: { url } });
  },
);

test.each([null, [], "x", 1])("refuses a line that is %j", (value) => {
  const parsed = parseItemRecord(value, 0);
  expect("problems" in parsed && parsed.problems[0]).toContain("it must be an object");
});
