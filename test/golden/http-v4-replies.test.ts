import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Candidate, KnownColor } from "../../src/domain/candidate.js";
import { toKnownColor } from "../../src/domain/catalog-candidates.js";
import { toEmbedding } from "../../src/domain/embedding.js";
import type { Rgb } from "../../src/domain/image.js";
import { rank } from "../../src/domain/rank.js";
import { namedRules } from "../../src/domain/ranking-rules.js";
import { uncalibrated } from "../../src/domain/vote-confidence.js";
import { toReply } from "../../src/http/to-reply.js";
import type { Recommendation, ServedFacts } from "../../src/pipeline.js";
import { anEncoderState, aQuery } from "../support/pipeline-builders.js";

type V4Item = Readonly<{ id: string; path: string; category: string; gender?: string; color?: Rgb; color_rgb?: Rgb }>;
type V4Row = Readonly<Record<string, unknown>>;
type V4Reply = Readonly<{ recommendations: readonly V4Row[] }> & Readonly<Record<string, unknown>>;
type PredictCase = Readonly<{
  label: string;
  metadata: readonly V4Item[];
  hits: readonly (readonly [row: number, similarity: number])[];
  query: Readonly<{ rgb: Rgb; gender: string; confidence: number }>;
  profile: string | null;
  config: Readonly<{ model_version?: string }>;
  response_without_time: V4Reply;
}>;

/** V4's whole answers, its model step replaced by given features and hits; see "about" in the file. */
const cases: readonly PredictCase[] = JSON.parse(
  readFileSync(new URL("./data/predict.json", import.meta.url), "utf8"),
).cases;

/** Where we answer otherwise on purpose. */
const differences: Readonly<Record<string, string>> = {
  "no config object: plain scoring": "an artifact always has rules, so V4's mode without any does not exist",
  "no metadata: k is zero": "V4 answered 200 with an empty error; an artifact without items is refused at the start",
  "no gender on items: an error body": "V4 answered 200 with the error 'gender'; ours falls back and flags the items",
};

const v4AbsentColor = toKnownColor([128, 128, 128]);

/** As V4 read its records: `color_rgb` scores, `color` is printed and scores in the fallback. */
function toCandidate(item: V4Item, row: number): Candidate {
  const plainColor: KnownColor | null = item.color === undefined ? null : toKnownColor(item.color);
  const color = item.color_rgb === undefined ? v4AbsentColor : toKnownColor(item.color_rgb);
  return { ...item, row, gender: item.gender ?? null, color, plainColor };
}

function answer({ metadata, hits, query, profile, config }: PredictCase): V4Reply {
  const rules = namedRules[profile ?? "default"]!;
  const found = hits.filter(([row]) => row !== -1);
  const valid = found.filter(([row]) => row >= 0 && row < metadata.length);
  const gender = query.gender === "unknown" ? "unisex" : query.gender;
  const color = toKnownColor(query.rgb);
  const ranking = rank("v4", {
    query: { color, gender, category: null },
    excludedPlaces: new Set(),
    candidates: valid.map(([row]) => toCandidate(metadata[row]!, row)),
    similarities: valid.map(([, similarity]) => Math.fround(similarity)),
    rules,
    maxTotal: rules.maxTotal,
    itemsPerCategory: rules.itemsPerCategory,
    calibration: uncalibrated,
  });
  const recommendation: Recommendation = {
    query: aQuery({ profile: "v4" }),
    embedding: toEmbedding(Float32Array.of(1, 0)),
    gender: { value: gender, confidence: query.confidence },
    color,
    palette: [],
    ranking,
    similar: [],
    searchedRows: found.length,
    totalCandidates: valid.length,
    cache: "miss",
    times: { fetchMs: null, decodeMs: 1, encodeMs: 1, searchMs: 1, rankMs: 1, totalMs: 4 },
  };
  const facts: ServedFacts = {
    catalogDigest: "",
    items: metadata.length,
    dimension: 2,
    rules,
    encoder: config.model_version ?? "v4",
    encoderState: () => anEncoderState(),
    preprocess: "clip-exact-224",
    index: "exact",
  };
  return JSON.parse(JSON.stringify(toReply(recommendation, { facts, items: [] })));
}

/** The fields V4 sent, from ours. */
function onlyV4Fields(ours: unknown, v4: unknown): unknown {
  if (Array.isArray(v4)) return (ours as readonly unknown[]).map((each, i) => onlyV4Fields(each, v4[i] ?? v4[0]));
  if (typeof v4 !== "object" || v4 === null) return ours;
  return Object.fromEntries(
    Object.entries(v4).map(([name, value]) => [name, onlyV4Fields((ours as Record<string, unknown>)[name], value)]),
  );
}

describe("a v4 reply", () => {
  const comparable = cases.filter(({ label }) => !(label in differences));
  it("is compared in every case that V4 answered", () => {
    expect(comparable.length).toBe(cases.length - 5);
    expect(comparable.length).toBeGreaterThan(15);
  });

  it.each(comparable.map((each) => [each.label, each] as const))("holds all that V4 sent: %s", (_label, each) => {
    const v4 = each.response_without_time;
    const ours = answer(each);
    expect(ours.recommendations).toHaveLength(v4.recommendations.length);
    expect(onlyV4Fields(ours, v4)).toEqual(v4);
  });

  it.each(comparable.map((each) => [each.label, each] as const))(
    "has V4's names first, in V4's order: %s",
    (_label, each) => {
      const v4 = each.response_without_time;
      const ours = answer(each);
      const begins = (whole: object, part: object) =>
        expect(Object.keys(whole).slice(0, Object.keys(part).length)).toEqual(Object.keys(part));
      begins(ours, v4);
      begins(ours.query_item as object, v4.query_item as object);
      begins(ours.metadata as object, { processing_time_ms: 0, ...(v4.metadata as object) });
      for (const [i, row] of v4.recommendations.entries()) begins(ours.recommendations[i]!, row);
    },
  );

  it("answers with its fallback where V4 failed for want of a gender", () => {
    const each = cases.find(({ label }) => label.startsWith("no gender on items"))!;
    const ours = answer(each);
    expect(each.response_without_time.error).toBe("'gender'");
    expect(ours).toMatchObject({ fallback: true, fallback_reason: expect.any(String) });
  });
});
