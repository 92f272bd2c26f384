import { maxCategoryLength } from "./artifact.js";
import type { CatalogItem } from "./catalog.js";
import { type Swatch, toSwatch } from "./color.js";
import type { Rgb } from "./image.js";
import { type FieldRule, isJsonObject, type JsonObject, orNull, readFields, textRule } from "./json-fields.js";
import type { Parsed } from "./parsed.js";

/** One line of an artifact's `items.jsonl`; the row is the line's number, from 0. The one shape its writer and reader know. */
export type ItemRecord = Readonly<{
  id: string;
  category: string | null;
  gender: string | null;
  path: string | null;
  title: string | null;
  price: string | null;
  url: string | null;
  image_url: string | null;
  mean_color: Rgb;
  palette: readonly Readonly<{ rgb: Rgb; share: number }>[];
}>;

/** The largest palette read back; builders write three. */
const maxPalette = 16;
/** Shares are fractions of one whole, up to rounding. */
const maxShareSum = 1.001;

const addressText = textRule(2048);
/** An address a page may link to: a web or S3 address, or a relative one; never a script. */
const addressRule: FieldRule = {
  expected: "an http, https, s3 or relative address of 1 to 2048 characters",
  accepts: (value) => addressText.accepts(value) && /^(?:https?:\/\/|s3:\/\/|[^:]*$|[^:]*[/?#])/i.test(String(value)),
};

/** What the texts of an item may be, wherever they are read. */
export const itemTextRules = {
  id: textRule(512),
  category: textRule(maxCategoryLength),
  gender: textRule(32),
  path: textRule(1024),
  title: textRule(500),
  price: textRule(64),
  url: addressRule,
  image_url: addressRule,
} as const satisfies Record<string, FieldRule>;

const colorRule: FieldRule = { expected: "three whole numbers from 0 to 255", accepts: isRgb };
const paletteRule: FieldRule = {
  expected: `a list of 1 to ${maxPalette} colors with their shares, largest share first`,
  accepts: isPalette,
};

const { id: idRule, ...optionalRules } = itemTextRules;
const recordRules: Readonly<Record<string, FieldRule>> = {
  id: idRule,
  ...Object.fromEntries(Object.entries(optionalRules).map(([field, rule]) => [field, orNull(rule)])),
  mean_color: colorRule,
  palette: paletteRule,
};

/** The item as its line says it. */
export function toItemRecord(item: Omit<CatalogItem, "row">): ItemRecord {
  return {
    id: item.id,
    category: item.category,
    gender: item.gender,
    path: item.path,
    title: item.title,
    price: item.price,
    url: item.url,
    image_url: item.imageUrl,
    mean_color: item.meanColor,
    palette: item.palette.map(({ rgb, share }) => ({ rgb, share })),
  };
}

/** A parsed line -> the item of this row, or every problem in it. Strict: an item lacking a color is refused. Never throws. */
export function parseItemRecord(value: unknown, row: number): Parsed<CatalogItem> {
  const problems: string[] = [];
  const fields = readFields("", value, recordRules, problems);
  const [first, ...rest] = problems;
  if (first !== undefined) return { problems: [first, ...rest] };
  // Every field has passed its rule, and no others exist.
  return { value: toItem(fields as unknown as ItemRecord, row) };
}

/** The item of a record that has been parsed before. */
export function toItem({ image_url, mean_color, palette, ...texts }: ItemRecord, row: number): CatalogItem {
  const swatches = palette.map(({ rgb, share }) => toSwatch(rgb, share)) as [Swatch, ...Swatch[]];
  return { row, ...texts, imageUrl: image_url, meanColor: mean_color, palette: swatches };
}

// Plain loops here: a server that reloads looks at hundreds of thousands of these while it answers.
function isRgb(value: unknown): value is Rgb {
  return (
    Array.isArray(value) && value.length === 3 && isChannel(value[0]) && isChannel(value[1]) && isChannel(value[2])
  );
}

function isChannel(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 255;
}

function isPalette(value: unknown): boolean {
  if (!Array.isArray(value) || value.length < 1 || value.length > maxPalette) return false;
  let [sum, last] = [0, Number.POSITIVE_INFINITY];
  for (let at = 0; at < value.length; at++) {
    const entry: unknown = value[at];
    if (!isPaletteEntry(entry) || entry.share > last) return false;
    last = entry.share;
    sum += entry.share;
  }
  return sum <= maxShareSum;
}

function isPaletteEntry(value: unknown): value is JsonObject & Readonly<{ rgb: Rgb; share: number }> {
  if (!isJsonObject(value) || Object.keys(value).length !== 2) return false;
  const { rgb, share } = value;
  return isRgb(rgb) && typeof share === "number" && share > 0 && share <= 1;
}
