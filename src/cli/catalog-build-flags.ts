import { stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { BuildOptions } from "../../catalog/build-catalog.js";
import { readRules } from "../adapters/rules-file.js";
import { indexKinds, thumbnailSides } from "../domain/artifact.js";
import type { Parsed } from "../domain/parsed.js";
import { standardRules } from "../domain/ranking-rules.js";
import { readCategoryMap } from "./category-map-file.js";

/** The flags of `catalog build` as typed. */
export type BuildFlags = Readonly<{
  images?: string;
  out?: string;
  items?: string;
  categoryMap?: string;
  rules: string;
  encoder?: string;
  precision: string;
  thumbnails?: string;
  index: string;
  cache?: string;
  pack?: string;
  workers?: string;
  json?: boolean;
}>;

/** The encoder that comes with the project; the compiled code lies three folders below it. */
const defaultEncoderFolder = fileURLToPath(new URL("../../../models/lite", import.meta.url));

const wantedIndexes = ["auto", ...indexKinds] as const;
const precisions = ["auto", "fp32", "int8"] as const;
/** A thread each for decoding and encoding; more than this is a typing error. */
const maxWorkers = 256;

/** A build but for what a running process adds. */
export type BuildSettings = Omit<BuildOptions, "now" | "signal" | "progress" | "verifying">;

/** Flags, and the small files they name, as settings of a build; or every problem at once. */
export async function readBuildFlags(flags: BuildFlags): Promise<Parsed<BuildSettings>> {
  const problems: string[] = [];
  const index = wantedIndexes.find((kind) => kind === flags.index);
  if (index === undefined) problems.push(`--index must be ${wantedIndexes.join(", ")}, not "${flags.index}"`);
  const precision = precisions.find((each) => each === flags.precision);
  if (precision === undefined) {
    problems.push(`--precision must be ${precisions.join(", ")}, not "${flags.precision}"`);
  }
  const settings: BuildSettings = {
    imagesFolder: await readFolder("--images", flags.images, problems),
    outFolder: flags.out ?? "",
    itemsFile: flags.items === undefined ? null : await readFileName("--items", flags.items, problems),
    categoryMap: take(await readCategoryMap(flags.categoryMap), problems) ?? new Map(),
    rules: take(await readRules(flags.rules), problems) ?? standardRules,
    encoderFolder: flags.encoder ?? defaultEncoderFolder,
    precision: precision ?? "auto",
    thumbnails: readNumber("--thumbnails", flags.thumbnails, thumbnailSides, problems),
    index: index ?? "auto",
    cacheFolder: flags.cache ?? null,
    workers: readNumber("--workers", flags.workers, { min: 1, max: maxWorkers }, problems) ?? availableParallelism(),
  };
  if (!flags.out) problems.push("--out is missing: the folder for the artifact");
  const [first, ...rest] = problems;
  return first === undefined ? { value: settings } : { problems: [first, ...rest] };
}

function take<T>(parsed: Parsed<T>, problems: string[]): T | null {
  if ("value" in parsed) return parsed.value;
  problems.push(...parsed.problems);
  return null;
}

async function readFolder(flag: string, folder: string | undefined, problems: string[]): Promise<string> {
  if (!folder) problems.push(`${flag} is missing: the folder of the pictures`);
  else if (!(await stat(folder).catch(() => null))?.isDirectory()) problems.push(`${flag}: ${folder} is not a folder`);
  return folder ?? "";
}

async function readFileName(flag: string, file: string, problems: string[]): Promise<string> {
  if (!(await stat(file).catch(() => null))?.isFile()) problems.push(`${flag}: ${file} is not a file`);
  return file;
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
