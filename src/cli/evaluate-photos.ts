import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { SingleBar } from "cli-progress";
import { ServiceError } from "../domain/errors.js";
import type { Profile } from "../domain/profile.js";
import type { Ranking } from "../domain/ranking.js";
import type { JudgedPhoto } from "../domain/vote-evaluation.js";
import { openPipeline } from "../open-pipeline.js";
import type { Recommend } from "../pipeline.js";
import type { LabeledPhoto } from "./labeled-photos.js";
import { toPipelineOptions } from "./pipeline-options.js";

/** The photos that could be read, in their order, and the others. */
export type JudgedPhotos = Readonly<{
  judged: readonly JudgedPhoto[];
  failed: readonly Readonly<{ path: string; reason: string }>[];
}>;

/** Votes on every photo by both profiles. @throws Error when the artifact cannot be opened */
export async function judgePhotos(artifact: string, photos: readonly LabeledPhoto[]): Promise<JudgedPhotos> {
  const pipeline = await openPipeline(toPipelineOptions(artifact, availableParallelism()));
  const bar = new SingleBar({ stream: process.stderr, format: "{bar} {value}/{total} photos, {eta_formatted} left" });
  const judged: (JudgedPhoto | null)[] = photos.map(() => null);
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
  return { judged: judged.filter((each) => each !== null), failed };
}

async function judge(recommend: Recommend, { path, category }: LabeledPhoto): Promise<JudgedPhoto> {
  const bytes = await readFile(path);
  const [v5, v4] = [await rankBy(recommend, bytes, "v5"), await rankBy(recommend, bytes, "v4")];
  return {
    path,
    category,
    voted: v5.queryCategory,
    votedV4: v4.queryCategory,
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
