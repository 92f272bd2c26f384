import Table from "cli-table3";
import type { Command } from "commander";
import { type Inspection, inspectArtifact } from "../../catalog/inspect-artifact.js";
import type { IndexKind } from "../domain/artifact.js";
import type { IndexAgreement } from "../domain/index-agreement.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";

/** Adds `catalog inspect` to the catalog commands. */
export function addCatalogInspectCommand(catalog: Command): void {
  catalog
    .command("inspect")
    .summary("verify an artifact and show what is in it")
    .description("Verifies an artifact, a folder or a packed tar.gz, exactly as the server does when it starts.")
    .argument("<folder|file>", "the artifact, its tar.gz, or a store: its current one")
    .option("--json", "JSON instead of tables")
    .action(runInspect);
}

async function runInspect(folderOrFile: string, { json = false }: Readonly<{ json?: boolean }>): Promise<void> {
  try {
    const inspection = await inspectArtifact(folderOrFile);
    await writeData(json ? JSON.stringify(toJsonInspection(inspection)) : toTables(inspection));
    for (const name of inspection.unlisted) tell(`note: ${name} is not part of the artifact; nothing reads it`);
  } catch (error) {
    tellProblems([error instanceof Error ? error.message : String(error)], exitCodes.failed);
  }
}

function toJsonInspection({ manifest, digest, rules, calibration, unmapped, bytes, unlisted }: Inspection) {
  return {
    digest,
    items: manifest.counts.items,
    categories: manifest.counts.categories,
    skipped: manifest.counts.skipped,
    unmapped,
    encoder: { name: manifest.encoderName, digest: manifest.encoderDigest, dimension: manifest.dimension },
    encoded_by: manifest.encodedBy,
    preprocess: manifest.preprocess,
    color_methods: manifest.colorMethods,
    index: manifest.index,
    index_agreement: manifest.indexAgreement ?? null,
    thumbnails: manifest.thumbnails,
    rules,
    calibration,
    bytes,
    files: manifest.files,
    unlisted,
  };
}

function toIndexLine(index: IndexKind, agreement: IndexAgreement | undefined): string {
  if (agreement === undefined) return index;
  const { queries, recallAt10, sameAnswer } = agreement;
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  return `${index}, of ${queries} items ${percent(sameAnswer)} answered as by whole vectors, recall at 10 ${percent(recallAt10)}`;
}

function toTables({ manifest, digest, rules, calibration, unmapped, bytes }: Inspection): string {
  const { counts, dimension, preprocess, encoderName, encoderDigest, index, indexAgreement, thumbnails } = manifest;
  const facts = plainTable([
    ["artifact", digest],
    ["items", `${counts.items} in ${Object.keys(counts.categories).length} categories, ${counts.skipped} skipped`],
    ["encoder", `${encoderName}, ${dimension} values, ${encoderDigest}`],
    ["vectors", `by ${manifest.encodedBy.model}, ${manifest.encodedBy.digest}`],
    ["preprocess", preprocess],
    ["colors", manifest.colorMethods.join(", ")],
    ["index", toIndexLine(index, indexAgreement)],
    ["rules", `${rules.name}: ${JSON.stringify({ ...rules, name: undefined })}`],
    ["calibration", toCalibrationLine(calibration)],
    ["thumbnails", thumbnails === null ? "none" : `${thumbnails} pixels`],
    ["size", `${bytes} bytes`],
  ]);
  const isUnmapped = new Set(unmapped.map(({ category }) => category));
  const categories = plainTable([
    ["category", "items", ""],
    ...Object.entries(counts.categories).map(([category, count]) => [
      category,
      String(count),
      isUnmapped.has(category) ? "unmapped" : "",
    ]),
  ]);
  const listed = Object.entries(manifest.files).filter(([path]) => !path.startsWith("thumbnails/"));
  const files = plainTable([
    ["file", "bytes", "sha-256"],
    ...listed.map(([path, file]) => [path, String(file.bytes), file.sha256]),
  ]);
  return [facts, categories, files].join("\n\n");
}

function toCalibrationLine({ intercept, slope, samples }: Inspection["calibration"]): string {
  if (samples === 0) return "none: fewer than 50 votes, or none that tell sure ones from unsure ones";
  return `intercept ${intercept}, slope ${slope}, from ${samples} votes`;
}

/** Columns by blanks alone: readable, and easy to cut apart by other tools. */
function plainTable(rows: readonly (readonly string[])[]): string {
  const none = { top: "", "top-mid": "", "top-left": "", "top-right": "", bottom: "", "bottom-mid": "" };
  const sides = { "bottom-left": "", "bottom-right": "", left: "", "left-mid": "", mid: "", "mid-mid": "", right: "" };
  const chars = { ...none, ...sides, "right-mid": "", middle: "  " };
  const table = new Table({ chars, style: { "padding-left": 0, "padding-right": 0, head: [], border: [] } });
  table.push(...rows.map((row) => [...row]));
  return table.toString().replace(/ +$/gm, "");
}
