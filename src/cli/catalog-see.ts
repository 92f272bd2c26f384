import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { type Shard, type ShardReport, seeShard } from "../../catalog/see-shard.js";
import type { Parsed } from "../domain/parsed.js";
import { now } from "../serving/clock.js";
import { createBuildBar } from "./catalog-build.js";
import { type BuildFlags, type BuildSettings, readBuildFlags } from "./catalog-build-flags.js";
import { interruptedExitCode, withInterruption } from "./interruption.js";
import { parseMachine } from "./job-machine.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";
import { withInputs } from "./remote-inputs.js";

type Environment = Readonly<Record<string, string | undefined>>;
type SeeFlags = BuildFlags & Readonly<{ shard?: string }>;

/** Adds `catalog see` to the catalog commands. */
export function addCatalogSeeCommand(catalog: Command, env: Environment): void {
  catalog
    .command("see")
    .summary("look at one part of a catalog's pictures, for a build on several machines")
    .description(
      "Keeps in --cache what the pictures of one part show: --shard 2/5 is the second of five. `catalog build` with the\n" +
        "files of all caches in one folder then looks at nothing again, and gives the bytes it would have given alone.\n" +
        "Killed or run again, it takes up where it was.",
    )
    .option("--images <folder>", "the pictures, all of them; or s3://bucket/folder/")
    .option("--cache <folder>", "where what they show is kept")
    .option("--shard <i/n>", "which part, of how many; or a SageMaker job's resourceconfig.json that says it", "1/1")
    .option("--items <file>", "as for `catalog build`")
    .option("--fetch-images <hosts>", "as for `catalog build`")
    .option("--downloads <folder>", "as for `catalog build`; only the part's own pictures are fetched")
    .option("--category-map <file>", "as for `catalog build`")
    .option("--encoder <folder>", "as for `catalog build`")
    .option("--precision <name>", "as for `catalog build`", "auto")
    .option("--thumbnails <pixels>", "as for `catalog build`")
    .option("--workers <count>", "threads for encoding, and one more for decoding (default: one a core)")
    .option("--json", "report on stdout as JSON")
    .action((flags: SeeFlags) => runSee(flags, env));
}

async function runSee(flags: SeeFlags, env: Environment): Promise<void> {
  // What only an artifact has is of no account here.
  const parsed = await readBuildFlags({ ...flags, out: "none", rules: "standard", index: "none" });
  const shard = await readShard(flags.shard ?? "");
  const problems = [
    ...("problems" in parsed ? parsed.problems : []),
    ...("problems" in shard ? shard.problems : []),
    ...(flags.cache === undefined ? ["--cache is missing: where what the pictures show is kept"] : []),
  ];
  if ("problems" in parsed || "problems" in shard || problems.length > 0)
    return tellProblems(problems, exitCodes.usage);
  await withInterruption(async (signal) => {
    try {
      const part = { cacheFolder: flags.cache!, shard: shard.value };
      const report = await seePart(parsed.value, part, { env, signal });
      const { pictures, reused, skipped, seconds } = report;
      const text = `${pictures} pictures, ${reused} known already, ${skipped.length} skipped, in ${seconds.toFixed(1)} s`;
      await writeData(flags.json ? JSON.stringify(report) : text);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      tellProblems(message.split("\n"), exitCodes.failed);
      if (signal.aborted) process.exitCode = interruptedExitCode;
    }
  });
}

/** Sees one part of a build's pictures, and tells what is skipped. @throws as `seeShard` and `withInputs` */
export async function seePart(
  settings: BuildSettings,
  part: Readonly<{ cacheFolder: string; shard: Shard }>,
  { env, signal }: Readonly<{ env: Environment; signal: AbortSignal }>,
): Promise<ShardReport> {
  const bar = createBuildBar();
  const report = await withInputs(settings, { env, signal }, (inputs) =>
    seeShard({
      ...{ ...settings, ...inputs, ...part, now, signal },
      progress: ({ done, total }) => bar.show("pictures", done, total),
      verifying: ({ done, total }) => bar.show("verified", done, total),
    }),
  ).finally(bar.end);
  for (const { path, reason } of report.skipped) tell(`skipped ${path}: ${reason}`);
  return report;
}

/** More machines than anybody has for this. */
const maxShards = 10_000;

async function readShard(text: string): Promise<Parsed<Shard>> {
  if (text.endsWith(".json")) {
    const file = await readFile(text, "utf8").catch((error: NodeJS.ErrnoException) => error);
    return file instanceof Error
      ? { problems: [`--shard: ${text} cannot be read (${file.code})`] }
      : parseMachine(file, text);
  }
  const [, index, count] = /^(\d{1,5})\/(\d{1,5})$/.exec(text) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  if (shard.index >= 1 && shard.index <= shard.count && shard.count <= maxShards) return { value: shard };
  return { problems: [`--shard must be i/n with i from 1 to n and n at most ${maxShards}, not "${text}"`] };
}
