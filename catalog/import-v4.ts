import { resolve } from "node:path";
import { checkArtifact } from "../src/adapters/artifact-check.js";
import type { IndexKind } from "../src/domain/artifact.js";
import type { BuildOptions } from "./build-catalog.js";
import { createCatalogRows } from "./catalog-rows.js";
import { createCategoryNames, findUnmapped, type UnmappedCategory } from "./category-map.js";
import { requireIndex } from "./choose-index.js";
import { writeRows } from "./fill-artifact.js";
import { type ColoredItem, colorItems, withV4Color } from "./import-v4-colors.js";
import { createDamageList, type Damage, type DamageList } from "./import-v4-damage.js";
import { requireAgreement, requireEncoder, type V4Encoder } from "./import-v4-encoder.js";
import { readV4Artifact, type V4Model, v4Files } from "./import-v4-files.js";
import { joinV4, type V4Item } from "./import-v4-items.js";
import { findV4Pictures, type V4Pictures } from "./import-v4-pictures.js";
import { readV4Vectors } from "./import-v4-vectors.js";
import { groupBy } from "./picture-finder.js";
import { startPictureWorkers } from "./picture-workers.js";
import { replaceArtifact, requireReplaceable } from "./replace-artifact.js";
import { scanFolder } from "./scan-folder.js";
import { withUnpacked } from "./unpack-artifact.js";

export type ImportOptions = Pick<BuildOptions, "categoryMap" | "rules" | "index" | "workers" | "signal" | "progress"> &
  Readonly<{
    /** V4's model.tar.gz, or a folder with its files. */
    artifactFile: string;
    /** Null to look only: nothing is written then. */
    outFolder: string | null;
    /** Where V4's pictures are now; null without them. */
    imagesFolder: string | null;
    /** The encoder of the model that made V4's vectors; null only without `outFolder`. */
    encoderFolder: string | null;
  }>;

/** What was in V4's artifact, what was wrong with it, and what became of it. */
export type ImportReport = Readonly<{
  model: V4Model;
  records: number;
  items: number;
  dimension: number;
  damage: readonly Damage[];
  notes: readonly string[];
  categories: Readonly<Record<string, number>>;
  unmapped: readonly UnmappedCategory[];
  /** Pictures found below `imagesFolder`; null without it. */
  pictures: number | null;
  /** How near the encoder's own vectors of some pictures come to V4's; null where none was looked at. */
  agreement: Readonly<{ pictures: number; medianCosine: number }> | null;
  artifact: Readonly<{
    folder: string;
    digest: string;
    bytes: number;
    encoder: string;
    index: IndexKind;
  }> | null;
}>;

/**
 * Makes an artifact from V4's, whose pickles are read and never run. The vectors stay V4's own.
 * @throws Error for the operator, one line a problem: nothing is written then; the signal's reason
 */
export async function importV4(options: ImportOptions): Promise<ImportReport> {
  if (options.outFolder !== null) await requireReplaceable(options.outFolder);
  return withUnpacked(options.artifactFile, (folder) => importFolder(folder, options), v4Files);
}

async function importFolder(folder: string, options: ImportOptions): Promise<ImportReport> {
  const damage = createDamageList();
  const survey = await surveyV4(folder, options, damage).catch((error: Error) => {
    throw new Error(`${options.artifactFile} cannot be imported: ${error.message.replaceAll(`${folder}/`, "")}`, {
      cause: error,
    });
  });
  options.signal.throwIfAborted();
  const written = options.outFolder === null ? null : await writeImport(options.outFolder, survey, options, damage);
  const { model, records, items, dimension, pictures } = survey;
  // Nobody should learn from the real run alone that it would be refused.
  const lack = written === null ? lackOfColors(items, options) : null;
  const notes = lack === null ? survey.notes : [...survey.notes, lack];
  const categories = written?.categories ?? countOf(items);
  return {
    ...{ model, records, items: written?.items ?? items.length, dimension, notes, categories },
    damage: damage.list(),
    unmapped: findUnmapped(categories),
    pictures: pictures?.found ?? null,
    agreement: written?.agreement ?? null,
    artifact: written?.artifact ?? null,
  };
}

type Survey = Readonly<{
  model: V4Model;
  records: number;
  items: readonly V4Item[];
  dimension: number;
  pictures: V4Pictures | null;
  notes: readonly string[];
}>;

