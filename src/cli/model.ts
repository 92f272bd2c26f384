import type { Command } from "commander";
import { addModelConvertCommand } from "./model-convert.js";
import { addModelPullCommand } from "./model-pull.js";
import { addModelSynthCommand } from "./model-synth.js";
import { addModelVerifyCommand } from "./model-verify.js";

/** Adds `stygig model` with its subcommands. */
export function addModelCommands(program: Command, env: Readonly<Record<string, string | undefined>>): void {
  const model = program.command("model").summary("fetch, convert and verify encoders");
  addModelPullCommand(model, env);
  addModelConvertCommand(model);
  addModelSynthCommand(model);
  addModelVerifyCommand(model);
}
