import { stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import type { CategoryMap } from "../../catalog/category-map.js";
import type { Parsed } from "../domain/parsed.js";
import { defaultThresholds, type GateThresholds } from "../domain/precision-gate.js";
import type { Provider } from "../domain/provider-ladder.js";
import { readCategoryMap } from "./category-map-file.js";

/** The flags of `model verify` as typed. */
export type VerifyFlags = Readonly<{
  images?: string;
  categoryMap?: string;
  reference: string;
  precision?: string;
  provider?: string;
  minVoteAgreement?: string;
  minMedianCosine?: string;
  record?: boolean;
  workers?: string;
  json?: boolean;
}>;

export type VerifySettings = Readonly<{
  /** Null for drawn garments. */
  imagesFolder: string | null;
  categoryMap: CategoryMap;
  /** Names of models; null for all but the reference. */
  models: readonly string[] | null;
  /** Null for those that this machine has. */
  providers: readonly Provider[] | null;
  thresholds: GateThresholds;
  record: boolean;
  workers: number;
}>;

/** A thread each for decoding and encoding; more than this is a typing error. */
const maxWorkers = 256;

const providerNames = ["cpu", "cuda", "tensorrt"] as const satisfies readonly Provider[];

/** Flags, and the small files they name, as settings; or every problem at once. */
export async function readVerifyFlags(flags: VerifyFlags): Promise<Parsed<VerifySettings>> {
  const problems: string[] = [];
  const map = await readCategoryMap(flags.categoryMap);
  if ("problems" in map) problems.push(...map.problems);
  if (flags.reference !== "fp32") problems.push(`--reference must be fp32, not "${flags.reference}"`);
  if (flags.images !== undefined && !(await stat(flags.images).catch(() => null))?.isDirectory()) {
    problems.push(`--images: ${flags.images} is not a folder`);
  }
  if (flags.categoryMap !== undefined && flags.images === undefined) problems.push("--category-map needs --images");
  if (flags.record && flags.images === undefined) {
    problems.push("--record needs --images: drawn garments prove nothing for photos");
  }
  const settings: VerifySettings = {
    imagesFolder: flags.images ?? null,
    categoryMap: "value" in map ? map.value : new Map(),
    models: readNames("--precision", flags.precision, problems),
    providers: readProviders(readNames("--provider", flags.provider, problems), problems),
    thresholds: {
      voteAgreement:
        readShare("--min-vote-agreement", flags.minVoteAgreement, problems) ?? defaultThresholds.voteAgreement,
      medianCosine: readShare("--min-median-cosine", flags.minMedianCosine, problems) ?? defaultThresholds.medianCosine,
    },
    record: flags.record === true,
    workers: readWorkers(flags.workers, problems) ?? availableParallelism(),
  };
  const [first, ...rest] = problems;
  return first === undefined ? { value: settings } : { problems: [first, ...rest] };
}

function readNames(flag: string, text: string | undefined, problems: string[]): readonly string[] | null {
  if (text === undefined) return null;
  const names = text.split(",").map((name) => name.trim());
  if (names.some((name) => !/^[a-z0-9-]{1,40}$/.test(name))) problems.push(`${flag} is a list of names, not "${text}"`);
  if (new Set(names).size < names.length) problems.push(`${flag} names one twice: ${text}`);
  return names;
}

function readProviders(names: readonly string[] | null, problems: string[]): readonly Provider[] | null {
  if (names === null) return null;
  return names.flatMap((name) => {
    const found = providerNames.find((each) => each === name);
    if (found === undefined) problems.push(`--provider: ${name} is none of ${providerNames.join(", ")}`);
    return found ?? [];
  });
}

function readShare(flag: string, text: string | undefined, problems: string[]): number | null {
  if (text === undefined) return null;
  const value = /^(?:\d{1,9}\.\d{1,9}|\d)$/.test(text) ? Number(text) : Number.NaN;
  if (value > 0 && value <= 1) return value;
  problems.push(`${flag} must be a number above 0 and at most 1, not "${text}"`);
  return null;
}

function readWorkers(text: string | undefined, problems: string[]): number | null {
  if (text === undefined) return null;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 1 && value <= maxWorkers) return value;
  problems.push(`--workers must be a whole number from 1 to ${maxWorkers}, not "${text}"`);
  return null;
}
