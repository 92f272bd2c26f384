import { isNumpyArray, numpyRules } from "../models/checkpoint/numpy-globals.js";
import { isPickleTuple, readPickle } from "../models/checkpoint/pickle.js";
import { itemTextRules } from "../src/domain/catalog-record.js";
import type { Rgb } from "../src/domain/image.js";
import { shown } from "../src/domain/json-fields.js";
import type { DamageList } from "./import-v4-damage.js";

/** An item as V4's metadata.pkl has it. */
export type V4Record = Readonly<{
  id: string;
  /** Of the picture, on the machine that trained. */
  path: string | null;
  category: string;
  gender: string | null;
  color: Rgb | null;
}>;

/** A category's records in V4's order, which alone says which vector is whose; null for one that cannot be read. */
export type V4Category = Readonly<{ name: string; records: readonly (V4Record | null)[] }>;

/** Some gigabytes of vectors; V4 searches the whole catalog on each request. */
const maxRecords = 1_000_000;

/** The categories of a metadata.pkl; nothing in it is run. @throws Error whose message completes "metadata.pkl ..." */
export function readV4Records(bytes: Uint8Array<ArrayBuffer>, damage: DamageList): readonly V4Category[] {
  const categories = readPickle(bytes, numpyRules);
  if (!(categories instanceof Map)) throw new Error(`holds ${shownPickled(categories)}, not a dict of categories`);
  let count = 0;
  return [...categories].map(([name, records]) => {
    if (typeof name !== "string") throw new Error(`has a category that is called ${shownPickled(name)}`);
    if (!Array.isArray(records))
      throw new Error(`has ${shownPickled(records)} as the category ${shown(name)}, not a list`);
    count += records.length;
    if (count > maxRecords) throw new Error(`has more than ${maxRecords} items`);
    return { name, records: records.map((record, place) => toRecord(record, name, place, damage)) };
  });
}

function toRecord(value: unknown, categoryName: string, place: number, damage: DamageList): V4Record | null {
  const fields: ReadonlyMap<unknown, unknown> = value instanceof Map ? value : new Map();
  const [id, category] = [fields.get("id"), fields.get("category") ?? categoryName];
  if (typeof id !== "string" || typeof category !== "string" || !isItemText(id, category)) {
    damage.add("record_unreadable", `${shown(categoryName)} ${place}`);
    return null;
  }
  const stated = fields.get("color_rgb") ?? null;
  const color = toRgb(stated ?? fields.get("color"));
  if (color === null) damage.add("color_missing", id);
  else if (stated === null) damage.add("color_unread", id);
  const path = fields.get("path");
  const gender = fields.get("gender");
  return {
    ...{ id, category, color },
    path: typeof path === "string" && path !== "" ? path.replaceAll("\\", "/") : null,
    gender: itemTextRules.gender.accepts(gender) ? (gender as string) : null,
  };
}

function isItemText(id: string, category: string): boolean {
  return itemTextRules.id.accepts(id) && itemTextRules.category.accepts(category);
}

/** A tuple, a list or an array of NumPy; its numbers may be NumPy's. */
function toRgb(value: unknown): Rgb | null {
  const channels = isPickleTuple(value) ? value.tuple : isNumpyArray(value) ? value.values : value;
  if (!Array.isArray(channels) || channels.length !== 3) return null;
  const [red, green, blue] = channels.map((each) => (typeof each === "bigint" ? Number(each) : each));
  return [red, green, blue].every(isChannel) ? [red, green, blue] : null;
}

function isChannel(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 255;
}

function shownPickled(value: unknown): string {
  return value instanceof Map ? "a dict" : shown(value);
}
