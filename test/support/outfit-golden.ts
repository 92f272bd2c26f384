/** One case of `outfit.json` or `outfit_v4_defects.json`. */
export type OutfitCase = Readonly<{
  class: string;
  query_color: readonly number[];
  query_gender: string;
  max_total: number | null;
  shape: "color_rgb" | "color" | "both";
  drop?: readonly string[];
  null_color?: boolean;
  candidates: readonly (readonly [
    id: string,
    category: number,
    gender: number,
    color: readonly number[] | null,
    similarity: number,
  ])[];
  v4: Readonly<{
    vote: string | null;
    fallback: boolean;
    exception?: readonly string[];
    recommendations?: readonly (readonly unknown[])[];
    first_reason?: string | null;
  }>;
}>;

type Names = Readonly<{ categories: readonly (string | null)[]; genders: readonly string[] }>;

/** The golden case as a line for `stygig rank`: the items as V4 had them, absent keys absent. */
export function toRankLine(golden: OutfitCase, { categories, genders }: Names): Record<string, unknown> {
  const candidates = golden.candidates.map(([id, category, gender, color, similarity]) => {
    const item: Record<string, unknown> = { id, path: `/opt/ml/input/data/training/x/${id}.jpg`, similarity };
    if (category >= 0) item.category = categories[category];
    if (gender >= 0) item.gender = genders[gender];
    if (color !== null && golden.shape !== "color") item.color_rgb = color;
    if (color !== null && golden.shape !== "color_rgb") item.color = color;
    if (golden.null_color) item.color_rgb = null;
    for (const key of golden.drop ?? []) delete item[key];
    return item;
  });
  return {
    profile: "v4",
    query: { color_rgb: golden.query_color, gender: golden.query_gender },
    max_total: golden.max_total,
    candidates,
  };
}
