import { readFile } from "node:fs/promises";
import { type CategoryMap, parseCategoryMap } from "../../catalog/category-map.js";
import type { Parsed } from "../domain/parsed.js";

/** The map in a JSON file, an empty one without a file; or every problem, one sentence each. */
export async function readCategoryMap(file: string | undefined): Promise<Parsed<CategoryMap>> {
  if (file === undefined) return { value: new Map() };
  const text = await readFile(file, "utf8").catch(() => null);
  if (text === null) return { problems: [`--category-map: ${file} is not a readable file`] };
  try {
    return parseCategoryMap(JSON.parse(text));
  } catch {
    return { problems: [`--category-map: ${file} is not JSON`] };
  }
}
