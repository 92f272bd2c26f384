import type { Command } from "commander";
import { addDeployAlarmsCommand } from "./deploy-alarms.js";
import { addDeployDashboardCommand } from "./deploy-dashboard.js";
import { addDeployEcsCommand } from "./deploy-ecs.js";
import { addDeployIamCommand } from "./deploy-iam.js";

/** Adds what watches a deployment, and what it may do, to `stygig deploy`. */
export function addDeployWatchCommands(deploy: Command, env: Readonly<Record<string, string | undefined>>): void {
  addDeployAlarmsCommand(deploy, env);
  addDeployDashboardCommand(deploy, env);
  addDeployIamCommand(deploy, env);
  addDeployEcsCommand(deploy, env);
}
