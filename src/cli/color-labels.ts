import { readFile } from "node:fs/promises";
import { relative, sep } from "node:path";
import { toKnownColor } from "../domain/catalog-candidates.js";
import { type ColorFamily, colorFamilies, colorFamilyOf } from "../domain/color-family.js";
import { isJsonObject, shown } from "../domain/json-fields.js";
import type { Parsed } from "../domain/parsed.js";
import type { LabeledPhoto } from "./labeled-photos.js";

/** What a person calls the color of a photo, by the photo's path. */
export type ColorLabels = Readonly<{ of: ReadonlyMap<string, ColorFamily>; unused: number }>;

/**
 * The labels in a JSON file, `{"dress/1.jpg": "red"}` or `"#c81e28"`, paths relative to the photos' folder; or every
 * problem, one sentence each. Labels of photos that are not there are counted.
 */
export async function readColorLabels(
  file: string | undefined,
  folder: string,
  photos: readonly LabeledPhoto[],
): Promise<Parsed<ColorLabels>> {
  if (file === undefined) return { value: { of: new Map(), unused: 0 } };
  const text = await readFile(file, "utf8").catch(() => null);
  if (text === null) return { problems: [`--color-labels: ${file} is not a readable file`] };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problems: [`--color-labels: ${file} is not JSON`] };
  }
  if (!isJsonObject(value)) return { problems: [`--color-labels: ${file} must be an object, path -> color`] };
  const labels = new Map<string, ColorFamily>();
  const problems: string[] = [];
  for (const [path, name] of Object.entries(value)) {
    const family = toFamily(name);
    if (family === null) problems.push(`--color-labels: ${path} is ${shown(name)}; ${expected}`);
    else labels.set(path, family);
  }
  const [first, ...rest] = problems;
  if (first !== undefined) return { problems: [first, ...rest] };
  return matchPhotos(file, folder, photos, labels);
}

const expected = `a color is ${colorFamilies.join(", ")} or #rrggbb`;

function toFamily(name: unknown): ColorFamily | null {
  if (typeof name !== "string") return null;
  const digits = /^#([0-9a-f]{6})$/i.exec(name)?.[1];
  if (digits === undefined) return colorFamilies.find((family) => family === name.toLowerCase()) ?? null;
  const number = Number.parseInt(digits, 16);
  return colorFamilyOf(toKnownColor([number >> 16, (number >> 8) & 255, number & 255]).hsl);
}

function matchPhotos(
  file: string,
  folder: string,
  photos: readonly LabeledPhoto[],
  labels: ReadonlyMap<string, ColorFamily>,
): Parsed<ColorLabels> {
  const of = new Map<string, ColorFamily>();
  for (const { path } of photos) {
    const label = labels.get(relative(folder, path).split(sep).join("/"));
    if (label !== undefined) of.set(path, label);
  }
  if (of.size === 0) return { problems: [`--color-labels: none of the photos is named in ${file}`] };
  return { value: { of, unused: labels.size - of.size } };
}
