import type { Command } from "commander";
import { toFailureLine } from "../../deploy/aws-failure.js";
import type { PlannedCall } from "../../deploy/planned-call.js";
import { createAwsSender } from "../../deploy/send-call.js";
import type { Flags } from "../../deploy/spec-flags.js";
import { planWatch } from "../../deploy/watch/plan-watch.js";
import { parseWatchSpec } from "../../deploy/watch/watch-spec.js";
import { readFlags } from "./deploy-flags.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";
import { addWatchFlags } from "./watch-flags.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** Adds `stygig deploy alarms`: the alarms of an endpoint that is there. */
export function addDeployAlarmsCommand(deploy: Command, env: Environment): void {
  const command = addWatchFlags(deploy.command("alarms"));
  command
    .summary("CloudWatch alarms of an endpoint, in the right units")
    .description(
      "Puts alarms on failures, latency, overhead, memory, CPU, GPU, disk and, of an async endpoint, its queue. All are\n" +
        "named stygig/<endpoint>/..., so that teardown finds them. Put again, they are the same alarms.",
    )
    .option("--sns-topic-arn <arn>", "who is told, when it is bad and when it is good again")
    .option("--scaling-rules", "the guide's rules as well: p95 above 200 ms scale up, GPU below 50 % scale down")
    .option("--scale-up-policy-arn <arn>", "what they set to work; otherwise the topic is told")
    .option("--scale-down-policy-arn <arn>", "the same, for fewer instances")
    .option("--dry-run", "only print the calls, without network or credentials")
    .option("--json", "print JSON")
    .action(() => runAlarms(readFlags(command), env));
}

async function runAlarms(flags: Flags, env: Environment): Promise<void> {
  const spec = parseWatchSpec(flags, env);
  if ("problems" in spec) return tellProblems(spec.problems, exitCodes.usage);
  const calls = planWatch(spec.value);
  if (flags["dry-run"] !== true) {
    const failure = await putAll(calls, spec.value.region, env);
    if (failure !== null) return tellProblems([failure], exitCodes.failed);
  }
  await writeData(flags.json === true ? JSON.stringify(calls, null, 2) : calls.map(toLine).join("\n"));
  if (spec.value.endpoint.topicArn === null) tell("note: without --sns-topic-arn nobody is told of them");
}

/** Null when all are in place, else what stopped it; those before stay, and another try puts them again. */
async function putAll(calls: readonly PlannedCall[], region: string, env: Environment): Promise<string | null> {
  const sender = createAwsSender({ region, endpointUrl: env.AWS_ENDPOINT_URL ?? null });
  try {
    for (const [done, call] of calls.entries()) {
      try {
        await sender.send(call);
      } catch (error) {
        return `${call.input.AlarmName}: ${toFailureLine(error)} (${done} of ${calls.length} alarms are in place)`;
      }
    }
    return null;
  } finally {
    sender.close();
  }
}

function toLine({ input }: PlannedCall): string {
  const { AlarmName, Threshold, DatapointsToAlarm, EvaluationPeriods, AlarmDescription } = input;
  return `${AlarmName}  at ${Threshold}, ${DatapointsToAlarm} of ${EvaluationPeriods} min: ${AlarmDescription}`;
}
