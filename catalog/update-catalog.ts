import { resolve, sep } from "node:path";
import { checkArtifact } from "../src/adapters/artifact-check.js";
import { type ArtifactWords, readArtifactWords } from "../src/adapters/artifact-words.js";
import { sumsBytesExactly } from "../src/adapters/cpu-features.js";
import type { ModelOnDisk } from "../src/adapters/encoder-files.js";
import { withHeld } from "../src/adapters/generation-hold.js";
import { planRungs } from "../src/domain/provider-ladder.js";
import { beginEarly } from "./begin-early.js";
import { type BuildOptions, planBuild } from "./build-catalog.js";
import { type CatalogRows, createCatalogRows } from "./catalog-rows.js";
import { requireIndex } from "./choose-index.js";
import { writeRows } from "./fill-artifact.js";
import type { Compaction } from "./generation-store.js";
import { type Merged, mergeRows } from "./merge-rows.js";
import { readOldRows } from "./old-rows.js";
import { startPictureWorkers } from "./picture-workers.js";
import type { Plan } from "./plan-items.js";
import { type PutArtifact, toArtifactPath, withArtifactPlace } from "./replace-artifact.js";
import type { Skipped } from "./scan-folder.js";
import { type SeenPicture, seePictures } from "./see-pictures.js";

export type UpdateOptions = Pick<
  BuildOptions,
  | "outFolder"
  | "source"
  | "itemsFile"
  | "itemsName"
  | "categoryMap"
  | "workers"
  | "signal"
  | "progress"
  | "now"
  | "sumsBytesExactly"
> &
  Readonly<{
    /** The catalog as it is; of a store of generations its current one. */
    artifactFolder: string;
    /** How many generations before it stay in `outFolder`, a store of them; by default that is one artifact. */
    keep?: number | null;
    /** Where pictures to add are, or to put in the place of those with their ids, as in a build; null for none. */
    imagesFolder: string | null;
    /** Ids that leave the catalog. */
    removed: ReadonlySet<string>;
    /** `same` as the artifact has. */
    index: BuildOptions["index"] | "same";
  }>;

/** What became of the catalog. */
export type UpdateReport = Readonly<{
  items: number;
  added: readonly string[];
  replaced: readonly string[];
  removed: readonly string[];
  /** Ids that were to leave and were not there. */
  unknown: readonly string[];
  skipped: readonly Skipped[];
  warnings: readonly string[];
  /** Those that no item had before: of a shop's own making, or those of folders without the map that the catalog was built with. */
  newCategories: readonly Readonly<{ category: string; items: number }>[];
  seconds: number;
  artifact: Readonly<{ folder: string; digest: string; bytes: number }>;
  /** What became of older generations; null where there are none. */
  compaction: Compaction | null;
}>;

/**
 * A new artifact from an old one, looking at the new pictures alone: byte for byte what a build of all of them with the
 * same model gives. Items that did not change keep id, colors and vector. The old folder may be the new one's place, too.
 * @throws Error for the operator, one line a problem: nothing is written then; the signal's reason.
 */
export async function updateCatalog(options: UpdateOptions): Promise<UpdateReport> {
  const { outFolder, keep = null } = options;
  const started = options.now();
  requireApart(options);
  // From here on nobody else changes a store: what is read is what the new generation comes from.
  const { result, compaction } = await withArtifactPlace({ outFolder, keep }, async (put) => {
    const path = await toArtifactPath(options.artifactFolder);
    return withHeld(path, (artifactFolder) => update({ ...options, artifactFolder }, put));
  });
  return { ...result, seconds: (options.now() - started) / 1000, compaction };
}

async function update(options: UpdateOptions, put: PutArtifact): Promise<Omit<UpdateReport, "seconds" | "compaction">> {
  const { artifactFolder } = options;
  // Models and thumbnails are verified in the new artifact, which links them.
  const words = await readArtifactWords(artifactFolder, "later");
  const model = await requireModel(words, options.sumsBytesExactly ?? (await sumsBytesExactly()));
  const plan = await planAdded(options);
  const index = options.index === "same" ? words.manifest.index : options.index;
  requireIndex({ index });
  // Looking at pictures takes both cores of a small machine, reading a large catalog one.
  const ending = new AbortController();
  const signal = AbortSignal.any([options.signal, ending.signal]);
  const added = beginEarly(seeAdded({ words, model, plan, options: { ...options, signal } }), mostWaiting);
  try {
    return await putMerged({ words, model, plan, index, added: added.pieces }, options, put);
  } finally {
    // Pictures on their way from far away are for nobody any more.
    ending.abort(new Error("the update is over"));
    await added.end();
  }
}

type Changing = Readonly<{
  words: ArtifactWords;
  model: ModelOnDisk;
  plan: Plan;
  index: BuildOptions["index"];
  added: AsyncIterable<SeenPicture>;
}>;

