import { familyOf, isInstanceType } from "../../instance-family.js";
import type { SendCall } from "../../planned-call.js";
import type { AwsSpec } from "./doctor.js";
import type { DoctorSpec } from "./doctor-spec.js";
import { type Check, failed, ok, unknown, type Verdict, warning } from "./finding.js";
import { oldestDriver } from "./local-checks.js";

/** Whether the instance type is one that the service has for this, and whether our images can run on it. */
export function instanceCheck({ instanceType, mode }: DoctorSpec): readonly Check[] {
  if (instanceType === null) return [];
  return [{ name: "instance type", look: async () => judgeType(instanceType, mode) }];
}

function judgeType(type: string, mode: DoctorSpec["mode"]): Verdict {
  if (mode === "serverless") return failed("a serverless endpoint has no instances", "leave --instance-type out");
  const use = mode === "batch" ? "transform" : "hosting";
  if (!isInstanceType(type, use)) return failed(`SageMaker has no ${type} for ${mode}`, "see `stygig deploy plan`");
  const { accelerator, architecture, hasNewDriver } = familyOf(type);
  const isGpu = accelerator === "cuda";
  if (accelerator === "cuda-too-old") return failed(`${type}'s GPU is too old for CUDA 13`, "take g4dn, g5 or g6");
  if (accelerator === "other")
    return warning(`${type}'s accelerator is none of ours`, "take a CPU type, or g4dn to g6e");
  if (isGpu && mode === "batch") {
    return failed(`transform jobs have no driver ${oldestDriver}, which the GPU image needs`, "take a CPU type");
  }
  if (isGpu && !hasNewDriver) {
    return ok(`${type}: its own driver is too old for CUDA 13, and deploy sets InferenceAmiVersion to a newer one`);
  }
  return ok(`${type}, ${architecture}${isGpu ? ", with a GPU" : ""}`);
}

type Quota = Readonly<{ QuotaName?: string; Value?: number }>;

/** How many such instances the account may have: an update needs as many again while both fleets run. */
export function quotaCheck(spec: AwsSpec, send: SendCall): readonly Check[] {
  const { instanceType, mode } = spec;
  if (instanceType === null || mode === "serverless") return [];
  const name = `${instanceType} for ${mode === "batch" ? "transform job" : "endpoint"} usage`;
  return [{ name: "quota", look: async () => judgeQuota(await findQuota(name, send), name, spec) }];
}

async function findQuota(name: string, send: SendCall): Promise<number | null> {
  let NextToken: string | undefined;
  do {
    const answer = await send({
      service: "service-quotas",
      operation: "ListServiceQuotas",
      input: { ServiceCode: "sagemaker", MaxResults: 100, ...(NextToken === undefined ? {} : { NextToken }) },
    });
    const quotas = (answer.Quotas ?? []) as readonly Quota[];
    const found = quotas.find(({ QuotaName }) => QuotaName === name);
    if (found?.Value !== undefined) return found.Value;
    NextToken = answer.NextToken as string | undefined;
  } while (NextToken !== undefined);
  return null;
}

function judgeQuota(value: number | null, name: string, { instanceCount, mode }: AwsSpec): Verdict {
  const ask = "ask for more in the Service Quotas console";
  if (value === null) return unknown(`no quota is called "${name}"`, "look it up in the Service Quotas console");
  const found = `"${name}" is ${value}`;
  if (value < instanceCount) return failed(`${found}, and ${instanceCount} are wanted`, ask);
  if (mode !== "batch" && value < 2 * instanceCount) {
    return warning(`${found}: an update needs ${2 * instanceCount}`, `${ask}, or update with --strategy rolling`);
  }
  return ok(found);
}
