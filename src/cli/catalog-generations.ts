import { join } from "node:path";
import type { Command } from "commander";
import {
  type Compaction,
  countItems,
  type Generation,
  listGenerations,
  withGenerationStore,
} from "../../catalog/generation-store.js";
import { storePaths } from "../adapters/generation-hold.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";

/** Adds `catalog generations`, `rollback` and `compact` to the catalog commands. */
export function addCatalogGenerationCommands(catalog: Command): void {
  catalog
    .command("generations")
    .summary("list the generations of a store")
    .description("A line for each artifact that `--keep` has left in a store, the oldest first: * for the current one.")
    .argument("<store>", "a folder that `catalog build --keep` or `catalog update --keep` has made")
    .option("--json", "the generations as JSON")
    .action((store: string, { json = false }: JsonFlag) => telling(() => list(store, json)));
  catalog
    .command("rollback")
    .summary("make an earlier generation the current one")
    .description(
      "Verifies a generation of a store and switches the link `current` to it: the one before the current one, or the\n" +
        "one whose digest begins as --to says. A server on that link takes it when it is told to reload.",
    )
    .argument("<store>", "a store of generations")
    .option("--to <digest>", "the generation, by its digest or the beginning of it")
    .option("--json", "the generations as JSON")
    .action((store: string, flags: JsonFlag & Readonly<{ to?: string }>) => telling(() => rollBack(store, flags)));
  catalog
    .command("compact")
    .summary("remove old generations of a store")
    .description(
      "Keeps the current generation and so many others: those it was made from first, then the latest. What a server\n" +
        "has open stays, whatever its age.",
    )
    .argument("<store>", "a store of generations")
    .option("--keep <count>", "how many stay beside the current one")
    .option("--json", "what was removed, as JSON")
    .action((store: string, flags: JsonFlag & Readonly<{ keep?: string }>) => runCompact(store, flags));
}

type JsonFlag = Readonly<{ json?: boolean }>;

/** How many generations stay beside the current one; null where that is not said. Adds to `problems` what is wrong with it. */
export function readKeep(text: string | undefined, problems: string[]): number | null {
  if (text === undefined) return null;
  if (/^\d{1,4}$/.test(text)) return Number(text);
  problems.push(`--keep must be a whole number from 0 to 9999, not "${text}"`);
  return null;
}

/** What became of the generations before. */
export function tellCompaction({ removed, held }: Compaction): void {
  for (const digest of removed) tell(`removed ${digest}`);
  for (const digest of held) tell(`note: ${digest} stays: somebody reads it`);
}

async function telling(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    tellProblems((error instanceof Error ? error.message : String(error)).split("\n"), exitCodes.failed);
  }
}

async function list(store: string, json: boolean): Promise<void> {
  const generations = await listGenerations(store);
  const rows = await Promise.all(generations.map((generation) => toRow(store, generation)));
  if (json) return writeData(JSON.stringify(rows));
  for (const { digest, made_at, items, current, problem } of rows) {
    await writeData(`${current ? "*" : " "} ${made_at}  ${digest}  ${problem ?? `${items} items`}`);
  }
}

async function toRow(store: string, { digest, from, madeAt, isCurrent }: Generation) {
  const folder = join(store, storePaths.generations, digest);
  const found = await countItems(folder).then(
    (items) => ({ items, problem: null }),
    (error: Error) => ({ items: null, problem: error.message }),
  );
  return { digest, made_at: madeAt.toISOString(), from, current: isCurrent, ...found };
}

async function rollBack(folder: string, { to, json = false }: JsonFlag & Readonly<{ to?: string }>): Promise<void> {
  await listGenerations(folder);
  const { from, digest } = await withGenerationStore(folder, async (store) => {
    const generations = await store.list();
    const target = findTarget(generations, to);
    await store.switchTo(target);
    return { from: generations.find(({ isCurrent }) => isCurrent)?.digest ?? null, digest: target };
  });
  tell(`${join(folder, storePaths.current)} leads to ${digest}${from === null ? "" : `, no longer to ${from}`}`);
  await writeData(json ? JSON.stringify({ digest, previous: from }) : digest);
}

/** @throws Error with one line when there is no such generation, or more than one */
function findTarget(generations: readonly Generation[], to: string | undefined): string {
  if (generations.length === 0) throw new Error("the store has no generation yet");
  const others = generations.map(({ digest }) => digest).join(", ");
  if (to !== undefined) {
    const found = generations.filter(({ digest }) => to !== "" && digest.startsWith(to.toLowerCase()));
    if (found.length === 1) return found[0]!.digest;
    const fault = found.length === 0 ? "is the digest of no generation" : "may mean several generations";
    throw new Error(`--to "${to}" ${fault}; there are ${others}`);
  }
  const current = generations.find(({ isCurrent }) => isCurrent);
  const before = generations.find(({ digest }) => digest === current?.from);
  if (before === undefined)
    throw new Error(`the generation before the current one is not there; --to names one of ${others}`);
  return before.digest;
}

async function runCompact(folder: string, { keep, json = false }: JsonFlag & Readonly<{ keep?: string }>) {
  const problems = keep === undefined ? ["--keep is missing: how many generations stay beside the current one"] : [];
  const count = readKeep(keep, problems);
  if (count === null) return tellProblems(problems, exitCodes.usage);
  await telling(async () => {
    await listGenerations(folder);
    const compaction = await withGenerationStore(folder, (store) => store.compact(count));
    tellCompaction(compaction);
    const { removed, held } = compaction;
    await writeData(json ? JSON.stringify(compaction) : `${removed.length} removed, ${held.length} held`);
  });
}
