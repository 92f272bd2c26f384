import { availableParallelism } from "node:os";
import type { Command } from "commander";
import { indexHelp, indexWishes } from "../../catalog/choose-index.js";
import { type ImportOptions, type ImportReport, importV4 } from "../../catalog/import-v4.js";
import { createFlagReader } from "../../deploy/spec-flags.js";
import { readRules } from "../adapters/rules-file.js";
import type { Parsed } from "../domain/parsed.js";
import { standardRules } from "../domain/ranking-rules.js";
import { createBuildBar } from "./catalog-build.js";
import { readCategoryMap } from "./category-map-file.js";
import { interruptedExitCode, withInterruption } from "./interruption.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";

type ImportFlags = Readonly<{
  out?: string;
  images?: string;
  encoder?: string;
  categoryMap?: string;
  rules: string;
  index: string;
  workers?: string;
  dryRun?: boolean;
  json?: boolean;
}>;

/** Adds `catalog import-v4` to the catalog commands. */
export function addCatalogImportV4Command(catalog: Command): void {
  catalog
    .command("import-v4")
    .argument("<model.tar.gz>", "V4's artifact, or a folder with its files")
    .summary("make an artifact from V4's model.tar.gz, whose pickles are read and never run")
    .description(
      "Reads config.json, metadata.pkl, embeddings.npz and faiss_index.index of V4, tells what is wrong with them, leaves\n" +
        "out what does not belong together, and writes an artifact. The vectors stay V4's own, so --encoder must be the\n" +
        "model that made them, as `stygig model convert` makes it from the checkpoint: a query that another model encodes\n" +
        "finds nothing of use. With --images the colors are worked out from V4's pictures, as `catalog build` does, and\n" +
        "the encoder is held against V4's vectors; without, V4's color stands for both, the background included.",
    )
    .option("--out <folder>", "where the artifact goes")
    .option("--images <folder>", "V4's pictures, laid out as they were for its training")
    .option("--encoder <folder>", "the CLIP that made the vectors (V4: ViT-B/32 of OpenAI), as converted")
    .option("--category-map <file>", "as for `catalog build`, by V4's category names")
    .option("--rules <name|file>", "numbers of the ranking: a named set or a JSON file", "standard")
    .option("--index <kind>", indexHelp, "auto")
    .option("--workers <count>", "threads for decoding (default: one a core)")
    .option("--dry-run", "tell what is in it and what is wrong with it; write nothing")
    .option("--json", "report on stdout as JSON")
    .action((file: string, flags: ImportFlags) => runImport(file, flags));
}

async function runImport(file: string, flags: ImportFlags): Promise<void> {
  const parsed = await readImportFlags(flags);
  if ("problems" in parsed) return tellProblems(parsed.problems, exitCodes.usage);
  const bar = createBuildBar();
  await withInterruption(async (signal) => {
    try {
      const progress: ImportOptions["progress"] = ({ done, total }) => bar.show("pictures", done, total);
      const report = await importV4({ ...parsed.value, artifactFile: file, signal, progress });
      bar.end();
      tellReport(report);
      if (flags.json) await writeData(JSON.stringify(report));
      else if (report.artifact !== null) await writeData(`${report.artifact.digest}  ${report.artifact.folder}`);
    } catch (error) {
      bar.end();
      const message = error instanceof Error ? error.message : String(error);
      tellProblems(message.split("\n"), exitCodes.failed);
      if (signal.aborted) process.exitCode = interruptedExitCode;
    }
  });
}

const indexNames = Object.keys(indexWishes) as readonly (keyof typeof indexWishes)[];

async function readImportFlags(
  flags: ImportFlags,
): Promise<Parsed<Omit<ImportOptions, "artifactFile" | "signal" | "progress">>> {
  const problems: string[] = [];
  const reader = createFlagReader({ ...flags, "category-map": flags.categoryMap }, problems);
  const map = await readCategoryMap(flags.categoryMap);
  if ("problems" in map) problems.push(...map.problems);
  const rules = await readRules(flags.rules);
  if ("problems" in rules) problems.push(...rules.problems);
  const isDry = flags.dryRun === true;
  const value = {
    outFolder: isDry ? null : reader.required("out", "where the artifact goes"),
    encoderFolder: isDry ? null : reader.required("encoder", "the model that made V4's vectors, as converted"),
    imagesFolder: reader.text("images") ?? null,
    categoryMap: "value" in map ? map.value : new Map(),
    rules: "value" in rules ? rules.value : standardRules,
    index: indexWishes[reader.oneOf("index", "auto", indexNames)],
    workers: reader.wholeNumber("workers", availableParallelism(), { min: 1, max: 256 }),
  };
  const [first, ...rest] = problems;
  return first === undefined ? { value } : { problems: [first, ...rest] };
}

function tellReport(report: ImportReport): void {
  const { model, records, items, dimension, damage, notes, categories, unmapped, pictures, agreement, artifact } =
    report;
  tell(`${records} items of V4, vectors of ${dimension} values by ${model.name} of ${model.weights}`);
  for (const { line } of damage) tell(`damage: ${line}`);
  for (const note of notes) tell(`note: ${note}`);
  for (const { category, family } of unmapped) {
    tell(`note: no rule knows the category ${category}${family === null ? "" : ` but v5, for ${family}`}`);
  }
  if (pictures !== null) tell(`${pictures} pictures found`);
  else tell("note: without --images V4's mean colors stand for the dominant ones, the background included");
  if (agreement !== null) {
    const cosine = agreement.medianCosine.toFixed(4);
    tell(`the encoder's own vectors of ${agreement.pictures} pictures agree with V4's: median cosine ${cosine}`);
  } else if (artifact !== null) {
    tell(
      `note: nothing shows that the encoder ${artifact.encoder} made V4's vectors; queries must be encoded by what did`,
    );
  }
  const names = Object.keys(categories);
  const what = `${items} items in ${names.length} categories, ${records - items} left out`;
  tell(artifact === null ? `would import ${what}` : `imported ${artifact.folder}: ${what}, index ${artifact.index}`);
}
