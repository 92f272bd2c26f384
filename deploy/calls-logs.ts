import { toLogGroupName } from "./names.js";
import type { PlannedCall } from "./planned-call.js";
import type { EndpointSpec } from "./spec.js";

/** The log group before the platform makes it: its own would keep every line for ever. */
export function planLogGroup({ name, tags, update }: EndpointSpec): readonly PlannedCall[] {
  const logGroupName = toLogGroupName(name);
  return [
    { service: "logs", operation: "CreateLogGroup", input: { logGroupName, tags } },
    {
      service: "logs",
      operation: "PutRetentionPolicy",
      input: { logGroupName, retentionInDays: update.logRetentionDays },
    },
  ];
}
