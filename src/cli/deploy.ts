import type { Command } from "commander";
import { addDeployImageCommand } from "./deploy-image.js";
import { addDeployModes } from "./deploy-mode.js";
import { addDeployOperateCommands } from "./deploy-operate.js";
import { addDeployPipelineCommand } from "./deploy-pipeline.js";
import { addDeployPlanCommand } from "./deploy-plan.js";
import { addDeployRollbackCommand } from "./deploy-rollback.js";
import { addDeployTeardownCommand } from "./deploy-teardown.js";
import { addDeployWatchCommands } from "./deploy-watch.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** Adds `stygig deploy` with its subcommands. `version` is ours, which the usual image's tag has. */
export function addDeployCommands(program: Command, env: Environment, version: string): void {
  const deploy = program.command("deploy").summary("plan, apply, watch and undo deployments on SageMaker");
  const surroundings = { env, version, usualInstanceType: "auto" };
  addDeployModes(deploy, surroundings);
  addDeployPipelineCommand(deploy, surroundings);
  addDeployImageCommand(deploy, env);
  addDeployPlanCommand(deploy, env);
  addDeployOperateCommands(deploy, env);
  addDeployRollbackCommand(deploy, env);
  addDeployTeardownCommand(deploy, env);
  addDeployWatchCommands(deploy, env);
}
