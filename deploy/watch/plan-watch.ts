import type { PlannedCall } from "../planned-call.js";
import { planAlarms } from "./alarms.js";
import { planScalingAlarms } from "./scaling-alarms.js";
import type { WatchSpec } from "./watch-spec.js";

/** Every alarm of a spec, the guide's scaling rules of each variant last. */
export function planWatch({ endpoint, limits, scaling }: WatchSpec): readonly PlannedCall[] {
  const alarms = planAlarms(endpoint, limits);
  const { machine, endpointName } = endpoint;
  if (scaling === null || machine === null) return alarms;
  const rules = endpoint.variants.flatMap((variant) =>
    planScalingAlarms({ endpointName, variant, machine, ...scaling }),
  );
  return [...alarms, ...rules];
}
