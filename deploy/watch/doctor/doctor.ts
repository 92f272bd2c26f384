import type { SendCall } from "../../planned-call.js";
import { callerChecks, readCaller } from "./caller-checks.js";
import type { DoctorSpec } from "./doctor-spec.js";
import { type Check, carryOut, type Finding, unknown } from "./finding.js";
import { imageCheck } from "./image-check.js";
import { instanceCheck, quotaCheck } from "./instance-checks.js";
import { type LocalParts, localChecks } from "./local-checks.js";
import { roleChecks } from "./role-checks.js";
import { storeChecks } from "./store-checks.js";

/** What the checks reach the outside by. */
export type DoctorParts = LocalParts &
  Readonly<{
    send: SendCall;
    /** The JSON at an address that ECR gave. */
    fetchJson: (url: string) => Promise<unknown>;
  }>;

/** Every check that the spec has something for, in the order in which one would look. None of them throws. */
export async function examine(spec: DoctorSpec, parts: DoctorParts): Promise<readonly Finding[]> {
  const local = await carryOutAll([...localChecks(spec, parts), ...instanceCheck(spec)]);
  if (spec.region === null) return local;
  const caller = await carryOut({ name: "credentials", look: () => readCaller(parts.send) });
  const checks = awsChecks({ ...spec, region: spec.region }, parts);
  if (caller.outcome !== "ok") return [...local, caller, ...checks.map(({ name }) => withoutCredentials(name))];
  return [...local, caller, ...(await carryOutAll(checks))];
}

/** A spec with a region to ask in. */
export type AwsSpec = DoctorSpec & Readonly<{ region: string }>;

function awsChecks(spec: AwsSpec, parts: DoctorParts): readonly Check[] {
  return [
    ...callerChecks(spec, parts.send),
    ...roleChecks(spec, parts.send),
    ...imageCheck(spec, parts),
    ...storeChecks(spec, parts.send),
    ...quotaCheck(spec, parts.send),
  ];
}

function withoutCredentials(name: string): Finding {
  return { name, ...unknown("was not asked, for want of credentials", "see the credentials above") };
}

/** One after the other: what they find is the same each time, and IAM answers few questions a second. */
async function carryOutAll(checks: readonly Check[]): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const check of checks) findings.push(await carryOut(check));
  return findings;
}