async function surveyV4(
  folder: string,
  { imagesFolder, categoryMap }: ImportOptions,
  damage: DamageList,
): Promise<Survey> {
  const { model, categories, files, notes } = await readV4Artifact(folder, damage);
  const vectors = await readV4Vectors(files, categories, damage);
  const { dimension } = vectors;
  if (model.dimension !== null && dimension > 0 && model.dimension !== dimension) {
    throw new Error(`config.json says that vectors have ${model.dimension} values; they have ${dimension}`);
  }
  const names = createCategoryNames(categoryMap);
  const items = joinV4(categories, vectors, names.toCategory, damage);
  notes.push(...vectors.notes, ...names.unused().map((each) => `the category map names "${each}", which no item has`));
  const pictures = imagesFolder === null ? null : findV4Pictures(items, (await scanFolder(imagesFolder)).pictures);
  const records = categories.reduce((sum, each) => sum + each.records.length, 0);
  return { model, records, items, dimension, pictures, notes };
}

function countOf(items: readonly V4Item[]): Readonly<Record<string, number>> {
  const groups = groupBy(items, ({ category }) => category);
  const counts = [...groups].map(([category, { length }]): [string, number] => [category, length]);
  return Object.fromEntries(counts.sort(([one], [other]) => (one < other ? -1 : 1)));
}

async function writeImport(outFolder: string, survey: Survey, options: ImportOptions, damage: DamageList) {
  const { items, model, dimension, records } = survey;
  const { imagesFolder, rules, signal } = options;
  if (items.length === 0)
    throw new Error(["no item is left to import", ...damage.list().map(({ line }) => line)].join("\n"));
  const lack = lackOfColors(items, options);
  if (lack !== null) throw new Error(lack);
  if (imagesFolder !== null) requireApart(imagesFolder, outFolder);
  const encoder = await requireEncoder(options.encoderFolder, dimension, model);
  requireIndex(options);
  return replaceArtifact(outFolder, async (folder) => {
    const rows = createCatalogRows(folder, dimension);
    const cosines: number[] = [];
    for await (const { item, agreement, ...colors } of seeColors(survey, encoder, options, damage)) {
      const { record, id, category, embedding } = item;
      const unsaid = { title: null, price: null, url: null, imageUrl: null };
      await rows.add({ id, category, gender: record.gender, ...colors, ...unsaid }, embedding);
      if (agreement !== null) cosines.push(agreement);
    }
    const agreement = requireAgreement(cosines, encoder.files, model);
    const skipped = records - rows.count();
    const settings = {
      encoder: encoder.files,
      model: encoder.model,
      rules,
      index: options.index,
      signal,
      thumbnails: null,
      skipped,
    };
    const { bytes, categories, index } = await writeRows(folder, rows, settings);
    // Read back before it takes its place.
    const { digest } = await checkArtifact(folder);
    const artifact = { folder: outFolder, digest, bytes, encoder: encoder.files.manifest.name, index };
    return { items: rows.count(), categories, agreement, artifact };
  });
}

/** Why the items cannot be imported as they are; null where every one has a color or may get one. */
function lackOfColors(items: readonly V4Item[], { imagesFolder }: ImportOptions): string | null {
  const missing = items.filter(({ record }) => record.color === null).map(({ id }) => id);
  if (imagesFolder !== null || missing.length === 0) return null;
  const some = `${missing.slice(0, 3).join(", ")}${missing.length > 3 ? ", ..." : ""}`;
  return `${missing.length} of ${items.length} items have no color (${some}): --images, the folder of V4's pictures, is needed`;
}

/** One inside the other would make the next build take the artifact's files for pictures. */
function requireApart(imagesFolder: string, outFolder: string): void {
  const [images, out] = [`${resolve(imagesFolder)}/`, `${resolve(outFolder)}/`];
  if (!images.startsWith(out) && !out.startsWith(images)) return;
  throw new Error(`${outFolder} and ${imagesFolder} must not lie one inside the other`);
}

async function* seeColors(
  { items, pictures }: Survey,
  { files, model }: V4Encoder,
  { imagesFolder, workers, signal, progress }: ImportOptions,
  damage: DamageList,
): AsyncGenerator<ColoredItem> {
  if (imagesFolder === null || pictures === null) {
    for (const item of items) {
      const colored = withV4Color(item);
      if (colored !== null) yield colored;
    }
    return;
  }
  const { close, ...parts } = await startPictureWorkers(files, model.model, workers);
  try {
    const sight = { imagesFolder, pathOf: pictures.pathOf, signal, ...parts };
    let done = 0;
    for await (const colored of colorItems(items, sight, damage)) {
      progress?.({ done: ++done, total: items.length });
      yield colored;
    }
  } finally {
    await close();
  }
}
