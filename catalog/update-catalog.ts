import { resolve, sep } from "node:path";
import { checkArtifact } from "../src/adapters/artifact-check.js";
import { type Artifact, readArtifact } from "../src/adapters/artifact-files.js";
import { sumsBytesExactly } from "../src/adapters/cpu-features.js";
import type { ModelOnDisk } from "../src/adapters/encoder-files.js";
import { createImageDecoder } from "../src/adapters/image-decoder.js";
import { readVerifiedFile } from "../src/adapters/verified-file.js";
import { type ArtifactFile, toThumbnailPath } from "../src/domain/artifact.js";
import type { CatalogItem } from "../src/domain/catalog.js";
import type { Embedding } from "../src/domain/embedding.js";
import { planRungs } from "../src/domain/provider-ladder.js";
import { type BuildOptions, planBuild } from "./build-catalog.js";
import { type CatalogRows, createCatalogRows } from "./catalog-rows.js";
import { requireIndex } from "./choose-index.js";
import { openModel } from "./choose-model.js";
import { aheadPerWorker, maxPixels, writeRows } from "./fill-artifact.js";
import type { Plan } from "./plan-items.js";
import { replaceArtifact, requireReplaceable } from "./replace-artifact.js";
import type { Skipped } from "./scan-folder.js";
import { type SeenPicture, seePictures } from "./see-pictures.js";
import { writeArtifactFile } from "./write-artifact-file.js";

export type UpdateOptions = Pick<
  BuildOptions,
  "outFolder" | "itemsFile" | "categoryMap" | "workers" | "signal" | "progress" | "now" | "sumsBytesExactly"
> &
  Readonly<{
    /** The catalog as it is. */
    artifactFolder: string;
    /** Pictures to add, or to put in the place of those with their ids; null for none. */
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
  seconds: number;
  artifact: Readonly<{ folder: string; digest: string; bytes: number }>;
}>;

/**
 * A new artifact from an old one, looking at the new pictures alone: byte for byte what a build of all of them with the
 * same model gives. Items that did not change keep id, colors and vector. The old folder may be the new one's place, too.
 * @throws Error for the operator, one line a problem: nothing is written then; the signal's reason.
 */
export async function updateCatalog(options: UpdateOptions): Promise<UpdateReport> {
  const started = options.now();
  requireApart(options);
  await requireReplaceable(options.outFolder);
  const artifact = await readArtifact(options.artifactFolder);
  const model = await requireModel(artifact, options.sumsBytesExactly ?? (await sumsBytesExactly()));
  const plan = await planAdded(options);
  const index = options.index === "same" ? artifact.manifest.index : options.index;
  requireIndex({ index });
  const { merged, bytes, digest } = await replaceArtifact(options.outFolder, async (folder) => {
    const rows = createCatalogRows(folder, artifact.manifest.dimension);
    const merged = await mergeRows(folder, rows, { artifact, model, plan, options });
    if (rows.count() === 0) throw new Error("no item would be left in the catalog");
    const { bytes } = await writeRows(folder, rows, {
      ...{ encoder: artifact.encoder, model, rules: artifact.rules, index, signal: options.signal },
      skipped: artifact.manifest.counts.skipped + plan.skipped.length + merged.skipped.length,
      thumbnails:
        artifact.manifest.thumbnails === null ? null : { side: artifact.manifest.thumbnails, files: merged.thumbnails },
    });
    const { digest } = await checkArtifact(folder);
    return { merged, bytes, digest };
  });
  const known = new Set(artifact.catalog.items.map(({ id }) => id));
  const seconds = (options.now() - started) / 1000;
  return {
    items: artifact.catalog.items.length + merged.added.length - merged.removed.length,
    ...{ added: merged.added, replaced: merged.replaced, removed: merged.removed },
    unknown: [...options.removed].filter((id) => !known.has(id)).sort(),
    skipped: [...plan.skipped, ...merged.skipped],
    warnings: plan.warnings,
    seconds,
    artifact: { folder: options.outFolder, digest, bytes },
  };
}

const nothingAdded: Plan = { items: [], skipped: [], problems: [], warnings: [] };

async function planAdded({ imagesFolder, itemsFile, categoryMap, removed }: UpdateOptions): Promise<Plan> {
  if (imagesFolder === null) return nothingAdded;
  const plan = await planBuild({ imagesFolder, itemsFile, categoryMap });
  const both = plan.items.find(({ id }) => removed.has(id));
  if (both !== undefined) throw new Error(`${both.id} is to be added and to be removed`);
  return plan;
}

