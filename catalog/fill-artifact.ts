import type { EncoderFiles, ModelOnDisk } from "../src/adapters/encoder-files.js";
import { createExactIndex } from "../src/adapters/exact-index.js";
import { createFaissIndex, faissAvailability } from "../src/adapters/faiss-index.js";
import { type ArtifactFile, type IndexKind, toThumbnailPath } from "../src/domain/artifact.js";
import type { CatalogItem } from "../src/domain/catalog.js";
import type { RankingRules } from "../src/domain/ranking-rules.js";
import { calibrateVote } from "./calibrate.js";
import { type CatalogRows, createCatalogRows } from "./catalog-rows.js";
import type { IndexWish } from "./choose-index.js";
import type { PlannedItem } from "./match-item-lines.js";
import type { FindOptions } from "./picture-source.js";
import { startPictureWorkers } from "./picture-workers.js";
import type { Plan } from "./plan-items.js";
import type { Skipped } from "./scan-folder.js";
import { type Sight, seePictures } from "./see-pictures.js";
import { openSeenStore, type SeenStore } from "./seen-store.js";
import { type ArtifactParts, writeArtifact } from "./write-artifact.js";
import { writeArtifactFile } from "./write-artifact-file.js";

export type FillOptions = FindOptions &
  IndexWish &
  Readonly<{
    plan: Plan;
    rules: RankingRules;
    encoder: EncoderFiles;
    /** The encoder's model that makes every vector. */
    model: ModelOnDisk;
    /** Longest side in pixels; null for no thumbnails. */
    thumbnails: number | null;
    /** Where what pictures showed is kept from one build to the next; by default nothing is. */
    cacheFolder?: string | null;
    /** Encoders, of one thread each, and decoders. */
    workers: number;
    /** Told of every picture looked at. */
    progress?: (progress: BuildProgress) => void;
  }>;

/** Pictures looked at so far, of how many. */
export type BuildProgress = Readonly<{ done: number; total: number }>;

export type WrittenRows = Readonly<{
  items: number;
  categories: Readonly<Record<string, number>>;
  bytes: number;
  index: IndexKind;
  /** What was measured to settle the index, one sentence each. */
  notes: readonly string[];
}>;

/** With the pictures that showed nothing, beside those the plan skipped. */
export type Filled = WrittenRows & Readonly<{ skipped: readonly Skipped[]; reused: number }>;

/** Looks at every picture of the plan and writes the artifact; with no picture left it writes none. */
export async function fillArtifact(folder: string, options: FillOptions): Promise<Filled> {
  const { encoder, plan } = options;
  const rows = createCatalogRows(folder, encoder.manifest.output.dimension);
  // Threads and model are gone before the rest begins: it wants their memory.
  const seen = await withParts(options, (parts) => seeAll(folder, rows, options, parts));
  const thumbnails = options.thumbnails === null ? null : { side: options.thumbnails, files: seen.thumbnails };
  const skipped = plan.skipped.length + seen.skipped.length;
  return {
    ...(await writeRows(folder, rows, { ...options, thumbnails, skipped })),
    skipped: seen.skipped,
    reused: seen.reused,
  };
}

async function withParts<T>(options: FillOptions, work: (sight: Sight) => Promise<T>): Promise<T> {
  const { close, ...parts } = await startPictureWorkers(options.encoder, options.model.model, options.workers);
  try {
    return await withStore(options, (store) => work({ ...options, ...parts, store }));
  } finally {
    await close();
  }
}

async function withStore<T>(options: FillOptions, work: (store: SeenStore | null) => Promise<T>): Promise<T> {
  const { cacheFolder = null, encoder, model, thumbnails } = options;
  if (cacheFolder === null) return work(null);
  const { preprocess, output } = encoder.manifest;
  const by = { modelDigest: model.digest, preprocess, dimension: output.dimension, thumbnails };
  const store = await openSeenStore(cacheFolder, by);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

type Seen = Readonly<{
  skipped: readonly Skipped[];
  thumbnails: Readonly<Record<string, ArtifactFile>>;
  reused: number;
}>;

async function seeAll(folder: string, rows: CatalogRows, { plan, progress }: FillOptions, sight: Sight): Promise<Seen> {
  const skipped: Skipped[] = [];
  const thumbnails: Record<string, ArtifactFile> = {};
  const total = plan.items.length;
  progress?.({ done: 0, total });
  let [done, reused] = [0, 0];
  for await (const seen of seePictures(plan.items, sight)) {
    progress?.({ done: ++done, total });
    if ("refusal" in seen) {
      skipped.push({ path: seen.item.path, reason: seen.refusal });
      continue;
    }
    const { item, embedding, palette, meanColor, thumbnail, isReused } = seen;
    if (isReused) reused += 1;
    const row = await rows.add(withColors(item, meanColor, palette), embedding);
    if (thumbnail === null) continue;
    const path = toThumbnailPath(row);
    thumbnails[path] = await writeArtifactFile(folder, path, [thumbnail]);
  }
  return { skipped, thumbnails, reused };
}

/** Field by field: V8 puts what is spread a hundred thousand times where its quick collections do not look, megabytes of it. */
function withColors(
  { id, category, gender, path, title, price, url, imageUrl }: PlannedItem,
  meanColor: CatalogItem["meanColor"],
  palette: CatalogItem["palette"],
): Omit<CatalogItem, "row"> {
  return { id, category, gender, path, title, price, url, imageUrl, meanColor, palette };
}

export type RowSettings = Pick<FillOptions, "encoder" | "model" | "rules" | "index" | "indexMemoryGb" | "signal"> &
  Pick<ArtifactParts, "thumbnails" | "skipped" | "linksModels">;

/** Finishes an artifact whose rows are known and whose thumbnails are written; with no row it writes none. */
export async function writeRows(folder: string, rows: CatalogRows, settings: RowSettings): Promise<WrittenRows> {
  const { rules, index, signal } = settings;
  if (rows.count() === 0) return { items: 0, categories: {}, bytes: 0, index: "none", notes: [] };
  const finished = await rows.finish();
  const makeIndex = index !== "none" && faissAvailability().available ? createFaissIndex : createExactIndex;
  const calibrate = () => calibrateVote(finished, makeIndex, rules, signal);
  const { manifest, notes } = await writeArtifact(folder, { ...settings, rows: finished, calibrate });
  signal.throwIfAborted();
  const bytes = Object.values(manifest.files).reduce((sum, file) => sum + file.bytes, 0);
  const { counts, index: kind } = manifest;
  return { items: counts.items, categories: counts.categories, bytes, index: kind, notes };
}
