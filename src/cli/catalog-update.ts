import { availableParallelism } from "node:os";
import type { Command } from "commander";
import { indexHelp, indexWishes } from "../../catalog/choose-index.js";
import { type UpdateOptions, type UpdateReport, updateCatalog } from "../../catalog/update-catalog.js";
import { createFlagReader } from "../../deploy/spec-flags.js";
import type { Parsed } from "../domain/parsed.js";
import { now } from "../serving/clock.js";
import { readKeep, tellCompaction } from "./catalog-generations.js";
import { readCategoryMap } from "./category-map-file.js";
import { interruptedExitCode, withInterruption } from "./interruption.js";
import { exitCodes, readLines, tell, tellProblems, writeData } from "./output.js";

type UpdateFlags = Readonly<{
  artifact?: string;
  out?: string;
  add?: string;
  items?: string;
  categoryMap?: string;
  remove?: string;
  index: string;
  keep?: string;
  workers?: string;
  json?: boolean;
}>;

/** Adds `catalog update` to the catalog commands. */
export function addCatalogUpdateCommand(catalog: Command): void {
  catalog
    .command("update")
    .summary("add, replace and remove items, looking at the new pictures alone")
    .description(
      "Writes a new artifact from an old one: byte for byte what `catalog build` would make of all the pictures with the\n" +
        "same model. Pictures below --add join the catalog, or take the place of the items with their ids; the ids in\n" +
        "--remove leave it. --out may be the old folder; with --keep it is a store, in which so many artifacts before this\n" +
        "one stay. A server that is told to reload swaps without a failed request.",
    )
    .option("--artifact <folder>", "the catalog as it is")
    .option("--out <folder>", "where the new artifact goes")
    .option("--add <folder>", "pictures, laid out as for `catalog build`")
    .option("--items <file>", "JSON Lines of the items to add; only these are taken")
    .option("--category-map <file>", "as for `catalog build`")
    .option("--remove <file>", "ids, one a line; - is stdin")
    .option("--index <kind>", `same: as the artifact has; ${indexHelp}`, "same")
    .option("--keep <count>", "--out is a store of generations: so many stay there beside the new one")
    .option("--workers <count>", "threads for decoding, and as many for encoding (default: one a core)")
    .option("--json", "report on stdout as JSON")
    .action((flags: UpdateFlags) => runUpdate(flags));
}

async function runUpdate(flags: UpdateFlags): Promise<void> {
  const parsed = await readUpdateFlags(flags);
  if ("problems" in parsed) return tellProblems(parsed.problems, exitCodes.usage);
  await withInterruption(async (signal) => {
    try {
      const report = await updateCatalog({ ...parsed.value, now, signal });
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

const wishes = { same: "same", ...indexWishes } as const;
const indexNames = Object.keys(wishes) as readonly (keyof typeof wishes)[];

async function readUpdateFlags(flags: UpdateFlags): Promise<Parsed<Omit<UpdateOptions, "now" | "signal">>> {
  const problems: string[] = [];
  const reader = createFlagReader({ ...flags, "category-map": flags.categoryMap }, problems);
  const map = await readCategoryMap(flags.categoryMap);
  if ("problems" in map) problems.push(...map.problems);
  if (flags.add === undefined && flags.remove === undefined) problems.push("give --add, --remove or both");
  if (flags.items !== undefined && flags.add === undefined) problems.push("--items needs --add");
  const value = {
    artifactFolder: reader.required("artifact", "the catalog as it is"),
    outFolder: reader.required("out", "where the new artifact goes"),
    imagesFolder: flags.add ?? null,
    itemsFile: flags.items ?? null,
    categoryMap: "value" in map ? map.value : new Map(),
    removed: await readIds(flags.remove, problems),
    index: wishes[reader.oneOf("index", "same", indexNames)],
    keep: readKeep(flags.keep, problems),
    workers: reader.wholeNumber("workers", availableParallelism(), { min: 1, max: 256 }),
  };
  const [first, ...rest] = problems;
  return first === undefined ? { value } : { problems: [first, ...rest] };
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
  if (rest.compaction !== null) tellCompaction(rest.compaction);
}
