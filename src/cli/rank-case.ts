import type { Candidate, KnownColor } from "../domain/candidate.js";
import { toKnownColor } from "../domain/catalog-candidates.js";
import { unknownGender } from "../domain/gender.js";
import type { Rgb } from "../domain/image.js";
import type { Parsed } from "../domain/parsed.js";
import { defaultProfile, type Profile, profiles } from "../domain/profile.js";
import type { RankInput } from "../domain/ranking.js";
import type { RankingRules } from "../domain/ranking-rules.js";
import { uncalibrated } from "../domain/vote-confidence.js";

/** One line of `stygig rank`: what to rank, and by which behavior. */
export type RankCase = Readonly<{ profile: Profile; input: RankInput }>;

type Fields = Readonly<Record<string, unknown>>;
type Report = (problem: string) => void;

/** What V4 scores for an item whose `color_rgb` key is absent (D01). */
const v4AbsentColor: Rgb = [128, 128, 128];

/** A parsed JSON line -> a case, or every problem in it. Any key of a candidate but `similarity` may be absent or null. */
export function parseRankCase(
  value: unknown,
  rules: RankingRules,
  usualProfile: Profile = defaultProfile,
): Parsed<RankCase> {
  const problems: string[] = [];
  const report: Report = (problem) => problems.push(problem);
  const fields = asFields(value, "the case", report);
  const profile = readProfile(fields.profile ?? usualProfile, report);
  const query = asFields(fields.query, "query", report);
  const color = readColor(query.color_rgb, "query.color_rgb", report);
  if (color === null && problems.length === 0) report("query.color_rgb is missing");
  const listed = Array.isArray(fields.candidates) ? fields.candidates : [];
  if (!Array.isArray(fields.candidates)) report("candidates must be an array");
  const candidates = listed.map((each, row) =>
    readCandidate(asFields(each, `candidates[${row}]`, report), row, profile, report),
  );
  const similarities = listed.map((each, row) => readSimilarity(each, row, report));
  const input: RankInput = {
    query: {
      color: color ?? toKnownColor(v4AbsentColor),
      gender: readText(query.gender, "query.gender", report) ?? unknownGender,
      category: readText(query.category ?? fields.category, "query.category", report),
    },
    candidates,
    similarities,
    excludedPlaces: placesOf(readTexts(query.exclude_ids ?? fields.exclude_ids, "exclude_ids", report), candidates),
    rules,
    maxTotal: readMaxTotal(fields, rules, report),
    itemsPerCategory: readCount(fields.items_per_category, "items_per_category", report) ?? rules.itemsPerCategory,
    calibration: uncalibrated,
  };
  const [first, ...rest] = problems;
  return first === undefined ? { value: { profile, input } } : { problems: [first, ...rest] };
}

/** Three whole numbers in 0..255, or null when absent; anything else is reported. */
export function readColor(value: unknown, name: string, report: Report): KnownColor | null {
  if (value === undefined || value === null) return null;
  const isChannel = (each: unknown) => Number.isInteger(each) && (each as number) >= 0 && (each as number) <= 255;
  if (Array.isArray(value) && value.length === 3 && value.every(isChannel)) {
    return toKnownColor([value[0], value[1], value[2]]);
  }
  report(`${name} must be three whole numbers from 0 to 255`);
  return null;
}

function placesOf(ids: readonly string[], candidates: readonly Candidate[]): ReadonlySet<number> {
  return new Set(candidates.flatMap(({ id }, place) => (id !== null && ids.includes(id) ? [place] : [])));
}

function readCandidate(fields: Fields, row: number, profile: Profile, report: Report): Candidate {
  const name = `candidates[${row}]`;
  const plainColor = readColor(fields.color, `${name}.color`, report);
  const scored = readColor(fields.color_rgb, `${name}.color_rgb`, report);
  const absent = profile === "v4" ? toKnownColor(v4AbsentColor) : plainColor;
  return {
    row,
    id: readText(fields.id, `${name}.id`, report),
    category: readText(fields.category, `${name}.category`, report),
    gender: readText(fields.gender, `${name}.gender`, report),
    path: readText(fields.path, `${name}.path`, report),
    color: fields.color_rgb === undefined ? absent : (scored ?? (profile === "v4" ? null : plainColor)),
    plainColor,
  };
}

function readSimilarity(candidate: unknown, row: number, report: Report): number {
  const value = (candidate as Fields | null)?.similarity;
  if (typeof value === "number" && Number.isFinite(value) && Math.abs(value) <= 1e6) return value;
  report(`candidates[${row}].similarity must be a finite number`);
  return 0;
}

function readMaxTotal(fields: Fields, rules: RankingRules, report: Report): number | null {
  if (fields.max_total === null) return null;
  return readCount(fields.max_total, "max_total", report) ?? rules.maxTotal;
}

function readCount(value: unknown, name: string, report: Report): number | null {
  if (value === undefined || value === null) return null;
  if (Number.isInteger(value) && (value as number) >= 1) return value as number;
  report(`${name} must be a whole number of at least 1`);
  return null;
}

function readProfile(value: unknown, report: Report): Profile {
  const known = profiles.find((profile) => profile === value);
  if (known === undefined) report(`profile must be ${profiles.join(" or ")}`);
  return known ?? defaultProfile;
}

function readText(value: unknown, name: string, report: Report): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "string") return value;
  report(`${name} must be text`);
  return null;
}

function readTexts(value: unknown, name: string, report: Report): readonly string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every((each) => typeof each === "string")) return value;
  report(`${name} must be an array of text`);
  return [];
}

function asFields(value: unknown, name: string, report: Report): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  report(`${name} must be a JSON object`);
  return {};
}
