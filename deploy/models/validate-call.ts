import type { PlannedCall } from "../planned-call.js";
import { readServiceModel, type ServiceModel } from "./service-model.js";
import { validateValue } from "./validate-value.js";

/**
 * What AWS's public service model would refuse in a call, each with its path inside the input; none when it is right.
 * A member that is `undefined` counts as left out, as it does on the wire.
 */
export function validateCall({ service, operation, input }: PlannedCall): readonly string[] {
  const model = readServiceModel(service);
  const problems = validateInput(model, operation, input);
  return problems.map((problem) => `${service} ${operation}: ${problem}`);
}

function validateInput(model: ServiceModel, operation: string, input: PlannedCall["input"]): readonly string[] {
  if (!Object.hasOwn(model.operations, operation)) return ["is not an operation that we know of this service"];
  const shape = model.operations[operation];
  if (shape != null) return validateValue(model.shapes, shape, input, "");
  return Object.keys(input).map((name) => `${name} is not a member: the operation takes none`);
}
