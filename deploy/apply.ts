import { applyEndpoint } from "./apply-endpoint.js";
import { toFailureKind, toFailureLine } from "./aws-failure.js";
import { ensure } from "./ensure.js";
import type { DeploymentPlan } from "./plan.js";
import type { PlannedCall } from "./planned-call.js";
import { toNames, type Undone, undoAll } from "./undo.js";
import type { Endpoint, WaitParts } from "./wait-endpoint.js";

export type ApplyParts = WaitParts &
  Readonly<{
    /** The same for putting things back: whoever cut short the deployment has not cut short this. */
    undoing: WaitParts;
  }>;

export type ApplyOptions = Readonly<{
  /** How long an endpoint may take to come into service. */
  timeoutMs: number;
  /** Leaves what was made in place when a later call fails, to look into it. */
  keepsOnFailure: boolean;
}>;

/** What became of a plan. */
export type Applied = Readonly<{
  kind: "done" | "rolled-back" | "failed";
  /** Null for jobs, and where it did not come so far. */
  endpoint: Endpoint | null;
  made: readonly PlannedCall[];
  changed: readonly PlannedCall[];
  same: readonly PlannedCall[];
  failure: Readonly<{ call: PlannedCall; reason: string; advice: string | null }> | null;
  undone: Undone;
}>;

type Outcome = "made" | "changed" | "same";
type Failed = Readonly<{ kind: "rolled-back" | "failed"; reason: string; advice: string | null }>;
type Step = Readonly<{ call: PlannedCall; take: () => Promise<Failed | null> }>;
type Progress = {
  endpoint: Endpoint | null;
  readonly outcomes: Readonly<Record<Outcome, PlannedCall[]>>;
  readonly undos: PlannedCall[];
};

/**
 * Carries out a plan, one call after the other, each told in a line. What is there already is left alone, so that the same
 * plan twice changes nothing. At the first failure it stops, and puts back what it had made or changed until then.
 */
export async function applyPlan(parts: ApplyParts, plan: DeploymentPlan, options: ApplyOptions): Promise<Applied> {
  const progress: Progress = { endpoint: null, outcomes: { made: [], changed: [], same: [] }, undos: [] };
  const nothing = { undone: [], left: [] };
  for (const step of toSteps(parts, plan, { progress, options })) {
    const failed = await takeStep(step);
    if (failed === null) continue;
    const { kind, ...failure } = failed;
    parts.tell(`${kind}: ${step.call.operation} ${toNames(step.call)}: ${failure.reason}`);
    const undone = options.keepsOnFailure ? nothing : await undoAll(parts.undoing, progress.undos, options);
    return {
      kind,
      endpoint: progress.endpoint,
      ...progress.outcomes,
      failure: { call: step.call, ...failure },
      undone,
    };
  }
  return { kind: "done", endpoint: progress.endpoint, ...progress.outcomes, failure: null, undone: nothing };
}

function toSteps(
  parts: ApplyParts,
  { prepare, create, update, finish }: DeploymentPlan,
  { progress, options }: Readonly<{ progress: Progress; options: ApplyOptions }>,
): readonly Step[] {
  const keepUndo = (undo: PlannedCall) => void progress.undos.push(undo);
  const settings = { policyArns: new Map<string, string>(), keepUndo };
  const note = (outcome: Outcome, call: PlannedCall) => {
    progress.outcomes[outcome].push(call);
    parts.tell(`${outcome === "same" ? "there already" : "done"}: ${call.operation} ${toNames(call)}`);
  };
  const toStep = (call: PlannedCall): Step => ({
    call,
    take: async () => {
      const { outcome, answer } = await ensure(parts.send, call, settings);
      note(outcome, call);
      if (outcome !== "same" && isWithoutAlarms(call, answer)) {
        parts.tell(`${toNames(call)} has no alarms of its own: nothing will scale by it`);
      }
      return null;
    },
  });
  if (update === null) return [...prepare, create, ...finish].map(toStep);
  const takeEndpoint = async (): Promise<Failed | null> => {
    const ended = await applyEndpoint(parts, { create, update }, { ...options, keepUndo });
    if ("failed" in ended) return ended.failed;
    progress.endpoint = ended.endpoint;
    note(ended.outcome, ended.outcome === "changed" ? update : create);
    return null;
  };
  return [...prepare.map(toStep), { call: create, take: takeEndpoint }, ...finish.map(toStep)];
}

async function takeStep({ take }: Step): Promise<Failed | null> {
  try {
    return await take();
  } catch (error) {
    return { kind: "failed", reason: toFailureLine(error), advice: adviceOn(error) };
  }
}

/** A tracking policy works through alarms that the service makes for it. */
function isWithoutAlarms({ operation, input }: PlannedCall, { Alarms }: Readonly<Record<string, unknown>>): boolean {
  if (operation !== "PutScalingPolicy" || input.PolicyType !== "TargetTrackingScaling") return false;
  return Array.isArray(Alarms) && Alarms.length === 0;
}

/** What to do about a failure that has nothing to do with the plan itself. */
function adviceOn(error: unknown): string | null {
  switch (toFailureKind(error)) {
    case "credentials":
      return "sign in, as with `aws sso login` or AWS_PROFILE, and deploy again";
    case "refused":
      return "`stygig deploy iam` prints the rights that the caller needs";
    default:
      return error instanceof Error && error.name === "ResourceLimitExceeded"
        ? "ask for a higher quota of this instance type in Service Quotas, or choose another type"
        : null;
  }
}
