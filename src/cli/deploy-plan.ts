import type { Command } from "commander";
import { type Demand, parseDemand } from "../../deploy/planner/demand.js";
import { findInstance } from "../../deploy/planner/instance-facts.js";
import type { Measurement } from "../../deploy/planner/measurement.js";
import { readMeasurements } from "../../deploy/planner/measurement-file.js";
import { planDemand } from "../../deploy/planner/plan.js";
import { planAsV4 } from "../../deploy/planner/policy-v4.js";
import { shippedMeasurements } from "../../deploy/planner/shipped-measurements.js";
import { toPlanText, toV4Text } from "./deploy-plan-text.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";

type PlanFlags = Readonly<{
  rps?: string;
  p95Ms?: string;
  mode?: string;
  gpu?: string;
  budgetUsd?: string;
  headroom?: string;
  region?: string;
  precision?: string;
  imageArch?: string;
  policy?: string;
  environment?: string;
  measurements?: string;
  json?: boolean;
}>;

/** Adds `stygig deploy plan`: what serves a demand, at what price, and why. No network, no credentials. */
export function addDeployPlanCommand(deploy: Command, env: Readonly<Record<string, string | undefined>>): void {
  deploy
    .command("plan")
    .summary("what serves a demand, at what price, and why")
    .description(
      "Instances from measurements and dated prices, and what serverless, async and batch would cost. Without network or\n" +
        "credentials. Exit 1 when nothing can hold the target within the budget.",
    )
    .option("--rps <number>", "looks a second")
    .option("--p95-ms <number>", "what 95 of 100 looks must stay under, in ms")
    .option("--mode <mode>", "auto (sync, the others beside it), sync, async, serverless or batch", "auto")
    .option("--gpu <policy>", "never, auto or always", "auto")
    .option("--budget-usd <number>", "the most that a month of 730 hours may cost")
    .option("--headroom <share>", "the share of every instance's rate that stays free", "0.3")
    .option("--region <region>", "whose prices; usually AWS_REGION, else us-east-1")
    .option("--precision <precision>", "int8, where the encoder passed its gate, or fp32", "int8")
    .option("--image-arch <architecture>", "what the image was built for: amd64 or arm64", "amd64")
    .option("--policy <policy>", "measured, or v4 for V4's own decision table", "measured")
    .option("--environment <environment>", "for --policy v4: production or development")
    .option("--measurements <file>", "further measurements, as `stygig loadtest --save-measurement` writes them")
    .option("--json", "the whole plan as JSON")
    .action((flags: PlanFlags) => runPlan(flags, env));
}

async function runPlan(flags: PlanFlags, env: Readonly<Record<string, string | undefined>>): Promise<void> {
  const region = flags.region ?? (env.AWS_REGION?.trim() || undefined);
  const { imageArch, ...rest } = flags;
  const demand = parseDemand(definedOf({ ...rest, region, architecture: imageArch }));
  const problems = ["problems" in demand ? demand.problems : [], policyProblems(flags)].flat();
  if ("problems" in demand || problems.length > 0) return tellProblems(problems, exitCodes.usage);
  const measurements = await measurementsOf(flags.measurements);
  if ("problems" in measurements) return tellProblems(measurements.problems, exitCodes.failed);
  await (flags.policy === "v4" ? showV4 : showPlan)(demand.value, measurements.value, flags);
}

function definedOf(flags: Readonly<Record<string, string | boolean | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(flags).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
  );
}

function policyProblems({ policy, environment }: PlanFlags): readonly string[] {
  const problems: string[] = [];
  if (policy !== "v4" && policy !== "measured") problems.push(`--policy must be measured or v4, not "${policy}"`);
  if (environment === undefined) return problems;
  if (policy !== "v4") problems.push("--environment is for --policy v4 alone");
  if (environment !== "production" && environment !== "development") {
    problems.push(`--environment must be production or development, not "${environment}"`);
  }
  return problems;
}

type Rows = Readonly<{ value: readonly Measurement[] }> | Readonly<{ problems: readonly string[] }>;

/** The shipped rows, and those of a file. */
async function measurementsOf(file: string | undefined): Promise<Rows> {
  if (file === undefined) return { value: shippedMeasurements };
  try {
    const read = await readMeasurements(file);
    if ("problems" in read) return read;
    for (const type of unknownTypes(read.value))
      tell(`${file}: ${type} is left out: its size and price are not known here`);
    return { value: [...shippedMeasurements, ...read.value] };
  } catch (error) {
    return { problems: [`--measurements cannot be read: ${error instanceof Error ? error.message : String(error)}`] };
  }
}

function unknownTypes(rows: readonly Measurement[]): readonly string[] {
  return [...new Set(rows.flatMap(({ instanceType }) => instanceType ?? []))].filter((type) => !findInstance(type));
}

async function showPlan(
  demand: Demand,
  measurements: readonly Measurement[],
  { json = false }: PlanFlags,
): Promise<void> {
  const plan = planDemand(demand, measurements);
  if (json) await writeData(JSON.stringify(plan));
  if (plan.chosen === null) return tellProblems([plan.reason], exitCodes.failed);
  if (!json) await writeData(toPlanText(plan));
}

async function showV4(
  demand: Demand,
  measurements: readonly Measurement[],
  { json = false, environment }: PlanFlags,
): Promise<void> {
  const plan = planAsV4(demand, (environment as "production" | "development" | undefined) ?? null, measurements);
  if (json) await writeData(JSON.stringify({ demand, ...plan }));
  if ("refusal" in plan) return tellProblems([plan.refusal], exitCodes.failed);
  if (!json) await writeData(toV4Text(plan));
}
