import { entryOf } from "./entry-of.js";
/**
 * The part of an outfit a category fills. Two pieces of one family do not complete each other; each kind of
 * accessory is a family of its own, so a bag goes with a hat.
 */
export type CategoryFamily = string;

const familyOfPrefix: Readonly<Record<string, CategoryFamily>> = {
  upperwear: "top",
  outerwear: "outer",
  bottomwear: "bottom",
  "one-piece": "one-piece",
  footwear: "footwear",
};

/** Kinds whose family is not their prefix's, and kinds that may come without a prefix. */
const familyOfKind: Readonly<Record<string, CategoryFamily>> = {
  jacket: "outer",
  coat: "outer",
  blazer: "outer",
  cardigan: "outer",
  vest: "outer",
  shirt: "top",
  tshirt: "top",
  "t-shirt": "top",
  top: "top",
  blouse: "top",
  sweater: "top",
  sweatshirt: "top",
  hoodie: "top",
  longsleeve: "top",
  pants: "bottom",
  shorts: "bottom",
  jeans: "bottom",
  trousers: "bottom",
  skirt: "bottom",
  leggings: "bottom",
  dress: "one-piece",
  jumpsuit: "one-piece",
  shoes: "footwear",
  sneakers: "footwear",
  heels: "footwear",
  flats: "footwear",
  boots: "footwear",
  sandals: "footwear",
  bag: "accessories_bag",
  hat: "accessories_hat",
  belt: "accessories_belt",
  scarf: "accessories_scarf",
  watch: "accessories_watch",
};

/** Splits `family_kind` at its first underscore, in lower case; a bare name is all kind. */
export function toCategoryParts(category: string): Readonly<{ prefix: string | null; kind: string }> {
  const name = category.trim().toLowerCase();
  const cut = name.indexOf("_");
  return cut < 0 ? { prefix: null, kind: name } : { prefix: name.slice(0, cut), kind: name.slice(cut + 1) };
}

/** The family of any category name, known or not: by kind, then by prefix, else the name itself. */
export function familyOf(category: string): CategoryFamily {
  const { prefix, kind } = toCategoryParts(category);
  const byPrefix = prefix === null ? undefined : entryOf(familyOfPrefix, prefix);
  // A known kind decides only where its prefix agrees or is missing: "accessories_top" is not a top.
  if (prefix === null || byPrefix !== undefined) return entryOf(familyOfKind, kind) ?? byPrefix ?? kind;
  return `${prefix}_${kind}`;
}

/** Family pairs that fill the same part of an outfit. A jacket over a shirt or dress is layering, and allowed. */
const rivalFamilies: readonly (readonly [CategoryFamily, CategoryFamily])[] = [
  ["one-piece", "top"],
  ["one-piece", "bottom"],
];

/** Would two pieces of these categories compete for one place in the outfit? Symmetric, and true of a family with itself. */
export function areRivals(first: string, second: string): boolean {
  const a = familyOf(first);
  const b = familyOf(second);
  return a === b || rivalFamilies.some(([one, other]) => (one === a && other === b) || (one === b && other === a));
}
