import type { PlannedCall } from "./planned-call.js";

const pattern = /^\{\{PutScalingPolicy ([^{}]+) PolicyARN\}\}$/;

/** Stands in a plan for a scaling policy's ARN, which only the service's answer to its PutScalingPolicy tells. */
export function toPolicyArnReference(policyName: string): string {
  return `{{PutScalingPolicy ${policyName} PolicyARN}}`;
}

/**
 * The call with every reference replaced by the ARN of that policy.
 * @throws RangeError when the plan refers to a policy that was not put before it
 */
export function fillPolicyArns(call: PlannedCall, policyArns: ReadonlyMap<string, string>): PlannedCall {
  return { ...call, input: fill(call.input, policyArns) as PlannedCall["input"] };
}

function fill(value: unknown, policyArns: ReadonlyMap<string, string>): unknown {
  if (typeof value === "string") {
    const name = pattern.exec(value)?.[1];
    if (name === undefined) return value;
    const arn = policyArns.get(name);
    if (arn === undefined) throw new RangeError(`the scaling policy ${name} was not put yet`);
    return arn;
  }
  if (Array.isArray(value)) return value.map((each) => fill(each, policyArns));
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, fill(each, policyArns)]));
}
