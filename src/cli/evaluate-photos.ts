import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { SingleBar } from "cli-progress";
import type { KnownColor } from "../domain/candidate.js";
import { toKnownColor } from "../domain/catalog-candidates.js";
import type { Embedding } from "../domain/embedding.js";
import { ServiceError } from "../domain/errors.js";
import type { FoundAnswer } from "../domain/index-agreement.js";
import { createOwnSignals } from "../domain/own-signals.js";
import type { Profile } from "../domain/profile.js";
import type { Query } from "../domain/query.js";
import type { Ranking } from "../domain/ranking.js";
import type { OpenPipeline } from "../open-pipeline.js";
import type { Recommendation } from "../pipeline.js";
import type { LabeledPhoto } from "./labeled-photos.js";

/** What the pipeline made of one photo. */
export type SeenPhoto = LabeledPhoto &
  Readonly<{
    embedding: Embedding;
    dominant: KnownColor;
    /** The default profile's answer, and the nearest by the same index. */
    found: FoundAnswer;
    /** V4's answer and the color it goes by; null of a catalog that is too large for it. */
    v4: Readonly<{ ranking: Ranking; mean: KnownColor }> | null;
  }>;

/** The photos that could be answered, in their order, and the others. */
export type SeenPhotos = Readonly<{
  seen: readonly SeenPhoto[];
  failed: readonly Readonly<{ path: string; reason: string }>[];
}>;

type Asked = Pick<OpenPipeline, "recommend" | "facts" | "rules">;

/** Of the nearest how many are looked at: no more than the artifact's rules let a caller have. */
export const mostNeighbors = 10;

/**
 * Asks for an outfit around every photo, by both profiles. Each photo is decoded and encoded once.
 * @throws the signal's reason; whatever is wrong with more than the photo
 */
export async function lookAtPhotos(
  pipeline: Asked,
  photos: readonly LabeledPhoto[],
  signal: AbortSignal,
): Promise<SeenPhotos> {
  const bar = new SingleBar({ stream: process.stderr, format: "{bar} {value}/{total} photos, {eta_formatted} left" });
  const seen: (SeenPhoto | null)[] = photos.map(() => null);
  const failed: Readonly<{ path: string; reason: string }>[] = [];
  const waiting = photos.entries();
  const withOwnSignal = createOwnSignals(signal);
  const work = async () => {
    for (const [i, photo] of waiting) {
      try {
        seen[i] = await withOwnSignal((own) => look(pipeline, photo, own));
      } catch (error) {
        signal.throwIfAborted();
        failed.push({ path: photo.path, reason: toReason(error) });
      }
      bar.increment();
    }
  };
  try {
    bar.start(photos.length, 0);
    await Promise.all(Array.from({ length: availableParallelism() + 1 }, work));
  } finally {
    bar.stop();
  }
  failed.sort((first, second) => (first.path < second.path ? -1 : 1));
  return { seen: seen.filter((each) => each !== null), failed };
}

/** What is wrong with the photo itself. @throws whatever else it is */
function toReason(error: unknown): string {
  if (error instanceof ServiceError) return error.code;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall === undefined) throw error;
  return `cannot be read (${code})`;
}

async function look({ recommend, facts, rules }: Asked, photo: LabeledPhoto, signal: AbortSignal): Promise<SeenPhoto> {
  const source = { kind: "image", bytes: await readFile(photo.path, { signal }) } as const;
  const ask = (wanted: Pick<Query, "source" | "mode" | "profile">, topK: number | null = null) =>
    recommend(toQuery(wanted, topK), signal, "batch");
  const outfit = (from: Query["source"], profile: Profile) => ask({ source: from, mode: "outfit", profile });
  // V4 looks at the picture first: the dominant colors come with its mean, but not the mean with them.
  const first = await outfit(source, servesV4(facts) ? "v4" : "v5");
  const dominant = toKnownColor(first.palette[0]!.rgb);
  const again = { kind: "embedding", embedding: first.embedding, color: dominant.rgb } as const;
  const v5 = servesV4(facts) ? await outfit(again, "v5") : first;
  const similar = { source: again, mode: "similar", profile: "v5" } as const;
  const nearest = await ask(similar, Math.min(mostNeighbors, rules.maxTotal));
  const neighbors = nearest.similar.map(({ candidate, similarity }) => ({ row: candidate.row, similarity }));
  return {
    ...photo,
    embedding: first.embedding,
    dominant,
    found: { neighbors, ranking: rankingOf(v5) },
    v4: servesV4(facts) ? { ranking: rankingOf(first), mean: first.color! } : null,
  };
}

/** V4 compares every row as it is. */
function servesV4({ index }: OpenPipeline["facts"]): boolean {
  const flat: readonly string[] = ["faiss", "exact"];
  return flat.includes(index);
}

function rankingOf({ ranking }: Recommendation): Ranking {
  if (ranking === null) throw new RangeError("an outfit was asked for and no ranking came");
  return ranking;
}

function toQuery(wanted: Pick<Query, "source" | "mode" | "profile">, topK: number | null): Query {
  return { ...wanted, topK, gender: null, category: null, itemsPerCategory: null, excludeIds: [], explain: false };
}
