import { type PreprocessVersion, preprocessRule } from "./clip-input.js";
import { modelNames } from "./encoder-model.js";
import type { IndexAgreement } from "./index-agreement.js";
import {
  type FieldRule,
  isJsonObject,
  oneOfRule,
  orNull,
  readFields,
  textRule,
  wholeNumberRule,
} from "./json-fields.js";
import type { Parsed } from "./parsed.js";
import type { VoteCalibration } from "./vote-confidence.js";

/** One file of an artifact, as its manifest vouches for it. */
export type ArtifactFile = Readonly<{ sha256: string; bytes: number }>;

/**
 * `manifest.json`: what an artifact folder holds. The folder is
 * `manifest.json`, `items.jsonl`, `embeddings.f32` ([items, dimension] float32, little-endian, rows as items),
 * `rules.json`, `calibration.json`, `encoder/` (`encoder.json` and its model files), `index.faiss` or `index.codes`
 * where there is an index file, and `thumbnails/` when asked for. Nothing in it depends on when or where it was built.
 */
export type ArtifactManifest = Readonly<{
  format: "stygig-artifact";
  version: 2;
  /** Every file but the manifest itself, by path relative to the folder, forward slashes. */
  files: Readonly<Record<string, ArtifactFile>>;
  counts: Readonly<{ items: number; categories: Readonly<Record<string, number>>; skipped: number }>;
  dimension: number;
  preprocess: PreprocessVersion;
  /** sha-256 over everything that decides an embedding: the encoder's own digest, not only its model file's. */
  encoderDigest: string;
  encoderName: string;
  /** The model that made every vector: its name, as of `toModelName`, and what decides its embeddings. */
  encodedBy: Readonly<{ model: string; digest: string }>;
  /** Which index file the folder holds beside the raw vectors. */
  index: IndexKind;
  /** Of an index that does not compare every vector as it is: how far its answers agree with those that do. */
  indexAgreement?: IndexAgreement;
  colorMethods: readonly ["mean-v4", "dominant-v1"];
  /** Longest side of the thumbnails in pixels; null when there are none. */
  thumbnails: number | null;
}>;

/** `faiss` compares every vector as it is; `codes` an eighth of each, and looks again at the few that matter. */
export type IndexKind = (typeof indexKinds)[number];
export const indexKinds = ["faiss", "codes", "none"] as const;

/** The file of each kind of index, if it has one. */
export const indexPaths = {
  faiss: "index.faiss",
  codes: "index.codes",
  none: null,
} as const satisfies Readonly<Record<IndexKind, string | null>>;

export const artifactFormat = "stygig-artifact";
export const artifactVersion = 2;
/** How the two colors of every item were found, in the order of its record. */
export const colorMethods = ["mean-v4", "dominant-v1"] as const;

/** The files every artifact has, and the index it may have. */
export const artifactPaths = {
  items: "items.jsonl",
  embeddings: "embeddings.f32",
  rules: "rules.json",
  calibration: "calibration.json",
  encoder: "encoder/encoder.json",
} as const;

/** Where the thumbnail of a row lies in the folder. */
export function toThumbnailPath(row: number): string {
  return `thumbnails/${row}.webp`;
}

