import type { Parsed } from "../src/domain/parsed.js";
import type { EndpointState, VariantState } from "./endpoint-state.js";
import { toScalableResourceId } from "./names.js";
import type { PlannedCall } from "./planned-call.js";
import { toSize } from "./shift.js";
import type { WaitParts } from "./wait-endpoint.js";
import { type VariantsOutcome, waitForVariants } from "./wait-variants.js";

/** Bounds for automatic scaling, or a count that is set at once. */
export type WantedSize = Readonly<{ min: number; max: number }> | Readonly<{ count: number }>;

export type ScalePlan = Readonly<{
  call: PlannedCall;
  variant: VariantState;
  wanted: WantedSize;
  notes: readonly string[];
}>;

const instances = "sagemaker:variant:DesiredInstanceCount";
/** A count outside new bounds is moved by automatic scaling, in its own time. */
const scalingSettleMs = 300_000;

/** What changes a variant's size, or every reason why that cannot be. `variantName` null: the only one. */
export function planScale(state: EndpointState, wanted: WantedSize, variantName: string | null): Parsed<ScalePlan> {
  const variant = findVariant(state, variantName);
  if (typeof variant === "string") return { problems: [variant] };
  const [first, ...rest] = findProblems(state, variant, wanted);
  if (first !== undefined) return { problems: [first, ...rest] };
  const call = "count" in wanted ? planCount(state, variant, wanted.count) : planBounds(state, variant, wanted);
  return { value: { call, variant, wanted, notes: toNotes(state, variant, wanted) } };
}

function findVariant({ name, variants }: EndpointState, wanted: string | null): VariantState | string {
  const names = variants.map((each) => each.name).join(", ");
  if (wanted !== null)
    return variants.find((each) => each.name === wanted) ?? `--variant: ${name} has no ${wanted}, but ${names}`;
  const [first] = variants;
  if (first === undefined) return `${name} has no variant yet`;
  return variants.length === 1 ? first : `--variant is missing: ${name} has ${names}`;
}

function findProblems({ name, mode }: EndpointState, variant: VariantState, wanted: WantedSize): readonly string[] {
  if (variant.serverless !== null) {
    return [`${name} is serverless: it has no instances, and its concurrency is part of its configuration`];
  }
  const least = "count" in wanted ? wanted.count : wanted.min;
  const flag = "count" in wanted ? "--count" : "--min";
  const problems = [];
  if (least === 0 && mode !== "async") problems.push(`${flag} 0: only async endpoints can do without an instance`);
  if ("min" in wanted && wanted.min > wanted.max) problems.push(`--min ${wanted.min} is above --max ${wanted.max}`);
  if ("count" in wanted && variant.scaling !== null) {
    const { min, max } = variant.scaling;
    if (wanted.count < min || wanted.count > max) {
      problems.push(
        `--count ${wanted.count} is outside the bounds of automatic scaling, ${min} to ${max}, which would undo it: ` +
          "change the bounds with --min and --max",
      );
    }
  }
  return problems;
}

function planCount({ name }: EndpointState, variant: VariantState, count: number): PlannedCall {
  const input = { EndpointName: name, DesiredWeightsAndCapacities: [toSize(variant, { count })] };
  return { service: "sagemaker", operation: "UpdateEndpointWeightsAndCapacities", input };
}

function planBounds(
  { name }: EndpointState,
  variant: VariantState,
  { min, max }: Readonly<{ min: number; max: number }>,
): PlannedCall {
  const input = {
    ServiceNamespace: "sagemaker",
    ResourceId: toScalableResourceId(name, variant.name),
    ScalableDimension: instances,
    MinCapacity: min,
    MaxCapacity: max,
  };
  return { service: "application-auto-scaling", operation: "RegisterScalableTarget", input };
}

function toNotes({ mode }: EndpointState, { scaling }: VariantState, wanted: WantedSize): readonly string[] {
  const policies = scaling?.policies ?? [];
  if ("count" in wanted) {
    return policies.length === 0 ? [] : ["automatic scaling may change the count again"];
  }
  if (policies.length === 0) return ["no policy moves the count between these bounds: deploy with --rps-per-instance"];
  const canWake = policies.some(({ type }) => type === "StepScaling");
  return mode === "async" && wanted.min === 0 && !canWake
    ? ["no policy wakes the endpoint from zero: `stygig deploy async --min-instances 0` makes one"]
    : [];
}

/** Sends it, and waits until the endpoint is in service with the size that is wanted. @throws the service's error */
export async function scale(
  parts: WaitParts,
  { call, variant, wanted }: ScalePlan,
  { endpointName, timeoutMs }: Readonly<{ endpointName: string; timeoutMs: number }>,
): Promise<VariantsOutcome> {
  await parts.send(call);
  const isReached = ({ variants }: EndpointState) => {
    const now = variants.find(({ name }) => name === variant.name);
    return now !== undefined && isOfSize(now, wanted);
  };
  const toWait =
    "count" in wanted
      ? { wanted: `${wanted.count} instances` }
      : { wanted: `${wanted.min} to ${wanted.max} instances`, settleMs: scalingSettleMs };
  return waitForVariants(parts, endpointName, { isReached, timeoutMs, ...toWait });
}

function isOfSize({ currentCount, desiredCount, scaling }: VariantState, wanted: WantedSize): boolean {
  if (currentCount === null || currentCount !== desiredCount) return false;
  if ("count" in wanted) return currentCount === wanted.count;
  const isBound = scaling !== null && scaling.min === wanted.min && scaling.max === wanted.max;
  return isBound && currentCount >= wanted.min && currentCount <= wanted.max;
}
