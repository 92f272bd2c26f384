import type { Command } from "commander";
import { packArtifact } from "../../catalog/pack-artifact.js";
import { addCatalogBuildCommand } from "./catalog-build.js";
import { addCatalogDiffCommand } from "./catalog-diff.js";
import { addCatalogFetchCommand } from "./catalog-fetch.js";
import { addCatalogGenerationCommands } from "./catalog-generations.js";
import { addCatalogImportV4Command } from "./catalog-import-v4.js";
import { addCatalogInspectCommand } from "./catalog-inspect.js";
import { addCatalogJobCommand } from "./catalog-job.js";
import { addCatalogSampleCommand } from "./catalog-sample.js";
import { addCatalogSeeCommand } from "./catalog-see.js";
import { addCatalogUpdateCommand } from "./catalog-update.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";

/** Adds `stygig catalog` with its subcommands. */
export function addCatalogCommands(program: Command, env: Readonly<Record<string, string | undefined>>): void {
  const catalog = program
    .command("catalog")
    .summary("build, update, compare, pack, fetch, import and inspect catalogs");
  addCatalogBuildCommand(catalog, env);
  catalog
    .command("pack")
    .summary("pack an artifact as SageMaker's model.tar.gz")
    .description("Verifies an artifact and packs it, files at the root. The same artifact gives the same bytes.")
    .option("--artifact <folder>", "the artifact")
    .option("--out <file>", "the tar.gz to write")
    .option("--json", "report on stdout as JSON")
    .action(runPack);
  addCatalogSeeCommand(catalog, env);
  addCatalogJobCommand(catalog, env);
  addCatalogUpdateCommand(catalog, env);
  addCatalogDiffCommand(catalog);
  addCatalogGenerationCommands(catalog);
  addCatalogFetchCommand(catalog);
  addCatalogImportV4Command(catalog);
  addCatalogInspectCommand(catalog);
  addCatalogSampleCommand(catalog);
}

type PackFlags = Readonly<{ artifact?: string; out?: string; json?: boolean }>;

async function runPack({ artifact, out, json = false }: PackFlags): Promise<void> {
  if (!artifact || !out) {
    const missing = [artifact ? "" : "--artifact is missing", out ? "" : "--out is missing"];
    return tellProblems(missing.filter(Boolean), exitCodes.usage);
  }
  try {
    const { file, bytes, sha256, artifactDigest } = await packArtifact(artifact, out);
    tell(`packed ${artifact}: ${bytes} bytes`);
    const report = { file, bytes, sha256, artifact: { digest: artifactDigest } };
    await writeData(json ? JSON.stringify(report) : `${sha256}  ${file}`);
  } catch (error) {
    tellProblems([error instanceof Error ? error.message : String(error)], exitCodes.failed);
  }
}
