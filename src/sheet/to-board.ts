import type { Reply, ReplyRow } from "../../client/reply.js";
import { toCategoryParts } from "../domain/category-family.js";
import { hueDistance, isNeutral, toHsl } from "../domain/color.js";
import { type Harmony, harmonyWith, v5HarmonyScores } from "../domain/color-harmony.js";
import type { Rgb } from "../domain/image.js";
import type { Board, BoardCard, BoardColor, BoardMatch, BoardPart, BoardPicture } from "./board.js";

/** What an answer does not hold itself. */
export type BoardPictures = Readonly<{
  /** What was asked about: a file's name, an item's id. */
  name: string;
  query: BoardPicture | null;
  /** Of the piece in this place of the answer. */
  pieces: readonly (BoardPicture | null)[];
}>;

/** Pure and total: an answer may come from anywhere, so no word and no number of it is taken on trust. */
export function toBoard(reply: Reply, { name, query, pieces }: BoardPictures): Board {
  const { query_item, category_vote, recommendations, mode, fallback } = reply;
  const color = toBoardColor(query_item?.dominant_color_rgb);
  const category = category_vote?.category ? toPlainText(category_vote.category) : null;
  const isOutfit = mode !== "similar";
  return {
    heading: toHeading(category, { isOutfit, fallback: Boolean(fallback) }),
    facts: toFacts(reply),
    query: {
      name: toPlainText(name),
      category: toCategoryLabel(category ?? "a garment"),
      vote: isOutfit ? toVoteText(category_vote) : "asked for its nearest items",
      tally: toTally(category_vote),
      color,
      palette: toPalette(query_item?.palette, color),
      picture: query,
    },
    notice: fallback ? `No outfit was found (${toPlainText(reply.fallback_reason ?? "unknown reason")}).` : null,
    cards: recommendations.flatMap((row, place) =>
      isObject(row) ? [toCard(row, { color, isOutfit, picture: pieces[place] ?? null })] : [],
    ),
  };
}

type CardContext = Readonly<{ color: BoardColor | null; isOutfit: boolean; picture: BoardPicture | null }>;

function toCard(row: ReplyRow, { color, isOutfit, picture }: CardContext): BoardCard {
  const own = toBoardColor(row.colors?.[0]);
  const address = row.url ?? row.image_url;
  return {
    rank: toNumber(row.rank) ?? 0,
    category: toCategoryLabel(toPlainText(row.category || "no category")),
    name: toPlainText(row.title ?? row.item_id),
    isTitle: row.title !== undefined && row.title !== null,
    score: toNumber(row.score),
    parts: toParts(row),
    boosted: "boosted" in row && row.boosted === true,
    color: own,
    match: isOutfit ? toMatch(row, color, own) : null,
    price: row.price === undefined || row.price === null ? null : toPlainText(row.price),
    link: typeof address === "string" && /^https?:\/\//.test(address) ? address : null,
    picture,
  };
}

/** One line, without what a reader cannot see and XML cannot hold. */
function toPlainText(value: unknown): string {
  // An object's own word for itself may be no function.
  return (typeof value === "object" && value !== null ? JSON.stringify(value) : String(value ?? "unknown"))
    .replace(/\p{Cs}/gu, "\ufffd")
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s\ufffe\uffff]+/gu, " ")
    .trim();
}

/** `accessories_bag` reads Bag. */
function toCategoryLabel(category: string): string {
  const named = toCategoryParts(category).kind.replaceAll("_", " ").trim() || category;
  const kind = named === "tshirt" ? "T-shirt" : named;
  return kind.charAt(0).toUpperCase() + kind.slice(1);
}

function toHeading(category: string | null, { isOutfit, fallback }: { isOutfit: boolean; fallback: boolean }): string {
  if (!isOutfit) return "The nearest items";
  if (fallback) return "The most similar pieces";
  if (category === null) return "An outfit around this piece";
  const kind = toCategoryLabel(category).toLowerCase();
  // Pants, shoes and their like come in the plural; a dress does not.
  return `An outfit around ${/[^s]s$/.test(kind) ? "these" : "this"} ${kind}`;
}

