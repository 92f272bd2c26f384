import type { Reply } from "../../client/client.js";
import { createLatencies, type LatencyFigures, toFigures } from "../../deploy/load/latencies.js";

/** What one side made of a photo: its answer and the ms until it came, or the code of its failure. */
export type Outcome = Readonly<{ reply: Reply; ms: number }> | Readonly<{ failure: string }>;

/** One photo asked about on both sides. */
export type ComparedPhoto = Readonly<{ name: string; a: Outcome; b: Outcome }>;

/** How two answers to one photo differ. */
export type Difference = Readonly<{
  photo: string;
  category_a: string | null;
  category_b: string | null;
  first_item_a: string | null;
  first_item_b: string | null;
  /** Of all items that either side shows, those that both show; in [0, 1]. */
  item_overlap: number;
}>;

/** A comparison as JSON: shares in [0, 1], null where nothing was compared; times in ms. */
export type Comparison = ReturnType<typeof toComparison>;

export function toComparison(photos: readonly ComparedPhoto[]) {
  const pairs = photos.flatMap(({ name, a, b }) =>
    "reply" in a && "reply" in b ? [{ name, a: a.reply, b: b.reply }] : [],
  );
  const looks = pairs.map(({ name, a, b }) => toDifference(name, a, b));
  const isSame = ({ category_a, category_b }: Difference) => category_a === category_b;
  const share = (holds: (look: Difference) => boolean) => toMean(looks.map((look) => (holds(look) ? 1 : 0)));
  return {
    photos: photos.length,
    compared: pairs.length,
    same_category: share(isSame),
    same_first_item: share((look) => look.first_item_a === look.first_item_b),
    same_items: share((look) => look.item_overlap === 1),
    item_overlap: toMean(looks.map((look) => look.item_overlap)),
    most_score_difference: pairs.length === 0 ? null : Math.max(...pairs.map(({ a, b }) => scoreDifference(a, b))),
    by_category: toCategories(looks),
    a: toSide(photos.map(({ a }) => a)),
    b: toSide(photos.map(({ b }) => b)),
    differences: looks.filter((look) => !isSame(look) || look.item_overlap < 1),
  };
}

function toDifference(photo: string, a: Reply, b: Reply): Difference {
  const [idsA, idsB] = [a, b].map(({ recommendations }) => new Set(recommendations.map(({ item_id }) => item_id)));
  const both = [...idsA!].filter((id) => idsB!.has(id)).length;
  const either = idsA!.size + idsB!.size - both;
  return {
    photo,
    category_a: a.category_vote?.category ?? null,
    category_b: b.category_vote?.category ?? null,
    first_item_a: a.recommendations[0]?.item_id ?? null,
    first_item_b: b.recommendations[0]?.item_id ?? null,
    item_overlap: either === 0 ? 1 : both / either,
  };
}

/** Of the items that both show, how far their scores lie apart at most. */
function scoreDifference(a: Reply, b: Reply): number {
  const scores = new Map(b.recommendations.map(({ item_id, score }) => [item_id, score]));
  const apart = a.recommendations.flatMap(({ item_id, score }) => {
    const other = scores.get(item_id);
    return other === undefined ? [] : [Math.abs(score - other)];
  });
  return Math.max(0, ...apart);
}

/** By what the first side sees. */
function toCategories(looks: readonly Difference[]) {
  const names = [...new Set(looks.map(({ category_a }) => category_a ?? ""))].sort();
  return names.map((name) => {
    const its = looks.filter(({ category_a }) => (category_a ?? "") === name);
    return {
      category: name === "" ? null : name,
      photos: its.length,
      same_category: toMean(its.map(({ category_a, category_b }) => (category_a === category_b ? 1 : 0))),
      item_overlap: toMean(its.map(({ item_overlap }) => item_overlap)),
    };
  });
}

/** What one side is and how it did. */
function toSide(outcomes: readonly Outcome[]) {
  const latencies = createLatencies();
  const failures: Record<string, number> = {};
  let facts: Readonly<{ encoder: string; precision: string; catalog: string }> | null = null;
  for (const outcome of outcomes) {
    if ("failure" in outcome) {
      failures[outcome.failure] = (failures[outcome.failure] ?? 0) + 1;
      continue;
    }
    const { encoder, catalog_digest, metadata } = outcome.reply;
    latencies.record(outcome.ms);
    facts ??= { encoder, precision: metadata.precision, catalog: catalog_digest };
  }
  const latency_ms: LatencyFigures = toFigures(latencies);
  return { facts, failures, latency_ms };
}

function toMean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
