import { toFailureKind, toFailureLine } from "./aws-failure.js";
import { toLogGroupName } from "./names.js";
import type { SendCall } from "./planned-call.js";

type Answer = Readonly<Record<string, unknown>>;

/** What goes on costing after teardown, in words. @throws the service's error, but for a missing right on logs */
export async function readCostsAfter(send: SendCall, endpointName: string): Promise<readonly string[]> {
  return [
    await readLogStorage(send, endpointName),
    "in S3: the artifact, and of an async endpoint its answers, failures and inputs; delete them, or let a lifecycle rule",
    "in ECR: the image",
  ];
}

async function readLogStorage(send: SendCall, endpointName: string): Promise<string> {
  const name = toLogGroupName(endpointName);
  const input = { logGroupNamePrefix: name };
  try {
    const { logGroups } = await send({ service: "logs", operation: "DescribeLogGroups", input });
    const group = ((logGroups ?? []) as readonly Answer[]).find(({ logGroupName }) => logGroupName === name);
    return group === undefined ? `in CloudWatch: no log group ${name}` : toStorage(name, group);
  } catch (error) {
    if (toFailureKind(error) !== "refused") throw error;
    return `in CloudWatch: the log group ${name}, which cannot be seen: ${toFailureLine(error)}`;
  }
}

function toStorage(name: string, { storedBytes, retentionInDays: days }: Answer): string {
  const size = typeof storedBytes === "number" ? `${(storedBytes / 1e6).toFixed(1)} MB` : "an unknown size";
  const kept = days === undefined ? "for ever: nobody has set a limit" : `for ${days} days`;
  return `in CloudWatch: the log group ${name}, ${size}, each line ${kept} (teardown --delete-logs deletes it)`;
}
