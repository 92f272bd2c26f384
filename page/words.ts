const harmonySentences: Readonly<Record<string, string>> = {
  neutral: "A neutral goes with every color",
  analogous: "Neighbors on the wheel",
  complementary: "Opposites on the wheel",
  triadic: "A third of the wheel apart",
  clashing: "No rule joins these hues",
  unknown: "The piece has no known color",
};

const fallbackSentences: Readonly<Record<string, string>> = {
  no_candidates: "Nothing in the catalog is left to choose from, so there is no outfit.",
  gender_refused_all: "No piece is for the wearer you chose. These are simply the most similar ones.",
  category_excluded_all: "Every piece fills the same place as yours. These are simply the most similar ones.",
};

export function harmonySentence(rule: string): string {
  return harmonySentences[rule] ?? rule;
}

export function fallbackSentence(reason: string | null): string {
  return fallbackSentences[reason ?? ""] ?? "No outfit could be made. These are simply the most similar pieces.";
}

/** `upperwear_tshirt` is a T-shirt to people. */
export function categoryName(category: string | null): string {
  if (category === null || category === "") return "No category";
  const kind = category
    .slice(category.indexOf("_") + 1)
    .replaceAll(/[_-]+/g, " ")
    .trim();
  const word = kind === "tshirt" ? "T-shirt" : kind;
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** The title of the catalog, else the last part of the id in words. */
export function itemName(item: Readonly<{ title?: string | null | undefined; item_id: string }>): string {
  if (item.title != null) return item.title;
  const last = item.item_id.slice(item.item_id.lastIndexOf("/") + 1);
  return last.replaceAll(/[_-]+/g, " ").trim() || item.item_id;
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** Tenths below ten, whole ones above: nobody compares the microseconds of a picture. */
export function milliseconds(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

/** Bytes in the unit in which they are a handy number. */
export function toSize(bytes: number): string {
  return bytes < 2 ** 20 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 2 ** 20).toFixed(1)} MB`;
}
