import { entryOf } from "./entry-of.js";
/** The genders a caller or a catalog may state. Anything else is kept as it is and treated as unknown. */
export const genders = ["male", "female", "unisex"] as const;
export type Gender = (typeof genders)[number];

/** What an absent gender is called in an answer. */
export const unknownGender = "unknown";

const v4Admitted: Readonly<Record<string, readonly string[]>> = {
  male: ["male", "unisex"],
  female: ["female", "unisex"],
  unisex: ["unisex", "male"],
};

/** V4's endpoint table: a unisex query admits male but not female (D05); an unknown one all three. Exact match. */
export function v4Admits(query: string, item: string): boolean {
  return (entryOf(v4Admitted, query) ?? genders).includes(item);
}

/**
 * Male and female refuse only each other; unisex, unknown or any other query admits everything,
 * and an item of unknown gender is shown to everybody.
 */
export function v5Admits(query: string, item: string): boolean {
  if (query === "male") return item !== "female";
  if (query === "female") return item !== "male";
  return true;
}

/** Is this one of the three genders that a caller may ask for? */
export function isGender(value: unknown): value is Gender {
  return genders.some((gender) => gender === value);
}

const v4GenderRules: readonly Readonly<{ parts: readonly string[]; gender: Gender }>[] = [
  { parts: ["dress", "skirt", "heels"], gender: "female" },
  { parts: ["suit", "tie"], gender: "male" },
];

/** V4's gender of an item: substrings of its category name, so a jumpsuit is male (D06). */
export function v4GenderOfCategory(category: string | null): Gender {
  const name = (category ?? "").toLowerCase();
  return v4GenderRules.find(({ parts }) => parts.some((part) => name.includes(part)))?.gender ?? "unisex";
}

const v5GenderOfWord: Readonly<Record<string, Gender>> = {
  dress: "female",
  gown: "female",
  skirt: "female",
  blouse: "female",
  heels: "female",
  tie: "male",
  necktie: "male",
  bowtie: "male",
};

/** The gender a category's last word implies, as data: "dress shirt" is a shirt, a jumpsuit anybody's. Else unisex. */
export function v5GenderOfCategory(category: string | null): Gender {
  const words = (category ?? "").toLowerCase().split(/[^a-z]+/);
  return entryOf(v5GenderOfWord, words.filter((word) => word !== "").at(-1) ?? "") ?? "unisex";
}
