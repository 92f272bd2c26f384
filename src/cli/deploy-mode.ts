import type { Command } from "commander";
import { type DeploymentPlan, planDeployment } from "../../deploy/plan.js";
import { type DeployMode, type DeploySpec, deployModes } from "../../deploy/spec.js";
import { applySpec } from "./deploy-apply.js";
import { addDeployFlags, readFlags } from "./deploy-flags.js";
import { toNotes, toPlanJson, toPlanTable } from "./deploy-print.js";
import {
  type DeploySurroundings,
  findRefusals,
  readApplySettings,
  readSpec,
  usualTimeoutMinutes,
} from "./deploy-read.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";

const summaries: Readonly<Record<DeployMode, string>> = {
  sync: "a real-time endpoint",
  async: "an endpoint that answers to S3 and scales to zero",
  serverless: "an endpoint that is paid by the request",
  batch: "a transform job over JSON Lines or pictures",
};

/** Adds a command for each mode to `stygig deploy`. */
export function addDeployModes(deploy: Command, surroundings: DeploySurroundings): void {
  for (const mode of deployModes) addDeployMode(deploy.command(mode), mode, surroundings);
}

/** Makes a command deploy in one mode. */
export function addDeployMode(command: Command, mode: DeployMode, surroundings: DeploySurroundings): Command {
  addDeployFlags(command.summary(summaries[mode]).description(`Deploys ${summaries[mode]}.`), mode, surroundings)
    .option("--dry-run", "show the calls; needs no network and no credentials")
    .option("--json", "the calls, or what became of them, on stdout as JSON")
    .option("--timeout-minutes <minutes>", `how long it may take to serve (default: ${usualTimeoutMinutes})`)
    .option("--keep-on-failure", "leave what was made in place when a later call fails");
  if (mode !== "batch") addVerifyFlags(command);
  command.action(() => runDeploy(mode, command, surroundings));
  return command;
}

function addVerifyFlags(command: Command): void {
  command
    .option("--artifact <folder>", "the artifact at --model-uri, unpacked: the endpoint must answer as it does")
    .option("--verify-photo <file>", "a photo of yours to ask with, instead of a computed picture")
    .option("--no-verify", "ask nothing at the end");
}

async function runDeploy(mode: DeployMode, command: Command, surroundings: DeploySurroundings): Promise<void> {
  const flags = readFlags(command);
  const parsed = await readSpec(mode, flags, surroundings);
  const problems = "problems" in parsed ? [...parsed.problems] : [];
  const settings = readApplySettings(flags, problems);
  if ("problems" in parsed || problems.length > 0) return tellProblems(problems, exitCodes.usage);
  const plan = planDeployment(parsed.value);
  const refused = findRefusals(plan);
  if (refused.length > 0) return tellProblems(refused, exitCodes.usage);
  if (flags["dry-run"] === true) return showPlan(parsed.value, plan, settings.json);
  await applySpec(parsed.value, settings, surroundings.env);
}

async function showPlan(spec: DeploySpec, plan: DeploymentPlan, json: boolean): Promise<void> {
  const notes = toNotes(spec);
  if (json) return writeData(toPlanJson(spec, plan, notes));
  await writeData(toPlanTable(spec, plan));
  for (const note of notes) tell(`note: ${note}`);
}