async function putMerged(
  { words, model, plan, index, added }: Changing,
  options: UpdateOptions,
  put: PutArtifact,
): Promise<Omit<UpdateReport, "seconds" | "compaction">> {
  const { filled, folder } = await put(async (draft) => {
    const rows = createCatalogRows(draft, words.manifest.dimension);
    const merged = await mergeOld(draft, rows, words, added, options);
    if (rows.count() === 0) throw new Error("no item would be left in the catalog");
    const { bytes, categories } = await writeRows(draft, rows, {
      ...{ encoder: words.encoder, linksModels: true, model, rules: words.rules, index, signal: options.signal },
      ...settingsOf(words, plan, merged),
    });
    const { digest } = await checkArtifact(draft);
    return { merged, items: rows.count(), categories, bytes, digest };
  });
  const { merged, items, categories, bytes, digest } = filled;
  const removed = new Set(merged.removed);
  return {
    ...{ items, added: merged.added, replaced: merged.replaced, removed: merged.removed },
    unknown: [...options.removed].filter((id) => !removed.has(id)).sort(),
    skipped: [...plan.skipped, ...merged.skipped],
    warnings: plan.warnings,
    newCategories: Object.entries(categories)
      .filter(([category]) => !Object.hasOwn(words.manifest.counts.categories, category))
      .map(([category, count]) => ({ category, items: count })),
    artifact: { folder, digest, bytes },
  };
}

/** The old rows are in memory here alone. */
async function mergeOld(
  draft: string,
  rows: CatalogRows,
  words: ArtifactWords,
  added: AsyncIterable<SeenPicture>,
  { artifactFolder, removed, signal }: UpdateOptions,
): Promise<Merged> {
  const old = { rows: await readOldRows(artifactFolder, words), manifest: words.manifest, artifactFolder };
  return mergeRows(draft, rows, { ...old, removed, added, signal });
}

function settingsOf({ manifest }: ArtifactWords, plan: Plan, { skipped, thumbnails }: Merged) {
  return {
    skipped: manifest.counts.skipped + plan.skipped.length + skipped.length,
    thumbnails: manifest.thumbnails === null ? null : { side: manifest.thumbnails, files: thumbnails },
  };
}

/** New pictures that were looked at before their place among the old ones is known: some tens of megabytes with thumbnails. */
const mostWaiting = 512;

const nothingAdded: Plan = { items: [], skipped: [], problems: [], warnings: [] };

async function planAdded({ imagesFolder, removed, ...options }: UpdateOptions): Promise<Plan> {
  if (imagesFolder === null) return nothingAdded;
  const plan = await planBuild({ ...options, imagesFolder });
  const both = plan.items.find(({ id }) => removed.has(id));
  if (both !== undefined) throw new Error(`${both.id} is to be added and to be removed`);
  return plan;
}

/** The model that made the vectors, which alone may make others beside them. @throws Error where it cannot run here */
async function requireModel({ encoder, manifest }: ArtifactWords, exact: boolean): Promise<ModelOnDisk> {
  const { model: name, digest } = manifest.encodedBy;
  const model = encoder.models.find((each) => each.digest === digest);
  if (model === undefined) throw new Error(`the model that made the vectors, ${name}, is not in the artifact`);
  const wishes = { providers: ["cpu"], precision: model.model.precision, half: false } as const;
  const { rungs, refused } = planRungs([model.model], wishes, { sumsBytesExactly: exact, nvidiaDriver: null });
  if (rungs.length > 0) return model;
  throw new Error(`the model that made the vectors cannot run here: ${refused.map(({ reason }) => reason).join("; ")}`);
}

type Seeing = Readonly<{ words: ArtifactWords; model: ModelOnDisk; plan: Plan; options: UpdateOptions }>;

async function* seeAdded({ words, model, plan, options }: Seeing): AsyncGenerator<SeenPicture, void> {
  const { imagesFolder, source = null, workers, signal, progress } = options;
  const total = plan.items.length;
  if (imagesFolder === null || total === 0) return;
  const { encoder, manifest } = words;
  const { close, ...parts } = await startPictureWorkers(encoder, model.model, workers);
  try {
    let done = 0;
    progress?.({ done, total });
    const sight = { imagesFolder, source, thumbnails: manifest.thumbnails, signal, store: null, ...parts };
    for await (const seen of seePictures(plan.items, sight)) {
      progress?.({ done: ++done, total });
      yield seen;
    }
  } finally {
    await close();
  }
}

/** Pictures inside an artifact would be replaced with it, or taken for thumbnails. */
function requireApart({ imagesFolder, artifactFolder, outFolder }: UpdateOptions): void {
  if (imagesFolder === null) return;
  for (const folder of [artifactFolder, outFolder]) {
    const [images, other] = [resolve(imagesFolder) + sep, resolve(folder) + sep];
    if (images.startsWith(other) || other.startsWith(images)) {
      throw new Error(`${folder} and ${imagesFolder} must not lie one inside the other`);
    }
  }
}
