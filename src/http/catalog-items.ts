import { setImmediate as nextTurn } from "node:timers/promises";
import type { RequestHandler } from "express";
import { z } from "zod";
import type { CatalogItem, CatalogItems } from "../domain/catalog.js";
import { colorFamilies, colorFamilyOf } from "../domain/color-family.js";
import { ServiceError } from "../domain/errors.js";
import { unknownGender } from "../domain/gender.js";
import { pickSamples } from "../domain/pick-samples.js";
import { sendJson } from "./send.js";
import type { Served } from "./served.js";

/** As many as a page shows at once. */
const maxShown = 200;
/** Looked at in one go, some milliseconds' worth of a catalog that is kept as lines: others are answered in between. */
const itemsPerTurn = 1000;
/** Of a larger catalog so many, evenly spread, are enough to pick samples from. */
const sampledItems = 10_000;

const wholeNumber = (max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, "must be a whole number")
    .transform(Number)
    .pipe(z.number().max(max));

/** What of the catalog is asked for; `samples` asks for a few of every category instead. */
const filterSchema = z.strictObject({
  category: z.string().max(200).optional(),
  gender: z.string().max(32).optional(),
  color: z.enum(colorFamilies).optional(),
  offset: wholeNumber(999_999_999).default(0),
  limit: wholeNumber(maxShown).default(60),
  samples: wholeNumber(maxShown).optional(),
});

type Filter = z.infer<typeof filterSchema>;

/** `GET /catalog/items`: what the page shows of the catalog, and what it may be filtered by. */
export function createCatalogItems({ served }: Readonly<{ served: () => Served | null }>): RequestHandler {
  return async (request, response) => {
    const service = served();
    if (service === null) throw new ServiceError("not_ready");
    const filter = parseFilter(request.query);
    const found =
      filter.samples === undefined ? await find(service.items, filter) : sample(service.items, filter.samples);
    response.setHeader("cache-control", "no-store");
    sendJson(response, 200, {
      catalog_digest: service.facts.catalogDigest,
      total: found.total,
      categories: service.categories,
      has_thumbnails: service.readThumbnail !== null,
      items: found.shown.map(toShownItem),
    });
  };
}

type Found = Readonly<{ total: number; shown: readonly CatalogItem[] }>;

async function find(items: CatalogItems, filter: Filter): Promise<Found> {
  const { offset, limit } = filter;
  const passes = toTest(filter);
  const shown: CatalogItem[] = [];
  let total = 0;
  for (const item of items) {
    if (item.row % itemsPerTurn === itemsPerTurn - 1) await nextTurn();
    if (!passes(item)) continue;
    if (total >= offset && shown.length < limit) shown.push(item);
    total += 1;
  }
  return { total, shown };
}

function sample(items: CatalogItems, count: number): Found {
  const known = Math.min(items.length, sampledItems);
  const some = Array.from({ length: known }, (_, i) => items.at(Math.floor((i * items.length) / known))!);
  const shown = pickSamples(some, count);
  return { total: shown.length, shown };
}

function parseFilter(query: unknown): Filter {
  const parsed = filterSchema.safeParse(query);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const option = issue.code === "unrecognized_keys" ? (issue.keys[0] ?? "") : String(issue.path[0]);
  throw new ServiceError("option_invalid", { option, reason: issue.message });
}

function toTest({ category, gender, color }: Filter): (item: CatalogItem) => boolean {
  return (item) =>
    (category === undefined || (item.category ?? "") === category) &&
    (gender === undefined || (item.gender ?? unknownGender) === gender) &&
    (color === undefined || colorFamilyOf(item.palette[0].hsl) === color);
}

function toShownItem({ id, category, gender, title, price, palette }: CatalogItem) {
  const colors = palette.map(({ rgb, share }) => ({ rgb, share }));
  return { item_id: id, category, gender: gender ?? unknownGender, title, price, palette: colors };
}
