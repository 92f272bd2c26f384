import type { Rgb } from "../../src/domain/image.js";
import type { Drawing } from "./draw-garment.js";
import { type SampleCategory, sampleCategories } from "./garment-shapes.js";
import { patterns } from "./pattern.js";
import { toCutVariation } from "./sample-cuts.js";
import { sampleTables } from "./sample-tables.js";

/** An item of the sample catalog: what its line says, and what its picture shows. */
export type SampleItem = Readonly<{
  /** The picture's path without its extension. */
  id: string;
  category: SampleCategory;
  gender: string;
  title: string;
  price: string;
  /** The picture, relative to the pictures' folder, forward slashes. */
  path: string;
  color: Rgb;
  pattern: NonNullable<Drawing["pattern"]>;
  variation: Exclude<Drawing["variation"], number | string>;
}>;

/** The sample catalog, ten items of each category, in catalog order. */
export function listSampleItems(): readonly SampleItem[] {
  return sampleCategories.flatMap((category) => {
    const lines = sampleTables[category].trim().split("\n");
    return lines.map((line) => toItem(category, line));
  });
}

function toItem(category: SampleCategory, line: string): SampleItem {
  const [name = "", colorName = "", code = "", cut = "", patternName, gender = "", euros] = line
    .split("|")
    .map((column) => column.trim());
  const pattern = patterns.find((each) => each === patternName);
  if (pattern === undefined) throw new Error(`no pattern of this name: ${line.trim()}`);
  const folder = category.replace("_", "/");
  const id = `${folder}/${toSlug(`${name} ${colorName}`)}`;
  const title = `${name} in ${colorName}`;
  const drawn = { color: parseColor(code), pattern, variation: toCutVariation(category, cut) };
  return { id, category, gender, title, price: `${euros}.00 EUR`, path: `${id}.png`, ...drawn };
}

function toSlug(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
}

function parseColor(code: string): Rgb {
  const channel = (start: number) => Number.parseInt(code.slice(start, start + 2), 16);
  return [channel(1), channel(3), channel(5)];
}
