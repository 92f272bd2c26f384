import { areRivals, familyOf, toCategoryParts } from "./category-family.js";
import { entryOf } from "./entry-of.js";

const tops = ["upperwear_shirt", "upperwear_tshirt", "upperwear_top", "upperwear_blouse", "upperwear_jacket"];
const onePieces = ["one-piece_dress", "one-piece_jumpsuit"];
const basicTops = ["upperwear_shirt", "upperwear_tshirt", "upperwear_jacket"];
const basicBottoms = ["bottomwear_pants", "bottomwear_shorts", "bottomwear_skirt"];
const accessories = ["accessories_bag", "accessories_hat"];
const everydayShoes = ["footwear_shoes", "footwear_sneakers", "footwear_flats"];
const allShoes = ["footwear_shoes", "footwear_sneakers", "footwear_heels", "footwear_flats"];

function bottomsAnd(...names: readonly string[]): readonly string[] {
  return names.map((name) => `bottomwear_${name}`);
}

/** V4's exclusions per voted category, one-way as they are (D17). A category without a row excludes itself. */
const v4Excluded: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(tops.map((top) => [top, [...tops, ...onePieces]])),
  ...Object.fromEntries(onePieces.map((piece) => [piece, [...onePieces, ...tops, ...basicBottoms]])),
  bottomwear_pants: bottomsAnd("pants", "shorts", "jeans", "trousers", "skirt"),
  bottomwear_shorts: bottomsAnd("pants", "shorts", "jeans", "skirt"),
  bottomwear_jeans: bottomsAnd("pants", "jeans", "trousers", "skirt"),
  bottomwear_skirt: bottomsAnd("pants", "shorts", "jeans", "skirt"),
};

/** Does V4 leave this candidate's category out for that voted one? Exact names. */
export function v4Excludes(voted: string, candidate: string | null): boolean {
  return candidate !== null && (entryOf(v4Excluded, voted) ?? [voted]).includes(candidate);
}

/** V4's boost table: voted category -> candidates whose score is raised. */
const v4Compatible: Readonly<Record<string, readonly string[]>> = {
  upperwear_shirt: [...basicBottoms, ...everydayShoes, ...accessories],
  upperwear_jacket: [...basicBottoms, ...everydayShoes, ...accessories],
  upperwear_tshirt: [...basicBottoms, ...everydayShoes, ...accessories, "upperwear_jacket"],
  bottomwear_pants: [...basicTops, ...everydayShoes, ...accessories],
  bottomwear_shorts: [...basicTops, ...everydayShoes, ...accessories],
  bottomwear_skirt: [...basicTops, "footwear_shoes", "footwear_heels", "footwear_flats", ...accessories],
  "one-piece_dress": ["upperwear_jacket", "footwear_heels", "footwear_flats", "footwear_shoes", ...accessories],
  footwear_shoes: [...basicTops, ...basicBottoms, "one-piece_dress", ...accessories],
  footwear_flats: [...basicTops, ...basicBottoms, "one-piece_dress", ...accessories],
  footwear_sneakers: [...basicTops, "bottomwear_pants", "bottomwear_shorts", ...accessories],
  footwear_heels: [...basicTops, "bottomwear_skirt", "one-piece_dress", ...accessories],
  accessories_bag: [...basicTops, ...basicBottoms, "one-piece_dress", ...allShoes],
  accessories_hat: [...basicTops, ...basicBottoms, "one-piece_dress", ...allShoes],
};

/** Does V4 boost this candidate's category for that voted one? Exact names. */
export function v4Boosts(voted: string, candidate: string | null): boolean {
  return candidate !== null && (entryOf(v4Compatible, voted) ?? []).includes(candidate);
}

/** The category of V4's table that a kind it did not know behaves like. */
const standInOfKind: Readonly<Record<string, string>> = {
  jeans: "bottomwear_pants",
  trousers: "bottomwear_pants",
  leggings: "bottomwear_pants",
  top: "upperwear_tshirt",
  hoodie: "upperwear_tshirt",
  longsleeve: "upperwear_tshirt",
  sweatshirt: "upperwear_tshirt",
  blouse: "upperwear_shirt",
  sweater: "upperwear_shirt",
  coat: "upperwear_jacket",
  blazer: "upperwear_jacket",
  cardigan: "upperwear_jacket",
  jumpsuit: "one-piece_dress",
  boots: "footwear_shoes",
  sandals: "footwear_flats",
};

function standInOf(category: string): string {
  const { prefix, kind } = toCategoryParts(category);
  const familiar = prefix === null ? Object.keys(v4Compatible).find((known) => known.endsWith(`_${kind}`)) : undefined;
  const standIn = entryOf(standInOfKind, kind) ?? familiar ?? category.trim().toLowerCase();
  return familyOf(standIn) === familyOf(category) ? standIn : category;
}

/** `v5`: pieces of one family, or of families that fill the same place, never complete each other. Symmetric. */
export function v5Excludes(voted: string, candidate: string | null): boolean {
  return candidate !== null && areRivals(voted, candidate);
}

/**
 * `v5`: V4's table closed both ways, with kinds it did not know standing in as their nearest relative, and a
 * jacket raised over any top it can be worn over. Symmetric; never true where `v5Excludes` is.
 */
export function v5Boosts(voted: string, candidate: string | null): boolean {
  if (candidate === null || areRivals(voted, candidate)) return false;
  const first = standInOf(voted);
  const second = standInOf(candidate);
  if (v4Boosts(first, second) || v4Boosts(second, first)) return true;
  const families = [familyOf(voted), familyOf(candidate)];
  return families.includes("outer") && families.includes("top");
}