/** The model that made the vectors, which alone may make others beside them. @throws Error where it cannot run here */
async function requireModel({ encoder, manifest }: Artifact, exact: boolean): Promise<ModelOnDisk> {
  const { model: name, digest } = manifest.encodedBy;
  const model = encoder.models.find((each) => each.digest === digest);
  if (model === undefined) throw new Error(`the model that made the vectors, ${name}, is not in the artifact`);
  const wishes = { providers: ["cpu"], precision: model.model.precision, half: false } as const;
  const { rungs, refused } = planRungs([model.model], wishes, { sumsBytesExactly: exact, nvidiaDriver: null });
  if (rungs.length > 0) return model;
  throw new Error(`the model that made the vectors cannot run here: ${refused.map(({ reason }) => reason).join("; ")}`);
}

type Merging = Readonly<{ artifact: Artifact; model: ModelOnDisk; plan: Plan; options: UpdateOptions }>;
type Merged = Readonly<{
  added: string[];
  replaced: string[];
  removed: string[];
  skipped: Skipped[];
  thumbnails: Record<string, ArtifactFile>;
}>;

/** Old and new items in the order of their ids, as a build has them. */
async function mergeRows(folder: string, rows: CatalogRows, merging: Merging): Promise<Merged> {
  const merged: Merged = { added: [], replaced: [], removed: [], skipped: [], thumbnails: {} };
  const old = keepOld(folder, rows, { ...merging, merged });
  for await (const seen of seeAdded(merging)) {
    await old.before(seen.item.id);
    if ("refusal" in seen) {
      merged.skipped.push({ path: seen.item.path, reason: seen.refusal });
      continue;
    }
    const { item, embedding, palette, meanColor, thumbnail } = seen;
    (old.drop(item.id) ? merged.replaced : merged.added).push(item.id);
    const row = await rows.add({ ...item, palette, meanColor }, embedding);
    if (thumbnail !== null) await putThumbnail(folder, row, thumbnail, merged);
  }
  await old.before(null);
  return merged;
}

/** Walks the old items beside the new ones. */
function keepOld(
  folder: string,
  rows: CatalogRows,
  { artifact, options, merged }: Merging & Readonly<{ merged: Merged }>,
) {
  const { catalog, vectors, manifest } = artifact;
  // An artifact of other software may have another order; its rows say where each vector is.
  const items = catalog.items.toSorted((one, other) => (one.id < other.id ? -1 : 1));
  let next = 0;
  const keep = async ({ row: oldRow, ...item }: CatalogItem) => {
    if (options.removed.has(item.id)) return void merged.removed.push(item.id);
    const from = oldRow * manifest.dimension;
    const row = await rows.add(item, vectors.subarray(from, from + manifest.dimension) as Embedding);
    if (manifest.thumbnails === null) return;
    const path = toThumbnailPath(oldRow);
    const bytes = await readVerifiedFile(options.artifactFolder, path, manifest.files[path]!);
    await putThumbnail(folder, row, bytes, merged);
  };
  return {
    /** Keeps every old item whose id comes before this one; all that are left for null. */
    before: async (id: string | null) => {
      while (next < items.length && (id === null || items[next]!.id < id)) await keep(items[next++]!);
    },
    /** Leaves the old item of this id out, if it is the next one. */
    drop: (id: string): boolean => {
      if (items[next]?.id !== id) return false;
      next += 1;
      return true;
    },
  };
}

async function putThumbnail(folder: string, row: number, bytes: Uint8Array, { thumbnails }: Merged): Promise<void> {
  const path = toThumbnailPath(row);
  thumbnails[path] = await writeArtifactFile(folder, path, [bytes]);
}

async function* seeAdded({ artifact, model, plan, options }: Merging): AsyncGenerator<SeenPicture> {
  const { imagesFolder, workers, signal, progress } = options;
  const total = plan.items.length;
  if (imagesFolder === null || total === 0) return;
  const { encoder, manifest } = artifact;
  const decoder = createImageDecoder({ workers, maxPixels });
  try {
    const onnx = await openModel(encoder, model.model, workers);
    try {
      let done = 0;
      progress?.({ done, total });
      const sight = {
        ...{ imagesFolder, decodeImage: decoder.decode, encode: onnx.encode, preprocess: manifest.preprocess },
        ...{ thumbnails: manifest.thumbnails, maxPixels, ahead: workers * aheadPerWorker, signal },
        store: null,
      };
      for await (const seen of seePictures(plan.items, sight)) {
        progress?.({ done: ++done, total });
        yield seen;
      }
    } finally {
      await onnx.close();
    }
  } finally {
    await decoder.close();
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
