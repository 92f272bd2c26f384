import { readdir } from "node:fs/promises";
import type { Command } from "commander";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";

/** Adds `catalog sample` to the catalog commands. */
export function addCatalogSampleCommand(catalog: Command): void {
  catalog
    .command("sample")
    .summary("draw a small catalog to try everything with")
    .description("Draws pictures of garments into <folder>/images and describes them in <folder>/items.jsonl.")
    .option("--out <folder>", "a new or empty folder")
    .action(runSample);
}

async function runSample({ out }: Readonly<{ out?: string }>): Promise<void> {
  if (!out) return tellProblems(["--out is missing: the folder for the pictures"], exitCodes.usage);
  try {
    // A folder with images/ and items.jsonl may well be somebody's own catalog.
    const names = await readdir(out).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw new Error(`${out} cannot be read (${error.code})`, { cause: error });
    });
    if (names.length > 0) throw new Error(`${out} is not empty`);
    // Drawing is needed by nothing else here, and takes its time to load.
    const { writeSampleCatalog } = await import("../../catalog/sample/sample-catalog.js");
    await writeSampleCatalog(out);
    tell(`drew ${out}; next: stygig catalog build --images ${out}/images --items ${out}/items.jsonl`);
    await writeData(out);
  } catch (error) {
    tellProblems([error instanceof Error ? error.message : String(error)], exitCodes.failed);
  }
}
