import type { Parsed } from "../src/domain/parsed.js";
import type { EndpointState, VariantState } from "./endpoint-state.js";
import type { PlannedCall } from "./planned-call.js";
import type { WaitParts } from "./wait-endpoint.js";
import { type VariantsOutcome, waitForVariants } from "./wait-variants.js";

/** How much of the traffic each variant gets, in relation to the others'. */
export type Weights = ReadonlyMap<string, number>;

const weightPattern = /^\d{1,9}(\.\d{1,6})?$/;

/**
 * `old=50,new=50` for an endpoint with just these variants -> weights, or every problem at once: what is no weight, what
 * is named twice, is not there, or is left out.
 */
export function parseWeights(text: string, { name, variants }: EndpointState): Parsed<Weights> {
  const problems: string[] = [];
  const weights = new Map<string, number>();
  for (const part of text.split(",")) {
    const [, variant = "", digits = ""] = /^\s*([^=\s]+)\s*=\s*(\S+)\s*$/.exec(part) ?? [];
    if (variant === "") {
      problems.push(`--weights must be variant=weight,..., not "${part}"`);
      continue;
    }
    if (weights.has(variant)) problems.push(`--weights names ${variant} more than once`);
    if (!weightPattern.test(digits)) problems.push(`--weights: ${variant} must be a number from 0 on, not "${digits}"`);
    if (!variants.some((each) => each.name === variant)) problems.push(`--weights: ${name} has no variant ${variant}`);
    weights.set(variant, Number(digits));
  }
  for (const variant of variants) {
    if (!weights.has(variant.name)) problems.push(`--weights leaves out ${variant.name}`);
  }
  if (weights.size > 0 && [...weights.values()].every((weight) => weight === 0)) {
    problems.push("--weights: at least one must be above 0, or nobody gets an answer");
  }
  const [first, ...rest] = problems;
  return first === undefined ? { value: weights } : { problems: [first, ...rest] };
}

/** The call that moves traffic between the variants, and leaves their counts as they are. */
export function planShift({ name, variants }: EndpointState, weights: Weights): PlannedCall {
  const DesiredWeightsAndCapacities = variants.map((variant) => toSize(variant, { weight: weights.get(variant.name) }));
  const input = { EndpointName: name, DesiredWeightsAndCapacities };
  return { service: "sagemaker", operation: "UpdateEndpointWeightsAndCapacities", input };
}

/** A variant's weight and count, always both: of one that is left out, moto's server forgets what it was. */
export function toSize(
  { name, desiredWeight, desiredCount }: VariantState,
  {
    weight = desiredWeight ?? undefined,
    count = desiredCount ?? undefined,
  }: Readonly<{ weight?: number | undefined; count?: number | undefined }>,
): Readonly<Record<string, unknown>> {
  return {
    VariantName: name,
    ...(weight === undefined ? {} : { DesiredWeight: weight }),
    // A serverless variant has none.
    ...(count === undefined ? {} : { DesiredInstanceCount: count }),
  };
}

/** Sends it, and waits until the endpoint is in service with these weights. @throws the service's error */
export async function shift(
  parts: WaitParts,
  state: EndpointState,
  { weights, timeoutMs }: Readonly<{ weights: Weights; timeoutMs: number }>,
): Promise<VariantsOutcome> {
  await parts.send(planShift(state, weights));
  // AWS keeps weights as 32-bit floats.
  const isReached = ({ variants }: EndpointState) =>
    variants.every(
      ({ name, currentWeight }) =>
        currentWeight !== null && Math.fround(currentWeight) === Math.fround(weights.get(name)!),
    );
  const wanted = [...weights].map(([name, weight]) => `${name}=${weight}`).join(",");
  return waitForVariants(parts, state.name, { isReached, wanted, timeoutMs });
}
