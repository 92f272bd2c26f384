import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { SingleBar } from "cli-progress";
import { ServiceError } from "../domain/errors.js";
import type { Profile } from "../domain/profile.js";
import type { Ranking } from "../domain/ranking.js";
import { openPipeline } from "../open-pipeline.js";
import type { Recommend } from "../pipeline.js";
import type { LabeledPhoto } from "./labeled-photos.js";
import { toPipelineOptions } from "./pipeline-options.js";

type CategoryResult = Readonly<{
  photos: number;
  right: number;
  right_v4: number;
  accuracy: number;
  accuracy_v4: number;
}>;

/** How the vote did. Accuracies, confidences and errors are shares in [0, 1] of the photos that could be read. */
export type EvaluationReport = Readonly<{
  photos: number;
  vote_accuracy: number;
  vote_accuracy_v4: number;
  per_category: Readonly<Record<string, CategoryResult>>;
  mean_confidence: number;
  /** Expected calibration error over ten equal bins of confidence (Guo et al., ICML 2017). */
  calibration_error: number;
  /** Distinct categories in a default answer. */
  answer_categories: Readonly<{ min: number; median: number }>;
  failed: readonly Readonly<{ path: string; reason: string }>[];
}>;

type Judged = Readonly<{
  category: string;
  right: boolean;
  rightV4: boolean;
  confidence: number;
  answerCategories: number;
}>;

/** Votes on every photo by both profiles. @throws Error when the artifact cannot be opened */
export async function evaluate(artifact: string, photos: readonly LabeledPhoto[]): Promise<EvaluationReport> {
  const pipeline = await openPipeline(toPipelineOptions(artifact, availableParallelism()));
  const bar = new SingleBar({ stream: process.stderr, format: "{bar} {value}/{total} photos, {eta_formatted} left" });
  const judged: (Judged | null)[] = photos.map(() => null);
  const failed: Readonly<{ path: string; reason: string }>[] = [];
  const waiting = photos.entries();
  const work = async () => {
    for (const [i, photo] of waiting) {
      try {
        judged[i] = await judge(pipeline.recommend, photo);
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        failed.push({ path: photo.path, reason: error.code });
      }
      bar.increment();
    }
  };
  try {
    bar.start(photos.length, 0);
    await Promise.all(Array.from({ length: availableParallelism() + 1 }, work));
  } finally {
    bar.stop();
    await pipeline.close();
  }
  failed.sort((first, second) => (first.path < second.path ? -1 : 1));
  return { ...toReport(judged.filter((each) => each !== null)), failed };
}

async function judge(recommend: Recommend, { path, category }: LabeledPhoto): Promise<Judged> {
  const bytes = await readFile(path);
  const [v5, v4] = [await rankBy(recommend, bytes, "v5"), await rankBy(recommend, bytes, "v4")];
  return {
    category,
    right: v5.queryCategory === category,
    rightV4: v4.queryCategory === category,
    confidence: v5.confidence ?? 0,
    answerCategories: new Set(v5.suggestions.map(({ candidate }) => candidate.category)).size,
  };
}

async function rankBy(recommend: Recommend, bytes: Uint8Array, profile: Profile): Promise<Ranking> {
  const options = { mode: "outfit", gender: null, category: null, topK: null, itemsPerCategory: null } as const;
  const query = { source: { kind: "image", bytes }, profile, ...options, excludeIds: [], explain: false } as const;
  const { ranking } = await recommend(query, new AbortController().signal);
  if (ranking === null) throw new RangeError("an outfit was asked for and no ranking came");
  return ranking;
}

function toReport(judged: readonly Judged[]): Omit<EvaluationReport, "failed"> {
  const categories = [...new Set(judged.map(({ category }) => category))].sort();
  const counts = judged.map(({ answerCategories }) => answerCategories).sort((first, second) => first - second);
  return {
    photos: judged.length,
    vote_accuracy: shareOf(judged, ({ right }) => right),
    vote_accuracy_v4: shareOf(judged, ({ rightV4 }) => rightV4),
    per_category: Object.fromEntries(
      categories.map((category) => [category, toCategoryResult(judged.filter((each) => each.category === category))]),
    ),
    mean_confidence: round(judged.reduce((sum, { confidence }) => sum + confidence, 0) / Math.max(1, judged.length)),
    calibration_error: toCalibrationError(judged),
    answer_categories: { min: counts[0] ?? 0, median: counts[Math.floor(counts.length / 2)] ?? 0 },
  };
}

function toCategoryResult(judged: readonly Judged[]): CategoryResult {
  return {
    photos: judged.length,
    right: judged.filter(({ right }) => right).length,
    right_v4: judged.filter(({ rightV4 }) => rightV4).length,
    accuracy: shareOf(judged, ({ right }) => right),
    accuracy_v4: shareOf(judged, ({ rightV4 }) => rightV4),
  };
}

function toCalibrationError(judged: readonly Judged[]): number {
  const bins = new Map<number, Judged[]>();
  for (const each of judged) {
    const bin = Math.min(9, Math.floor(each.confidence * 10));
    bins.set(bin, [...(bins.get(bin) ?? []), each]);
  }
  let error = 0;
  for (const bin of bins.values()) {
    const confidence = bin.reduce((sum, each) => sum + each.confidence, 0) / bin.length;
    error += (bin.length / judged.length) * Math.abs(confidence - bin.filter(({ right }) => right).length / bin.length);
  }
  return round(error);
}

function shareOf(judged: readonly Judged[], is: (each: Judged) => boolean): number {
  return judged.length === 0 ? 0 : round(judged.filter(is).length / judged.length);
}

function round(share: number): number {
  return Math.round(share * 10_000) / 10_000;
}
