import { type DeploymentPlan, planDeployment } from "../../deploy/plan.js";
import { type DeployMode, type DeploySpec, parseDeploySpec } from "../../deploy/spec.js";
import type { Surroundings } from "../../deploy/spec-common.js";
import type { Flags } from "../../deploy/spec-flags.js";
import { leastFlags, someSurroundings } from "./deploy-flags.js";

type Changes = Readonly<{ flags?: Flags; surroundings?: Partial<Surroundings> }>;

function parse(mode: DeployMode, { flags = {}, surroundings = {} }: Changes) {
  return parseDeploySpec(mode, { ...leastFlags[mode], ...flags }, { ...someSurroundings, ...surroundings });
}

/** A spec from the fewest flags of its mode and some more. */
export function aSpec<Mode extends DeployMode>(
  mode: Mode,
  flags: Flags = {},
  surroundings: Partial<Surroundings> = {},
): Extract<DeploySpec, { mode: Mode }> {
  const parsed = parse(mode, { flags, surroundings });
  if ("problems" in parsed) throw new Error(parsed.problems.join("\n"));
  return parsed.value as Extract<DeploySpec, { mode: Mode }>;
}

/** What is wrong with such flags. */
export function specProblems(
  mode: DeployMode,
  flags: Flags,
  surroundings: Partial<Surroundings> = {},
): readonly string[] {
  const parsed = parse(mode, { flags, surroundings });
  return "problems" in parsed ? parsed.problems : [];
}

/** A plan from the fewest flags of its mode and some more. */
export function aPlan(mode: DeployMode, flags: Flags = {}, surroundings: Partial<Surroundings> = {}): DeploymentPlan {
  return planDeployment(aSpec(mode, flags, surroundings));
}
