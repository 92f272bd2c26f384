import { readEncoderFiles } from "../src/adapters/encoder-files.js";
import { type BuildOptions, planBuild, requireCacheApart } from "./build-catalog.js";
import { chooseModel } from "./choose-model.js";
import type { PlannedItem } from "./match-item-lines.js";
import { startPictureWorkers } from "./picture-workers.js";
import type { Skipped } from "./scan-folder.js";
import { seePictures } from "./see-pictures.js";
import { openSeenStore } from "./seen-store.js";

/** The `index`-th part of `count`, from 1. */
export type Shard = Readonly<{ index: number; count: number }>;

export type ShardOptions = Omit<BuildOptions, "outFolder" | "index" | "rules" | "cacheFolder"> &
  Readonly<{ cacheFolder: string; shard: Shard }>;

/** What a part of a build has seen; `reused` of them were known already. */
export type ShardReport = Readonly<{
  pictures: number;
  reused: number;
  skipped: readonly Skipped[];
  seconds: number;
}>;

/**
 * Looks at one part of a catalog's pictures and keeps what they show, so that several machines share the work: a build
 * with all of their caches gives the bytes that it would have given alone.
 * @throws Error for the operator, one line a problem; the signal's reason
 */
export async function seeShard(options: ShardOptions): Promise<ShardReport> {
  const started = options.now();
  requireCacheApart(options.cacheFolder, options.imagesFolder);
  const files = await readEncoderFiles(options.encoderFolder);
  const plan = await planBuild(options);
  const { encoder, model } = await chooseModel({ ...options, encoder: files, items: plan.items });
  const { preprocess, output } = encoder.manifest;
  const { workers, thumbnails, signal, progress, imagesFolder, source } = options;
  const items = itemsOf(plan.items, options.shard);
  const by = { modelDigest: model.digest, preprocess, dimension: output.dimension, thumbnails };
  const store = await openSeenStore(options.cacheFolder, by);
  try {
    const { close, ...parts } = await startPictureWorkers(encoder, model.model, workers);
    try {
      const skipped: Skipped[] = [];
      let [done, reused] = [0, 0];
      const sight = { imagesFolder, source: source ?? null, thumbnails, signal, store };
      for await (const seen of seePictures(items, { ...sight, ...parts })) {
        progress?.({ done: ++done, total: items.length });
        if ("refusal" in seen) skipped.push({ path: seen.item.path, reason: seen.refusal });
        else if (seen.isReused) reused += 1;
      }
      return { pictures: items.length, reused, skipped, seconds: (options.now() - started) / 1000 };
    } finally {
      await close();
    }
  } finally {
    await store.close();
  }
}

/** Every `count`-th item, beginning at the `index`-th: large and small pictures, and categories, spread evenly. */
function itemsOf(items: readonly PlannedItem[], { index, count }: Shard): readonly PlannedItem[] {
  return items.filter((_, place) => place % count === index - 1);
}
