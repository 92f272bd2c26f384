import type { Command } from "commander";
import { type ArtifactDifference, diffArtifacts } from "../../catalog/diff-artifacts.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";

/** Adds `catalog diff` to the catalog commands. */
export function addCatalogDiffCommand(catalog: Command): void {
  catalog
    .command("diff")
    .summary("what is different between two artifacts")
    .description(
      "A line for each item: + added, - removed, ~ changed, and in what. Both artifacts are verified first; a store of\n" +
        "generations counts for its current one.",
    )
    .argument("<old>", "an artifact")
    .argument("<new>", "another one")
    .option("--json", "the differences as JSON")
    .action((oldFolder: string, newFolder: string, flags: Readonly<{ json?: boolean }>) =>
      runDiff(oldFolder, newFolder, flags.json ?? false),
    );
}

async function runDiff(oldFolder: string, newFolder: string, json: boolean): Promise<void> {
  try {
    const difference = await diffArtifacts(oldFolder, newFolder);
    if (json) return await writeData(JSON.stringify(difference));
    for (const line of toLines(difference)) await writeData(line);
    const { added, removed, changed, same, parts } = difference;
    for (const part of parts) tell(part);
    tell(`${added.length} added, ${removed.length} removed, ${changed.length} changed, ${same} the same`);
  } catch (error) {
    tellProblems([error instanceof Error ? error.message : String(error)], exitCodes.failed);
  }
}

function* toLines({ added, removed, changed }: ArtifactDifference): Generator<string> {
  for (const id of added) yield `+ ${id}`;
  for (const id of removed) yield `- ${id}`;
  for (const { id, changes } of changed) yield `~ ${id}: ${changes.join(", ")}`;
}
