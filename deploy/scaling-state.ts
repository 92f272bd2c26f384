import { toScalableResourceId } from "./names.js";
import type { SendCall } from "./planned-call.js";

type Answer = Readonly<Record<string, unknown>>;

/** What Application Auto Scaling may do with a variant. */
export type ScalingState = Readonly<{
  /** Instances, or of a serverless variant its provisioned concurrency. */
  dimension: string;
  min: number;
  max: number;
  policies: readonly Readonly<{ name: string; type: string }>[];
}>;

/**
 * What scales each of an endpoint's variants, by the variant's name; a variant that nothing scales is not in it.
 * @throws the service's error
 */
export async function readScaling(
  send: SendCall,
  endpointName: string,
  variants: readonly string[],
): Promise<ReadonlyMap<string, ScalingState>> {
  const names = new Map(variants.map((name) => [toScalableResourceId(endpointName, name), name]));
  // Without a name it would be asked for every target of the account.
  if (names.size === 0) return new Map();
  const found = await send({
    service: "application-auto-scaling",
    operation: "DescribeScalableTargets",
    input: { ServiceNamespace: "sagemaker", ResourceIds: [...names.keys()] },
  });
  const scaled = new Map<string, ScalingState>();
  for (const target of (found.ScalableTargets ?? []) as readonly Answer[]) {
    const resourceId = String(target.ResourceId);
    const name = names.get(resourceId);
    if (name === undefined) continue;
    scaled.set(name, {
      dimension: String(target.ScalableDimension),
      min: Number(target.MinCapacity),
      max: Number(target.MaxCapacity),
      policies: await readPolicies(send, resourceId),
    });
  }
  return scaled;
}

async function readPolicies(send: SendCall, resourceId: string): Promise<ScalingState["policies"]> {
  const policies: Readonly<{ name: string; type: string }>[] = [];
  let NextToken: unknown;
  do {
    const input = { ServiceNamespace: "sagemaker", ResourceId: resourceId, NextToken };
    const page = await send({ service: "application-auto-scaling", operation: "DescribeScalingPolicies", input });
    for (const { PolicyName, PolicyType } of (page.ScalingPolicies ?? []) as readonly Answer[]) {
      policies.push({ name: String(PolicyName), type: String(PolicyType) });
    }
    ({ NextToken } = page);
  } while (NextToken !== undefined);
  return policies;
}
