import { orAbsent } from "./aws-failure.js";
import type { SendCall } from "./planned-call.js";
import { readScaling, type ScalingState } from "./scaling-state.js";
import { type Endpoint, toEndpoint } from "./wait-endpoint.js";

type Answer = Readonly<Record<string, unknown>>;

/** One variant as it is now. What AWS does not say is null: counts of a serverless one, or of one that is still being made. */
export type VariantState = Readonly<{
  name: string;
  instanceType: string | null;
  currentCount: number | null;
  desiredCount: number | null;
  currentWeight: number | null;
  desiredWeight: number | null;
  /** Null of an instance-backed one. */
  serverless: Readonly<{ memoryMb: number; maxConcurrency: number; provisionedConcurrency: number | null }> | null;
  /** Null where nothing scales it. */
  scaling: ScalingState | null;
}>;

export type EndpointState = Readonly<{
  name: string;
  status: string;
  failureReason: string | null;
  configName: string;
  /** The configuration is not there any more: the platform can neither patch nor scale such an endpoint. */
  isConfigGone: boolean;
  /** The configuration that an update is moving to; null while there is none. */
  pendingConfigName: string | null;
  /** Null where neither endpoint nor configuration tells. */
  mode: "sync" | "async" | "serverless" | null;
  variants: readonly VariantState[];
}>;

/**
 * An endpoint with its variants, their machines and what scales them, or null where there is none.
 * @throws the service's error
 */
export async function readEndpointState(send: SendCall, endpointName: string): Promise<EndpointState | null> {
  const found = await orAbsent(
    send({ service: "sagemaker", operation: "DescribeEndpoint", input: { EndpointName: endpointName } }),
  );
  if (found === null) return null;
  const endpoint = toEndpoint(found);
  const config = await readConfig(send, endpoint.configName);
  const scaling = await readScaling(send, endpointName, endpoint.variants);
  const planned = new Map(listOf(config?.ProductionVariants).map((each) => [String(each.VariantName), each]));
  const variants = listOf(found.ProductionVariants).map((each) => {
    const name = String(each.VariantName);
    return toVariantState(name, { live: each, planned: planned.get(name), scaling: scaling.get(name) ?? null });
  });
  return {
    name: endpointName,
    ...toCore(endpoint),
    isConfigGone: endpoint.configName !== "" && config === null,
    pendingConfigName: textOrNull((found.PendingDeploymentSummary as Answer | undefined)?.EndpointConfigName),
    mode: toMode(found.AsyncInferenceConfig ?? config?.AsyncInferenceConfig, variants, config !== null),
    variants,
  };
}

const toCore = ({ status, failureReason, configName }: Endpoint) => ({ status, failureReason, configName });

async function readConfig(send: SendCall, configName: string): Promise<Answer | null> {
  if (configName === "") return null;
  const input = { EndpointConfigName: configName };
  return orAbsent(send({ service: "sagemaker", operation: "DescribeEndpointConfig", input }));
}

type Parts = Readonly<{ live: Answer; planned: Answer | undefined; scaling: ScalingState | null }>;

function toVariantState(name: string, { live, planned, scaling }: Parts): VariantState {
  const serverless = (live.CurrentServerlessConfig ?? planned?.ServerlessConfig) as Answer | undefined;
  return {
    name,
    instanceType: textOrNull(planned?.InstanceType),
    currentCount: numberOrNull(live.CurrentInstanceCount),
    desiredCount: numberOrNull(live.DesiredInstanceCount),
    currentWeight: numberOrNull(live.CurrentWeight),
    desiredWeight: numberOrNull(live.DesiredWeight),
    serverless:
      serverless === undefined
        ? null
        : {
            memoryMb: Number(serverless.MemorySizeInMB),
            maxConcurrency: Number(serverless.MaxConcurrency),
            provisionedConcurrency: numberOrNull(serverless.ProvisionedConcurrency),
          },
    scaling,
  };
}

function toMode(asyncConfig: unknown, variants: readonly VariantState[], isConfigKnown: boolean) {
  if (asyncConfig !== undefined) return "async";
  if (variants.some(({ serverless }) => serverless !== null)) return "serverless";
  return isConfigKnown ? "sync" : null;
}

const listOf = (value: unknown): readonly Answer[] => (Array.isArray(value) ? value : []);
const textOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null);
const numberOrNull = (value: unknown): number | null => (typeof value === "number" ? value : null);
