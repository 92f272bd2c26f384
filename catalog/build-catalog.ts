import { dirname, relative, resolve, sep } from "node:path";
import { checkArtifact } from "../src/adapters/artifact-check.js";
import { readEncoderFiles } from "../src/adapters/encoder-files.js";
import type { IndexKind } from "../src/domain/artifact.js";
import { toModelName } from "../src/domain/encoder-model.js";
import { type CategoryMap, findUnmapped, type UnmappedCategory } from "./category-map.js";
import { requireIndex } from "./choose-index.js";
import { type ChooseOptions, chooseModel } from "./choose-model.js";
import { type FillOptions, fillArtifact } from "./fill-artifact.js";
import type { Compaction } from "./generation-store.js";
import { readItemLines } from "./item-lines.js";
import { type Plan, planItems, sortByPath } from "./plan-items.js";
import { type PutArtifact, withArtifactPlace } from "./replace-artifact.js";
import { type Skipped, scanFolder } from "./scan-folder.js";

export type BuildOptions = Omit<FillOptions, "plan" | "encoder" | "model"> &
  Pick<ChooseOptions, "precision" | "sumsBytesExactly" | "verifying"> &
  Readonly<{
    /** Absent, empty or an artifact, which is replaced only when the new one is complete. */
    outFolder: string;
    /** How many generations before it stay in `outFolder`, a store of them; by default that is one artifact. */
    keep?: number | null;
    itemsFile: string | null;
    /** What the items file is called in messages, where that is another name. */
    itemsName?: string;
    categoryMap: CategoryMap;
    encoderFolder: string;
    /** Milliseconds of any clock that does not jump. */
    now: () => number;
  }>;

/** What was built, and everything that was not. */
export type BuildReport = Readonly<{
  items: number;
  categories: Readonly<Record<string, number>>;
  skipped: readonly Skipped[];
  /** Pictures of the items that an earlier build had seen already. */
  reused: number;
  unmapped: readonly UnmappedCategory[];
  warnings: readonly string[];
  seconds: number;
  imagesPerSecond: number;
  /** What made the vectors; `notes` say what was measured to choose it, one sentence each. */
  model: Readonly<{ name: string; notes: readonly string[] }>;
  artifact: Readonly<{ folder: string; digest: string; encoder: string; index: IndexKind; bytes: number }>;
  /** What became of older generations; null where there are none. */
  compaction: Compaction | null;
}>;

/**
 * Builds an artifact from a folder of pictures. The same input gives the same bytes on one kind of machine.
 * @throws Error for the operator, one line a problem: nothing is built then, and `outFolder` is as it was; the signal's
 *   reason.
 */
export async function buildCatalog(options: BuildOptions): Promise<BuildReport> {
  const { outFolder, keep = null } = options;
  const started = options.now();
  requireApart(options);
  const { result, compaction } = await withArtifactPlace({ outFolder, keep }, (put) => build(options, put));
  const seconds = (options.now() - started) / 1000;
  return { ...result, seconds, imagesPerSecond: result.items / Math.max(seconds, 1e-3), compaction };
}

type Built = Omit<BuildReport, "seconds" | "imagesPerSecond" | "compaction">;

async function build(options: BuildOptions, put: PutArtifact): Promise<Built> {
  requireIndex(options);
  const files = await readEncoderFiles(options.encoderFolder);
  const plan = await planBuild(options);
  if (plan.items.length === 0) throw nothingRemains(plan.skipped);
  const { encoder, model, notes } = await chooseModel({ ...options, encoder: files, items: plan.items });
  const { filled: made, folder } = await put(async (draft) => {
    const filled = await fillArtifact(draft, { ...options, encoder, model, plan });
    if (filled.items === 0) throw nothingRemains(sortByPath([...plan.skipped, ...filled.skipped]));
    // Read back before it takes its place.
    const { digest } = await checkArtifact(draft);
    return { filled, digest };
  });
  const { filled, digest } = made;
  return {
    items: filled.items,
    categories: filled.categories,
    skipped: sortByPath([...plan.skipped, ...filled.skipped]),
    reused: filled.reused,
    unmapped: findUnmapped(filled.categories),
    warnings: plan.warnings,
    model: { name: toModelName(model.model), notes: [...notes, ...filled.notes] },
    artifact: {
      ...{ folder, digest, encoder: encoder.manifest.name },
      ...{ index: filled.index, bytes: filled.bytes },
    },
  };
}

/** What a folder of pictures, and an items file, make a catalog of. @throws Error with a line for each problem */
export async function planBuild({
  imagesFolder,
  source,
  itemsFile,
  itemsName,
  categoryMap,
}: Pick<BuildOptions, "imagesFolder" | "source" | "itemsFile" | "itemsName" | "categoryMap">): Promise<Plan> {
  const scan = await (source == null ? scanFolder(imagesFolder) : source.scan());
  const itemLines = itemsFile === null ? null : await readItemLines(itemsFile, itemsName);
  if (itemLines?.lines.length === 0 && itemLines.problems.length === 0) {
    throw new Error(`${itemsName ?? itemsFile} has no items`);
  }
  // An items file may lie among the pictures without being reported as a broken one.
  const isItemsFile = ({ path }: Skipped) => itemsFile !== null && resolve(imagesFolder, path) === resolve(itemsFile);
  const pictures = { ...scan, skipped: scan.skipped.filter((each) => !isItemsFile(each)) };
  const plan = planItems(pictures, itemLines, categoryMap, {
    imagesPrefix: itemsFile === null ? "" : toPrefix(itemsFile, imagesFolder),
    ...(source?.takeUrl === undefined ? {} : { takeUrl: source.takeUrl }),
  });
  if (plan.problems.length > 0) throw new Error(plan.problems.join("\n"));
  return plan;
}

function toPrefix(itemsFile: string, imagesFolder: string): string {
  const path = relative(dirname(resolve(itemsFile)), resolve(imagesFolder));
  return path.startsWith("..") ? "" : path.split(sep).join("/");
}

/** One inside the other would make the next build take thumbnails for pictures, or replace the pictures. */
function requireApart({ imagesFolder, outFolder, cacheFolder = null }: BuildOptions): void {
  const [images, out] = [resolve(imagesFolder) + sep, resolve(outFolder) + sep];
  if (images.startsWith(out) || out.startsWith(images)) {
    throw new Error(`${outFolder} and ${imagesFolder} must not lie one inside the other`);
  }
  if (cacheFolder !== null) requireCacheApart(cacheFolder, imagesFolder);
}

/** The next build would list what is kept among the pictures as pictures that it cannot read. */
export function requireCacheApart(cacheFolder: string, imagesFolder: string): void {
  if (!(resolve(cacheFolder) + sep).startsWith(resolve(imagesFolder) + sep)) return;
  throw new Error(`${cacheFolder} must not lie inside ${imagesFolder}, among the pictures`);
}

function nothingRemains(skipped: readonly Skipped[]): Error {
  const reasons = skipped.map(({ path, reason }) => `${path}: ${reason}`);
  return new Error(["there is no picture to build a catalog from", ...reasons].join("\n"));
}
