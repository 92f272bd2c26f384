import type { Command } from "commander";
import { addDeployPlanCommand } from "./deploy-plan.js";

/** Adds `stygig deploy` with its subcommands. */
export function addDeployCommands(program: Command, env: Readonly<Record<string, string | undefined>>): void {
  const deploy = program.command("deploy").summary("plan, apply, watch and undo deployments on SageMaker");
  addDeployPlanCommand(deploy, env);
}
