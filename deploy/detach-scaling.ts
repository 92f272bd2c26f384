import { toScalableResourceId } from "./names.js";
import type { PlannedCall } from "./planned-call.js";
import type { Endpoint, WaitParts } from "./wait-endpoint.js";

type Answer = Readonly<Record<string, unknown>>;

const serviceNamespace = "sagemaker";
const place = (ResourceId: string) => ({
  ServiceNamespace: serviceNamespace,
  ResourceId,
  ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
});
const scaling = (operation: string, input: PlannedCall["input"]): PlannedCall => ({
  service: "application-auto-scaling",
  operation,
  input,
});

export type Detaching = Readonly<{
  endpoint: Endpoint;
  endpointName: string;
  /** The configuration that is to come. */
  configName: string;
  keepUndo: (call: PlannedCall) => void;
}>;

/**
 * An endpoint's instance type cannot be changed while automatic scaling holds on to it: where it changes, the scaling is
 * taken off before the update. The plan puts it on again after, or the undoing where the update fails.
 */
export async function detachScaling(parts: WaitParts, { endpoint, configName, ...rest }: Detaching): Promise<void> {
  const { send, tell } = parts;
  const [before, after] = await Promise.all([endpoint.configName, configName].map((name) => instanceTypes(send, name)));
  for (const variant of endpoint.variants) {
    if (before?.get(variant) === after?.get(variant)) continue;
    const resourceId = toScalableResourceId(rest.endpointName, variant);
    const asked = { ServiceNamespace: serviceNamespace, ResourceIds: [resourceId] };
    const found = await send(scaling("DescribeScalableTargets", asked));
    const [target] = (found.ScalableTargets ?? []) as readonly Answer[];
    if (target === undefined) continue;
    const { ScalingPolicies } = await send(scaling("DescribeScalingPolicies", place(resourceId)));
    // They are put back last first: the target is needed before its policies.
    for (const policy of (ScalingPolicies ?? []) as readonly Answer[]) rest.keepUndo(toPutPolicy(policy));
    const { MinCapacity, MaxCapacity } = target;
    rest.keepUndo(scaling("RegisterScalableTarget", { ...place(resourceId), MinCapacity, MaxCapacity }));
    tell(`the instance type of ${variant} changes: its automatic scaling is taken off for the update`);
    await send(scaling("DeregisterScalableTarget", place(resourceId)));
  }
}

async function instanceTypes(send: WaitParts["send"], configName: string): Promise<ReadonlyMap<string, unknown>> {
  const input = { EndpointConfigName: configName };
  const { ProductionVariants } = await send({ service: "sagemaker", operation: "DescribeEndpointConfig", input });
  const variants = (ProductionVariants ?? []) as readonly Answer[];
  return new Map(variants.map(({ VariantName, InstanceType }) => [String(VariantName), InstanceType]));
}

function toPutPolicy(policy: Answer): PlannedCall {
  const { PolicyName, PolicyType, ResourceId } = policy;
  const { TargetTrackingScalingPolicyConfiguration, StepScalingPolicyConfiguration } = policy;
  return scaling("PutScalingPolicy", {
    ...{ ...place(String(ResourceId)), PolicyName, PolicyType },
    ...{ TargetTrackingScalingPolicyConfiguration, StepScalingPolicyConfiguration },
  });
}
