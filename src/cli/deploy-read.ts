import { validateCall } from "../../deploy/models/validate-call.js";
import { type DeploymentPlan, toCalls } from "../../deploy/plan.js";
import { createChooseInstance } from "../../deploy/planner/choose-by-flags.js";
import { shippedMeasurements } from "../../deploy/planner/shipped-measurements.js";
import { type DeployMode, type DeploySpec, parseDeploySpec } from "../../deploy/spec.js";
import { createFlagReader, type Flags } from "../../deploy/spec-flags.js";
import type { Parsed } from "../domain/parsed.js";
import { readAwsProfile } from "./aws-profile.js";
import type { ApplySettings } from "./deploy-apply.js";

/** What the deploy commands know of the outside. */
export type DeploySurroundings = Readonly<{
  env: Readonly<Record<string, string | undefined>>;
  version: string;
  /** What `--instance-type` is where nobody names one. */
  usualInstanceType: string;
}>;

export const usualTimeoutMinutes = 60;

/** How the plan is carried out; what is wrong with that is added to `problems`. */
export function readApplySettings(flags: Flags, problems: string[]): ApplySettings {
  const reader = createFlagReader(flags, problems);
  const verify = { artifact: reader.text("artifact") ?? null, photo: reader.text("verify-photo") ?? null };
  return {
    timeoutMs: reader.wholeNumber("timeout-minutes", usualTimeoutMinutes, { min: 1, max: 600 }) * 60_000,
    keepsOnFailure: reader.isOn("keep-on-failure"),
    verify: reader.isOn("no-verify") ? null : verify,
    json: reader.isOn("json"),
  };
}

/** Flags, with the profile of the AWS configuration and the planner beside them, as a spec; or every problem at once. */
export async function readSpec(
  mode: DeployMode,
  flags: Flags,
  { env, version }: DeploySurroundings,
): Promise<Parsed<DeploySpec>> {
  const profile = await readAwsProfile(flags.profile as string | undefined, env);
  if ("problems" in profile) return profile;
  const region = (flags.region as string | undefined) ?? (env.AWS_REGION || profile.value?.region);
  const chooseInstance = createChooseInstance(shippedMeasurements, region);
  return parseDeploySpec(mode, flags, { env, version, profile: profile.value, chooseInstance });
}

/** What the services themselves would refuse, by AWS's own models. */
export function findRefusals(plan: DeploymentPlan): readonly string[] {
  const calls = new Set([...toCalls(plan, "absent"), ...toCalls(plan, "present")]);
  return [...calls].flatMap(validateCall);
}
