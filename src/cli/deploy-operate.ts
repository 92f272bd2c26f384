import type { Command } from "commander";
import { addDeployCostsCommand } from "./deploy-costs.js";
import { addDeployLogsCommand } from "./deploy-logs.js";
import { addDeployScaleCommand } from "./deploy-scale.js";
import { addDeployShiftCommand } from "./deploy-shift.js";
import { addDeployStatusCommand } from "./deploy-status.js";

/** Adds what looks after an endpoint that is there to `stygig deploy`. */
export function addDeployOperateCommands(deploy: Command, env: Readonly<Record<string, string | undefined>>): void {
  addDeployStatusCommand(deploy, env);
  addDeployLogsCommand(deploy, env);
  addDeployCostsCommand(deploy, env);
  addDeployScaleCommand(deploy, env);
  addDeployShiftCommand(deploy, env);
}