function toFacts({ catalog_digest, profile, encoder, metadata, index }: Reply): readonly string[] {
  const shownDigits = 12;
  return [
    `catalog ${toPlainText(catalog_digest).slice(0, shownDigits)}`,
    ...(toNumber(metadata?.total_items) === null ? [] : [`${metadata.total_items} items`]),
    `profile ${toPlainText(profile)}`,
    `encoder ${[encoder, metadata?.precision].filter(Boolean).map(toPlainText).join(" ")}`,
    ...(index === undefined ? [] : [`index ${toPlainText(index)}`]),
  ];
}

function toVoteText(vote: Reply["category_vote"]): string {
  if (vote?.source === "caller") return "as you said";
  const voters = Array.isArray(vote?.voters) ? vote.voters.length : 0;
  if (!vote?.category || vote.source === "none") return "nobody could say what it is";
  const sureness = toNumber(vote.confidence) === null ? "" : `, ${Math.round(Number(vote.confidence) * 100)} % sure`;
  return voters === 0 ? `voted${sureness}` : `voted by its ${voters} nearest${sureness}`;
}

function toTally(vote: Reply["category_vote"]): Board["query"]["tally"] {
  if (!Array.isArray(vote?.tally)) return [];
  return vote.tally
    .filter(isObject)
    .map(({ category, share }) => ({ category: toCategoryLabel(toPlainText(category)), share: toShare(share) }));
}

function toPalette(palette: unknown, color: BoardColor | null): Board["query"]["palette"] {
  const entries: readonly unknown[] = Array.isArray(palette) ? palette : [];
  const known = entries.flatMap((entry) => {
    const { rgb, share } = (entry ?? {}) as Readonly<{ rgb?: unknown; share?: unknown }>;
    const swatch = toBoardColor(rgb);
    return swatch === null || toShare(share) === 0 ? [] : [{ hex: swatch.hex, share: toShare(share) }];
  });
  return known.length > 0 || color === null ? known : [{ hex: color.hex, share: 1 }];
}

const partNames = ["similarity", "harmony", "gender", "category", "boost"] as const;

/** The score's own parts, as far as the answer tells them. */
function toParts(row: ReplyRow): readonly BoardPart[] {
  const parts: Readonly<Record<string, unknown>> | undefined = "reasons" in row ? row.reasons?.score_parts : undefined;
  const pointsOfOne = 10_000;
  return partNames.flatMap((name) => {
    const points = toNumber(parts?.[name]) ?? 0;
    return points > 0 ? [{ name, share: points / pointsOfOne }] : [];
  });
}

/** The rule that the answer names, or the one its two colors fall under. */
function toMatch(row: ReplyRow, query: BoardColor | null, item: BoardColor | null): BoardMatch | null {
  if (query === null) return null;
  const told: unknown = "reasons" in row ? row.reasons?.harmony?.rule : undefined;
  const itemHsl = item === null ? null : toHsl(toRgb(item.hex));
  const queryHsl = toHsl(toRgb(query.hex));
  const rule = isHarmony(told) ? told : harmonyWith(queryHsl, itemHsl);
  const counts = itemHsl !== null && !query.isNeutral && !isNeutral(itemHsl);
  return { rule, degrees: counts ? Math.round(hueDistance(queryHsl, itemHsl) * 360) : null };
}

function isHarmony(value: unknown): value is Harmony {
  return typeof value === "string" && Object.hasOwn(v5HarmonyScores, value);
}

/** Three numbers, each brought to a channel; null for anything else. */
function toBoardColor(value: unknown): BoardColor | null {
  if (!Array.isArray(value) || value.length !== 3) return null;
  const rgb = value.map((channel) => Math.min(255, Math.max(0, Math.round(toNumber(channel) ?? 0)))) as unknown as Rgb;
  const hsl = toHsl(rgb);
  const hex = `#${rgb.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
  return { hex, hue: hsl.hue, isNeutral: isNeutral(hsl) };
}

function toRgb(hex: string): Rgb {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb;
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function toNumber(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function toShare(value: unknown): number {
  return Math.min(1, Math.max(0, toNumber(value) ?? 0));
}
