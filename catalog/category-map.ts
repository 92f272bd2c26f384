import { maxCategoryLength } from "../src/domain/artifact.js";
import { familyOf, toCategoryParts } from "../src/domain/category-family.js";
import { isJsonObject, shown, textRule } from "../src/domain/json-fields.js";
import type { Parsed } from "../src/domain/parsed.js";

/** What a folder or a category is called -> the category it stands for. */
export type CategoryMap = ReadonlyMap<string, string>;

/** A category that the ranking rules do not know by this name, and the family that `v5` takes it for; null when none. */
export type UnmappedCategory = Readonly<{ category: string; items: number; family: string | null }>;

/** `{"dress": "one-piece_dress", "tops/tee": "upperwear_tshirt"}` as parsed JSON -> the map, or every problem. */
export function parseCategoryMap(value: unknown): Parsed<CategoryMap> {
  if (!isJsonObject(value)) {
    return { problems: [`the category map must be a JSON object of folder to category, not ${shown(value)}`] };
  }
  const category = textRule(maxCategoryLength);
  const problems = Object.entries(value)
    .filter(([, target]) => !category.accepts(target))
    .map(([name, target]) => `the category map: ${shown(name)} must name ${category.expected}, not ${shown(target)}`);
  const [first, ...rest] = problems;
  if (first !== undefined) return { problems: [first, ...rest] };
  return { value: new Map(Object.entries(value) as [string, string][]) };
}

/** The names of categories in use, and which entries of the map they have used. */
export type CategoryNames = Readonly<{
  /** The folder's own entry counts before its category's: `tops/tee` before `tops_tee`. */
  toCategory: (name: string, folder?: string) => string;
  /** Entries that named nothing: most often a typing error. */
  unused: () => readonly string[];
}>;

export function createCategoryNames(map: CategoryMap): CategoryNames {
  const used = new Set<string>();
  return {
    toCategory: (name, folder = "") => {
      const entry = [folder, name].find((each) => map.has(each));
      if (entry === undefined) return name;
      used.add(entry);
      return map.get(entry)!;
    },
    unused: () => [...map.keys()].filter((entry) => !used.has(entry)),
  };
}

/** The first words that the rules of both profiles are written in. */
const knownPrefixes = ["upperwear", "outerwear", "bottomwear", "one-piece", "footwear", "accessories"];
const knownFamilies = ["top", "outer", "bottom", "one-piece", "footwear"];

/**
 * The categories that the rules do not know as they are written. `v4` compares exact names, so a flat `shirt` or an
 * `UpperWear_Shirt` would switch its exclusions and its boost off without a word.
 */
export function findUnmapped(counts: Readonly<Record<string, number>>): readonly UnmappedCategory[] {
  return Object.entries(counts)
    .filter(([category]) => !isKnown(category))
    .map(([category, items]) => {
      const family = familyOf(category);
      return { category, items, family: knownFamilies.includes(family) || isAccessory(family) ? family : null };
    });
}

function isKnown(category: string): boolean {
  const { prefix } = toCategoryParts(category);
  return prefix !== null && knownPrefixes.includes(prefix) && category === category.trim().toLowerCase();
}

function isAccessory(family: string): boolean {
  return family.startsWith("accessories_");
}