/** How many items each category has, in the order of their names; items without one are in no category. */
export function countCategories(categories: Iterable<string | null>): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const category of categories) {
    if (category !== null) counts.set(category, (counts.get(category) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** The longest category name, in characters. */
export const maxCategoryLength = 100;

/** Thumbnails smaller than this show nothing; larger ones are pictures. */
export const thumbnailSides = { min: 16, max: 2048 } as const;

/** As many rows as one process can hold; a typing error should not become an allocation. */
const maxItems = 20_000_000;
const maxDimension = 16_384;
const maxFileBytes = 2 ** 40;

const sha256Rule: FieldRule = {
  expected: "64 lower-case hex digits",
  accepts: (value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value),
};
const objectRule: FieldRule = { expected: "an object", accepts: isJsonObject };

const rootRules: Readonly<Record<string, FieldRule>> = {
  format: oneOfRule(artifactFormat),
  version: oneOfRule(artifactVersion),
  files: objectRule,
  counts: objectRule,
  dimension: wholeNumberRule(1, maxDimension),
  preprocess: preprocessRule,
  encoderDigest: sha256Rule,
  encoderName: textRule(200),
  encodedBy: objectRule,
  index: oneOfRule(...indexKinds),
  colorMethods: {
    expected: JSON.stringify(colorMethods),
    accepts: (value) => JSON.stringify(value) === JSON.stringify(colorMethods),
  },
  thumbnails: orNull(wholeNumberRule(thumbnailSides.min, thumbnailSides.max)),
};

const shareRule: FieldRule = {
  expected: "a number from 0 to 1",
  accepts: (value) => typeof value === "number" && value >= 0 && value <= 1,
};
const agreementRules = {
  ...{ queries: wholeNumberRule(1, maxItems), recallAt10: shareRule, sameCategory: shareRule },
  ...{ sameWinners: shareRule, sameAnswer: shareRule },
};
const encodedByRules = { model: oneOfRule(...modelNames), digest: sha256Rule };

/** Plain names only: nothing that could leave the folder, or hide in it. */
const knownPath =
  /^(?:[a-z]+\.(?:jsonl|f32|json|faiss|codes)|encoder\/[A-Za-z0-9_][A-Za-z0-9._-]{0,127}|thumbnails\/\d{1,8}\.webp)$/;

/**
 * `manifest.json` as parsed JSON -> the manifest, or every problem at once, one sentence each. Strict: another version,
 * an unknown field, a file that no artifact has and counts that disagree are problems. Never throws.
 */
export function parseArtifactManifest(value: unknown): Parsed<ArtifactManifest> {
  const ofAnotherKind = kindProblems(value);
  if (ofAnotherKind !== null) return { problems: [ofAnotherKind] };
  const problems: string[] = [];
  const isMeasured = isJsonObject(value) && value.index === "codes";
  const root = readFields("", value, isMeasured ? { ...rootRules, indexAgreement: objectRule } : rootRules, problems);
  if (isJsonObject(root.files)) checkFiles(root.files, problems);
  if (isJsonObject(root.counts)) checkCounts(root.counts, problems);
  if (isJsonObject(root.indexAgreement)) readFields("indexAgreement", root.indexAgreement, agreementRules, problems);
  if (isJsonObject(root.encodedBy)) readFields("encodedBy", root.encodedBy, encodedByRules, problems);
  // Whether the parts agree can be asked only once each is what it should be. Every field has passed its rule by then.
  if (problems.length === 0) checkAgreement(root as unknown as ArtifactManifest, problems);
  const [first, ...rest] = problems;
  return first === undefined ? { value: root as unknown as ArtifactManifest } : { problems: [first, ...rest] };
}

/** `calibration.json` as parsed JSON -> the calibration, or every problem. Never throws. */
export function parseCalibration(value: unknown): Parsed<VoteCalibration> {
  const problems: string[] = [];
  const finite: FieldRule = {
    expected: "a number from -1000 to 1000",
    accepts: (each) => typeof each === "number" && Math.abs(each) <= 1000,
  };
  const rules = { intercept: finite, slope: finite, samples: wholeNumberRule(0, maxItems) };
  const fields = readFields("", value, rules, problems);
  const [first, ...rest] = problems;
  return first === undefined ? { value: fields as VoteCalibration } : { problems: [first, ...rest] };
}

/** Of another format or version everything else would be a problem too, and none of them the real one. */
function kindProblems(value: unknown): string | null {
  if (!isJsonObject(value)) return "it is not a JSON object.";
  if (value.format !== artifactFormat) return `it is not a manifest: its format is not "${artifactFormat}".`;
  if (value.version === artifactVersion) return null;
  return `it has a version that is not known here; only ${artifactVersion} is.`;
}

const fileRules = { sha256: sha256Rule, bytes: wholeNumberRule(0, maxFileBytes) };

/** Without a word on what would be wrong: a catalog has a thumbnail for each of its items. */
function isFileEntry(entry: unknown): boolean {
  if (!isJsonObject(entry) || Object.keys(entry).length !== 2) return false;
  return fileRules.sha256.accepts(entry.sha256) && fileRules.bytes.accepts(entry.bytes);
}

function checkFiles(files: Readonly<Record<string, unknown>>, problems: string[]): void {
  for (const path of Object.keys(files)) {
    const entry = files[path];
    const isKnown = knownPath.test(path) && (path.includes("/") || isArtifactPath(path));
    if (!isKnown) problems.push(`files names ${JSON.stringify(path.slice(0, 80))}, which no artifact has.`);
    else if (!isFileEntry(entry)) readFields(`files["${path}"]`, entry, fileRules, problems);
  }
}

function isArtifactPath(path: string): boolean {
  return [...Object.values(artifactPaths), ...Object.values(indexPaths)].some((known) => known === path);
}

function checkCounts(counts: Readonly<Record<string, unknown>>, problems: string[]): void {
  const rules = { items: wholeNumberRule(1, maxItems), categories: objectRule, skipped: wholeNumberRule(0, maxItems) };
  readFields("counts", counts, rules, problems);
  if (!isJsonObject(counts.categories)) return;
  const isName = textRule(maxCategoryLength).accepts;
  const isCount = wholeNumberRule(1, maxItems).accepts;
  for (const [category, count] of Object.entries(counts.categories)) {
    if (isName(category) && isCount(count)) continue;
    problems.push(`counts.categories has no valid count for ${JSON.stringify(category.slice(0, 80))}.`);
  }
}

function checkAgreement({ files, counts, dimension, index, thumbnails }: ArtifactManifest, problems: string[]): void {
  for (const path of Object.values(artifactPaths)) {
    if (!Object.hasOwn(files, path)) problems.push(`files lacks ${path}.`);
  }
  for (const kind of indexKinds) {
    const path = indexPaths[kind];
    if (path === null || Object.hasOwn(files, path) === (index === kind)) continue;
    problems.push(`index is "${index}", but files ${index === kind ? "lacks" : "names"} ${path}.`);
  }
  const expected = counts.items * dimension * 4;
  const found = files[artifactPaths.embeddings]?.bytes;
  if (found !== undefined && found !== expected) {
    problems.push(`${counts.items} items of dimension ${dimension} take ${expected} bytes, not ${found}.`);
  }
  const counted = Object.values(counts.categories).reduce((sum, count) => sum + count, 0);
  if (counted > counts.items) problems.push(`counts.categories adds up to ${counted}, more than counts.items.`);
  checkThumbnails(files, thumbnails === null ? 0 : counts.items, problems);
}

function checkThumbnails(files: ArtifactManifest["files"], expected: number, problems: string[]): void {
  const listed = Object.keys(files).filter((path) => path.startsWith("thumbnails/")).length;
  for (let row = 0; row < expected; row++) {
    if (Object.hasOwn(files, toThumbnailPath(row))) continue;
    problems.push(`files lacks ${toThumbnailPath(row)}.`);
    return;
  }
  if (listed !== expected) problems.push(`files names ${listed} thumbnails, not ${expected}.`);
}
