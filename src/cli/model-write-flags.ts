import { availableParallelism } from "node:os";
import type { Command } from "commander";
import type { Operators } from "../../models/clip/linear.js";
import type { InputKind } from "../../models/clip/patches.js";
import { type ModelKind, modelKinds } from "../../models/write-encoder.js";

/** The flags that `model convert` and `model synth` share, as typed. */
export type WriteFlags = Readonly<{
  precision: string;
  input: string;
  operators: string;
  smoothing: boolean;
  out?: string;
  json?: boolean;
}>;

/** The same as settings; what is wrong with them is added to `problems`. */
export type WriteSettings = Readonly<{
  models: readonly [ModelKind, ...ModelKind[]];
  input: InputKind;
  operators: Operators;
  smooth: boolean;
  threads: number;
  outFolder: string;
}>;

/** Adds the flags that both commands have. */
export function addWriteFlags(command: Command): Command {
  return command
    .option("--out <folder>", "a new, empty or encoder folder")
    .option("--precision <names>", `models to write: ${modelKinds.join(", ")}`, "fp32,int8")
    .option("--input <kind>", "uint8 for this server; pixel-values, float32 as other runtimes have it", "uint8")
    .option("--operators <kind>", "fused, ONNX Runtime's own where they are faster; standard, ONNX alone", "fused")
    .option("--no-smoothing", "leave int8's scales where they are, to see what moving them is worth")
    .option("--json", "report on stdout as JSON");
}

/** Flags as settings; what is wrong with them is added to `problems`. */
export function readWriteFlags(flags: WriteFlags, problems: string[]): WriteSettings {
  if (!flags.out) problems.push("--out is missing: the folder for encoder.json and its models");
  return {
    models: readKinds(flags.precision, problems),
    input: readOneOf("--input", flags.input, ["uint8", "pixel-values"] as const, problems),
    operators: readOneOf("--operators", flags.operators, ["fused", "standard"] as const, problems),
    smooth: flags.smoothing,
    threads: availableParallelism(),
    outFolder: flags.out ?? "",
  };
}

/** One of some words; the first of them stands in for a wrong one, which is a problem. */
export function readOneOf<const Word extends string>(
  flag: string,
  text: string,
  words: readonly [Word, ...Word[]],
  problems: string[],
): Word {
  const found = words.find((word) => word === text);
  if (found === undefined) problems.push(`${flag} must be ${words.join(" or ")}, not "${text}"`);
  return found ?? words[0];
}

function readKinds(text: string, problems: string[]): readonly [ModelKind, ...ModelKind[]] {
  const names = text.split(",").map((name) => name.trim());
  const [first = "fp32", ...rest] = names.map((name) => readOneOf("--precision", name, modelKinds, problems));
  if (new Set(names).size < names.length) problems.push(`--precision names one twice: ${text}`);
  return [first, ...rest];
}
