import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { buildFrom } from "./catalog-build.js";
import { readBuildFlags } from "./catalog-build-flags.js";
import { seePart } from "./catalog-see.js";
import { interruptedExitCode, withInterruption } from "./interruption.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";
import { readTrainingJob } from "./training-job.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** What the platform shows of a failure. */
const maxFailureCharacters = 1024;

/** Adds `stygig train`: a catalog's build as a SageMaker training job runs it. */
export function addTrainCommand(program: Command, env: Environment): void {
  program
    .command("train")
    .summary("builds a catalog inside a SageMaker training job")
    .description(
      "What a training job starts the container with. Channel images, training or train has the pictures, channel items\n" +
        "one .jsonl or .csv file, channel encoder an encoder; hyperparameters are called like the flags of `catalog build`.\n" +
        "The artifact goes to model/, what failed to output/failure. With CheckpointConfig a job that is resumed takes up\n" +
        "where it was, and one of several machines sees a part on each: the same job on one machine then builds.",
    )
    .option("--root <folder>", "where the platform has put it all", "/opt/ml")
    // Whatever a platform or a local tool adds to the command is no reason not to build.
    .allowExcessArguments()
    .allowUnknownOption()
    .action(({ root }: Readonly<{ root: string }>) => runTraining(root, env));
}

async function runTraining(root: string, env: Environment): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), "stygig-train-"));
  try {
    await withInterruption(async (signal) => {
      try {
        await train({ root, env, work, signal });
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        tellProblems(message.split("\n"), exitCodes.failed);
        // A job that was stopped has not failed.
        if (signal.aborted) process.exitCode = interruptedExitCode;
        else await writeFailure(root, message);
      }
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

type Training = Readonly<{ root: string; env: Environment; work: string; signal: AbortSignal }>;

async function train({ root, env, work, signal }: Training): Promise<void> {
  const artifactFolder = join(work, "artifact");
  const job = await readTrainingJob({ root, env }, artifactFolder);
  if ("problems" in job) throw new Error(job.problems.join("\n"));
  const { flags, part, modelFolder, checkpointsFolder } = job.value;
  const settings = await readBuildFlags(flags);
  if ("problems" in settings) throw new Error(settings.problems.join("\n"));
  if (part !== null && checkpointsFolder !== null) {
    const kept = { cacheFolder: checkpointsFolder, shard: part };
    const { pictures, skipped } = await seePart(settings.value, kept, { env, signal });
    tell(`part ${part.index} of ${part.count}: ${pictures} pictures, ${skipped.length} skipped`);
    tell("no catalog is built by several machines: the same job on one builds from what they have seen");
    return;
  }
  await requireEmpty(modelFolder);
  const { artifact } = await buildFrom(settings.value, env, signal);
  await mkdir(modelFolder, { recursive: true });
  await cp(artifact.folder, modelFolder, { recursive: true });
  await writeData(`${artifact.digest}  ${modelFolder}`);
}

/** What is there would be in the archive beside the artifact, which no server takes. */
async function requireEmpty(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw new Error(`${folder} cannot be used (${error.code})`, { cause: error });
  });
  if (names.length > 0) throw new Error(`${folder} is not empty`);
}

/** The platform shows its beginning as the reason. */
async function writeFailure(root: string, message: string): Promise<void> {
  const folder = join(root, "output");
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "failure"), message.slice(0, maxFailureCharacters));
  } catch (error) {
    tell(`stygig: ${folder}/failure cannot be written (${(error as NodeJS.ErrnoException).code})`);
  }
}
