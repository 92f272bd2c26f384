import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { BuildOptions } from "../../catalog/build-catalog.js";
import { indexWishes } from "../../catalog/choose-index.js";
import { readRules } from "../adapters/rules-file.js";
import { thumbnailSides } from "../domain/artifact.js";
import type { Parsed } from "../domain/parsed.js";
import { standardRules } from "../domain/ranking-rules.js";
import { readKeep } from "./catalog-generations.js";
import { type BuildPlaces, type PlaceFlags, readPlaces } from "./catalog-places.js";
import { readCategoryMap } from "./category-map-file.js";

/** The flags of `catalog build` as typed. */
export type BuildFlags = PlaceFlags &
  Readonly<{
    categoryMap?: string;
    rules: string;
    encoder?: string;
    precision: string;
    thumbnails?: string;
    index: string;
    indexMemoryGb?: string;
    cache?: string;
    keep?: string;
    workers?: string;
    json?: boolean;
  }>;

/** The encoder that comes with the project; the compiled code lies three folders below it. */
const defaultEncoderFolder = fileURLToPath(new URL("../../../models/lite", import.meta.url));

const indexNames = Object.keys(indexWishes) as readonly (keyof typeof indexWishes)[];
/** More memory than any machine has is a typing error. */
const maxMemoryGb = 100_000;
const precisions = ["auto", "fp32", "int8"] as const;
/** A thread each for decoding and encoding; more than this is a typing error. */
const maxWorkers = 256;

/** A build but for what a running process adds. */
export type BuildSettings = BuildPlaces &
  Omit<BuildOptions, "now" | "signal" | "progress" | "verifying" | "source" | "itemsName">;

/** Flags, and the small files they name, as settings of a build; or every problem at once. */
export async function readBuildFlags(flags: BuildFlags): Promise<Parsed<BuildSettings>> {
  const problems: string[] = [];
  const index = indexNames.find((name) => name === flags.index);
  if (index === undefined) problems.push(`--index must be ${indexNames.join(", ")}, not "${flags.index}"`);
  const precision = precisions.find((each) => each === flags.precision);
  if (precision === undefined) {
    problems.push(`--precision must be ${precisions.join(", ")}, not "${flags.precision}"`);
  }
  const settings: BuildSettings = {
    ...(await readPlaces(flags, problems)),
    categoryMap: take(await readCategoryMap(flags.categoryMap), problems) ?? new Map(),
    rules: take(await readRules(flags.rules), problems) ?? standardRules,
    encoderFolder: flags.encoder ?? defaultEncoderFolder,
    precision: precision ?? "auto",
    thumbnails: readNumber("--thumbnails", flags.thumbnails, thumbnailSides, problems),
    index: indexWishes[index ?? "auto"],
    indexMemoryGb: readGigabytes("--index-memory-gb", flags.indexMemoryGb, problems),
    cacheFolder: flags.cache ?? null,
    keep: readKeep(flags.keep, problems),
    workers: readNumber("--workers", flags.workers, { min: 1, max: maxWorkers }, problems) ?? availableParallelism(),
  };
  if (settings.keep !== null && settings.upload !== null)
    problems.push("--keep is for a folder, and nothing goes up to S3");
  const [first, ...rest] = problems;
  return first === undefined ? { value: settings } : { problems: [first, ...rest] };
}

function take<T>(parsed: Parsed<T>, problems: string[]): T | null {
  if ("value" in parsed) return parsed.value;
  problems.push(...parsed.problems);
  return null;
}

function readGigabytes(flag: string, text: string | undefined, problems: string[]): number | null {
  if (text === undefined) return null;
  const value = /^\d{1,6}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (value > 0 && value <= maxMemoryGb) return value;
  problems.push(`${flag} must be gigabytes, such as 1.5, not "${text}"`);
  return null;
}

function readNumber(
  flag: string,
  text: string | undefined,
  { min, max }: Readonly<{ min: number; max: number }>,
  problems: string[],
): number | null {
  if (text === undefined) return null;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  problems.push(`${flag} must be a whole number from ${min} to ${max}, not "${text}"`);
  return null;
}
