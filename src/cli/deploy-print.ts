import Table from "cli-table3";
import { describeCall } from "../../deploy/describe-call.js";
import type { DeploymentPlan } from "../../deploy/plan.js";
import type { PlannedCall } from "../../deploy/planned-call.js";
import type { DeploySpec } from "../../deploy/spec.js";

/** A call and when it is sent: always, or by whether the endpoint is there. */
type PlannedStep = Readonly<{ when: "always" | "endpoint absent" | "endpoint present"; call: PlannedCall }>;

/** The calls of a plan in their order; of creating and updating an endpoint only one is sent. */
function toSteps({ prepare, create, update, finish }: DeploymentPlan): readonly PlannedStep[] {
  const always = (call: PlannedCall): PlannedStep => ({ when: "always", call });
  const start: readonly PlannedStep[] =
    update === null
      ? [always(create)]
      : [
          { when: "endpoint absent", call: create },
          { when: "endpoint present", call: update },
        ];
  return [...prepare.map(always), ...start, ...finish.map(always)];
}

/** The plan as one JSON document. */
export function toPlanJson(spec: DeploySpec, plan: DeploymentPlan, notes: readonly string[]): string {
  const { mode, name, region } = spec;
  const steps = toSteps(plan).map(({ when, call }) => ({ when, ...call }));
  return JSON.stringify({ mode, name, region, names: plan.names, notes, calls: steps }, null, 2);
}

/** Calls follow each other; a line between any two would only push them apart. */
const withoutLines = { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" } as const;

/** The plan for the eye: what is done to what, in order. */
export function toPlanTable(spec: DeploySpec, plan: DeploymentPlan): string {
  const head = ["#", "call", "what", "how"];
  const table = new Table({ head, chars: withoutLines, style: { head: [], border: [] } });
  for (const [i, { when, call }] of toSteps(plan).entries()) {
    const { subject, details } = describeCall(call);
    const condition = when === "always" ? "" : ` (${when})`;
    table.push([i + 1, `${call.service} ${call.operation}${condition}`, subject, details]);
  }
  return `${spec.mode} ${spec.name} in ${spec.region}\n${table}`;
}

/** What a reader of the plan must know beside its calls. */
export function toNotes(spec: DeploySpec): readonly string[] {
  const notes = [
    "nothing is sent. Names hold a digest of what is given here: of the image its tag and of the artifact its address, " +
      "not what they lead to today",
  ];
  if (spec.mode !== "serverless" && spec.hosts.choice !== null) {
    const { instanceType, instanceCount, basis, reason, warnings } = spec.hosts.choice;
    notes.push(`auto: ${instanceCount} x ${instanceType} (${basis}): ${reason}`, ...warnings);
  }
  if (spec.mode === "sync" && spec.scaling !== null && spec.hosts.choice?.basis === "estimated") {
    notes.push("scaled by an estimated rate: measure it with `stygig loadtest` and give --rps-per-instance");
  }
  if (spec.mode === "sync" && spec.scaling === null) {
    notes.push("not scaled: no rate of an instance is known; measure it and give --rps-per-instance");
  }
  if (spec.mode === "async" && spec.scaling.minInstances === 0) {
    notes.push("scales to zero: the first request after a pause waits some minutes for an instance");
  }
  if (spec.mode !== "batch" && spec.mode !== "serverless" && spec.update.policy.kind !== "all-at-once") {
    if (spec.hosts.instanceCount < 2)
      notes.push(`${spec.update.policy.kind} moves whole instances: one alone moves at once`);
  }
  const isBlueGreen = spec.mode !== "batch" && spec.mode !== "serverless" && spec.update.policy.kind !== "rolling";
  // A choice of the planner's has said so already.
  if (isBlueGreen && spec.hosts.choice === null) {
    notes.push(`an update needs twice the instances for a while: the quota must hold ${2 * spec.hosts.instanceCount}`);
  }
  return notes;
}
