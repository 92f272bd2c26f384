import type { Command } from "commander";
import { type Architecture, architectures } from "../../models/clip/architectures.js";
import { toModelName } from "../domain/encoder-model.js";
import { addWriteFlags, readOneOf, readWriteFlags, type WriteFlags } from "./model-write-flags.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";

type SynthFlags = WriteFlags & Readonly<{ arch: string; seed: string; outliers?: boolean }>;

const architectureNames = Object.keys(architectures) as [Architecture, ...Architecture[]];

/** Adds `model synth` to the model commands. */
export function addModelSynthCommand(model: Command): void {
  const command = model
    .command("synth")
    .summary("write an encoder of a published shape with random weights")
    .description(
      "Writes an encoder with the shape of a published CLIP model and seeded random weights, for benches and tests of\n" +
        "scale: sizes and times are those of the real model, embeddings mean nothing. The same flags give the same bytes.",
    )
    .option("--arch <name>", architectureNames.join(", "), "vit-b-32")
    .option("--seed <number>", "a whole number; another one gives other weights", "1")
    .option("--outliers", "make a few channels far larger than the others, as in trained models");
  addWriteFlags(command).action(runSynth);
}

async function runSynth(flags: SynthFlags): Promise<void> {
  const problems: string[] = [];
  const settings = readWriteFlags(flags, problems);
  const architecture = readOneOf("--arch", flags.arch, architectureNames, problems);
  const seed = /^\d{1,9}$/.test(flags.seed) ? Number(flags.seed) : Number.NaN;
  if (Number.isNaN(seed)) problems.push(`--seed must be a whole number of at most nine digits, not "${flags.seed}"`);
  if (problems.length > 0) return tellProblems(problems, exitCodes.usage);
  try {
    // Loads ONNX Runtime, which no other command should wait for.
    const { synthModel } = await import("../../models/synth-model.js");
    const manifest = await synthModel({
      ...settings,
      architecture,
      seed,
      outliers: flags.outliers === true,
      report: tell,
    });
    const { name, models } = manifest;
    const report = { folder: settings.outFolder, name, models: models.map(toModelName) };
    await writeData(flags.json ? JSON.stringify(report) : settings.outFolder);
  } catch (error) {
    tellProblems((error instanceof Error ? error.message : String(error)).split("\n"), exitCodes.failed);
  }
}
