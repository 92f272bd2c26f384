import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { planItems } from "../../catalog/plan-items.js";
import { scanFolder } from "../../catalog/scan-folder.js";
import { aFolder } from "../support/a-folder.js";

type Categories = Readonly<Record<string, readonly string[]>>;
type LayoutCase = readonly [
  files: readonly string[],
  cap: number | null,
  outcome: Readonly<{ categories?: Categories; error?: string }>,
];

/** Made by V4's own train.py; see "about" in the file. */
const { layout } = JSON.parse(
  readFileSync(new URL("./data/dataset_layout.json", import.meta.url), "utf8"),
) as Readonly<{ layout: readonly LayoutCase[] }>;

// There is no cap per category here: V4's kept whatever its file system listed first (D23).
const cases = layout.map((each, i) => [i, each] as const).filter(([, [, cap]]) => cap === null);

/** Every place where ours takes more or less than V4, by the number of the case. Anything else must be the same. */
const differences: Readonly<
  Record<number, Readonly<{ why: string; more?: readonly string[]; less?: readonly string[] }>>
> = {
  3: { why: "a picture in a folder does not hide its subfolders (D24)", more: ["upperwear/shirt/2.jpg"] },
  4: {
    why: "webp, gif and mixed-case extensions are seen (D24); bmp is skipped with its reason",
    more: ["upperwear/shirt/1.webp", "upperwear/shirt/3.gif", "upperwear/shirt/4.Jpg"],
  },
  5: { why: "webp is seen (D24)", more: ["upperwear/shirt/1.webp"] },
  6: { why: "deeper levels count as the second (D24)", more: ["accessories/bag/b/c/3.jpg"] },
  7: { why: "deeper levels count as the second (D24)", more: ["accessories/bag/a/b/1.jpg"] },
  8: { why: "a picture in a folder does not hide its subfolders (D24)", more: ["accessories/bag/a/1.jpg"] },
  9: { why: "hidden folders are caches, not categories", less: [".hidden/x/1.jpg", "upperwear/.cache/2.jpg"] },
  18: {
    why: "a picture in a folder does not hide its subfolders (D24)",
    more: ["footwear/heels/images/0348.jpeg", "one-piece/bag/new/0198.PNG", "one-piece/shirt/0113.JPG"],
  },
  20: {
    why: "a picture in a folder does not hide its subfolders (D24)",
    more: [
      "accessories/bag/images/0009.png",
      "accessories/heels/0407.JPG",
      "accessories/images/0786.JPG",
      "upperwear/shirt/images/0285.JPEG",
    ],
  },
  22: { why: "a picture in a folder does not hide its subfolders (D24)", more: ["upperwear/bag/0133.jpg"] },
  26: { why: "a picture in a folder does not hide its subfolders (D24)", more: ["footwear/heels/images/0612.JPEG"] },
};

async function planOf(files: readonly string[]) {
  const root = await aFolder();
  for (const file of files) {
    await mkdir(join(root, file.endsWith("/") ? file : dirname(file)), { recursive: true });
    if (!file.endsWith("/")) await writeFile(join(root, file), "");
  }
  return planItems(await scanFolder(root), null, new Map());
}

describe("folders become the categories of V4's train.py", () => {
  it("in 30 layouts", () => expect(cases).toHaveLength(30));

  it.each(cases)("case %i", async (number, [files, , outcome]) => {
    const { more = [], less = [] } = differences[number] ?? {};
    const plan = await planOf(files);
    const ours = new Map(plan.items.map(({ path, category }) => [path, category]));
    const theirs = new Map(
      Object.entries(outcome.categories ?? {}).flatMap(([category, paths]) => paths.map((path) => [path, category])),
    );
    expect([...ours.keys()].filter((path) => !theirs.has(path)).sort()).toEqual(more);
    expect([...theirs.keys()].filter((path) => !ours.has(path)).sort()).toEqual(less);
    for (const path of [...more, ...less]) {
      ours.delete(path);
      theirs.delete(path);
    }
    expect(new Map([...ours].sort())).toEqual(new Map([...theirs].sort()));
  });

  it.each(cases)("case %i leaves no file out without a reason", async (_number, [files]) => {
    const { items, skipped } = await planOf(files);
    const named = [...items.map(({ path }) => path), ...skipped.map(({ path }) => path)];
    const lost = files.filter(
      (file) => !file.endsWith("/") && !named.some((path) => file === path || isBelow(file, path)),
    );
    expect(lost).toEqual([]);
  });

  it("refuses two files of one id, where V4 gave both the same (D21)", async () => {
    const { problems } = await planOf([
      "upperwear/shirt/same.jpg",
      "upperwear/tshirt/same.jpg",
      "upperwear/shirt/same.png",
    ]);
    expect(problems).toEqual([
      'upperwear/shirt/same.jpg and upperwear/shirt/same.png would have the same id "upperwear/shirt/same"',
    ]);
  });

  it("says what lies outside train/, where V4 passed it over", async () => {
    const { skipped } = await planOf(["train/upperwear/shirt/1.jpg", "other/x/9.jpg"]);
    expect(skipped).toEqual([
      { path: "other/x/9.jpg", reason: "outside train/, which alone is the catalog where it exists" },
    ]);
  });

  it("says where deeper pictures went", async () => {
    const { warnings } = await planOf(["accessories/bag/a/b/1.jpg", "accessories/bag/0.jpg"]);
    expect(warnings).toEqual([
      "accessories/bag/a/b/ is below the second level: its pictures (1) count as accessories_bag",
    ]);
  });
});

function isBelow(file: string, folder: string): boolean {
  return folder.endsWith("/") && file.startsWith(folder);
}
