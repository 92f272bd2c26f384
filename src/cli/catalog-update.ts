import { availableParallelism } from "node:os";
import type { Command } from "commander";
import { indexHelp, indexWishes } from "../../catalog/choose-index.js";
import { type UpdateOptions, type UpdateReport, updateCatalog } from "../../catalog/update-catalog.js";
import { createFlagReader } from "../../deploy/spec-flags.js";
import type { Parsed } from "../domain/parsed.js";
import { now } from "../serving/clock.js";
import { createBuildBar } from "./catalog-build.js";
import { readKeep, tellCompaction } from "./catalog-generations.js";
import { type InputFlags, type InputPlaces, readInputs, requireOutside } from "./catalog-places.js";
import { readCategoryMap } from "./category-map-file.js";
import { interruptedExitCode, withInterruption } from "./interruption.js";
import { exitCodes, readLines, tell, tellProblems, writeData } from "./output.js";
import { type BuildInputs, withInputs } from "./remote-inputs.js";

type UpdateFlags = Omit<InputFlags, "images"> &
  Readonly<{
    artifact?: string;
    out?: string;
    add?: string;
    categoryMap?: string;
    remove?: string;
    index: string;
    keep?: string;
    workers?: string;
    json?: boolean;
  }>;

type Environment = Readonly<Record<string, string | undefined>>;

/** Adds `catalog update` to the catalog commands. */
export function addCatalogUpdateCommand(catalog: Command, env: Environment): void {
  catalog
    .command("update")
    .aliases(["add", "remove"])
    .summary("add, replace and remove items, looking at the new pictures alone")
    .description(
      "Writes a new artifact from an old one: byte for byte what `catalog build` would make of all the pictures with the\n" +
        "same model. Pictures below --add join the catalog, or take the place of the items with their ids; the ids in\n" +
        "--remove leave it. --out may be the old folder; with --keep it is a store, in which so many artifacts before this\n" +
        "one stay. A server that is told to reload swaps without a failed request.",
    )
    .option("--artifact <folder>", "the catalog as it is")
    .option("--out <folder>", "where the new artifact goes")
    .option("--add <folder>", "pictures, laid out as for `catalog build`; or s3://bucket/folder/")
    .option("--items <file>", "of the items to add, as for `catalog build`; only these are taken; or s3://bucket/key")
    .option("--fetch-images <hosts>", "as for `catalog build`; --add may be left out then")
    .option("--downloads <folder>", "keeps what was fetched, as for `catalog build`")
    .option("--category-map <file>", "as for `catalog build`")
    .option("--remove <file>", "ids, one a line; - is stdin")
    .option("--index <kind>", `same: as the artifact has; ${indexHelp}`, "same")
    .option("--keep <count>", "--out is a store of generations: so many stay there beside the new one")
    .option("--workers <count>", "threads for encoding, and one more for decoding (default: one a core)")
    .option("--json", "report on stdout as JSON")
    .action((flags: UpdateFlags) => runUpdate(flags, env));
}

async function runUpdate(flags: UpdateFlags, env: Environment): Promise<void> {
  const parsed = await readUpdateFlags(flags);
  if ("problems" in parsed) return tellProblems(parsed.problems, exitCodes.usage);
  await withInterruption(async (signal) => {
    try {
      const report = await updateFrom(parsed.value, env, signal);
      tellReport(report);
      const { digest, folder } = report.artifact;
      await writeData(flags.json ? JSON.stringify(report) : `${digest}  ${folder}`);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      tellProblems(message.split("\n"), exitCodes.failed);
      if (signal.aborted) process.exitCode = interruptedExitCode;
    }
  });
}

/** Nothing is added where there are no inputs. */
type UpdateSettings = Omit<UpdateOptions, "now" | "signal" | "imagesFolder" | keyof BuildInputs> &
  Readonly<{ added: InputPlaces | null }>;

async function updateFrom({ added, ...settings }: UpdateSettings, env: Environment, signal: AbortSignal) {
  if (added === null) return updateCatalog({ ...settings, imagesFolder: null, itemsFile: null, now, signal });
  const bar = createBuildBar();
  const { imagesFolder } = added;
  return withInputs(added, { env, signal }, (inputs) =>
    updateCatalog({
      ...{ ...settings, imagesFolder, ...inputs, now, signal },
      progress: ({ done, total }) => bar.show("pictures", done, total),
    }),
  ).finally(bar.end);
}

const wishes = { same: "same", ...indexWishes } as const;
const indexNames = Object.keys(wishes) as readonly (keyof typeof wishes)[];

async function readUpdateFlags(flags: UpdateFlags): Promise<Parsed<UpdateSettings>> {
  const problems: string[] = [];
  const reader = createFlagReader({ ...flags, "category-map": flags.categoryMap }, problems);
  const map = await readCategoryMap(flags.categoryMap);
  if ("problems" in map) problems.push(...map.problems);
  const added = await readAdded(flags, problems);
  if (added === null && flags.remove === undefined) problems.push("give --add, --fetch-images or --remove");
  const value = {
    artifactFolder: reader.required("artifact", "the catalog as it is"),
    outFolder: reader.required("out", "where the new artifact goes"),
    added,
    categoryMap: "value" in map ? map.value : new Map(),
    removed: await readIds(flags.remove, problems),
    index: wishes[reader.oneOf("index", "same", indexNames)],
    keep: readKeep(flags.keep, problems),
    workers: reader.wholeNumber("workers", availableParallelism(), { min: 1, max: 256 }),
  };
  const [first, ...rest] = problems;
  return first === undefined ? { value } : { problems: [first, ...rest] };
}

async function readAdded(flags: UpdateFlags, problems: string[]): Promise<InputPlaces | null> {
  const { add, items, fetchImages, downloads = "", artifact = "", out = "" } = flags;
  if ((add ?? items ?? fetchImages) === undefined) return null;
  for (const folder of new Set([artifact, out])) requireOutside(downloads, folder, problems);
  return readInputs({ ...flags, ...(add === undefined ? {} : { images: add }) }, "--add", problems);
}

async function readIds(file: string | undefined, problems: string[]): Promise<ReadonlySet<string>> {
  if (file === undefined) return new Set();
  const ids = new Set<string>();
  try {
    for await (const { text } of readLines(file === "-" ? undefined : file)) ids.add(text);
    return ids;
  } catch (error) {
    problems.push(`--remove: ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
    return new Set();
  }
}

function tellReport({ items, added, replaced, removed, unknown, skipped, warnings, ...rest }: UpdateReport): void {
  for (const { path, reason } of skipped) tell(`skipped ${path}: ${reason}`);
  for (const warning of warnings) tell(`note: ${warning}`);
  for (const id of unknown) tell(`note: ${id} was to be removed and is not in the catalog`);
  const changes = `${added.length} added, ${replaced.length} replaced, ${removed.length} removed, ${skipped.length} skipped`;
  tell(`${items} items: ${changes}, in ${rest.seconds.toFixed(1)} s`);
  for (const { category, items: count } of rest.newCategories) {
    tell(
      `note: category ${category} (${count} items) is new in this catalog; --category-map renames what it should not be`,
    );
  }
  if (rest.compaction !== null) tellCompaction(rest.compaction);
}
