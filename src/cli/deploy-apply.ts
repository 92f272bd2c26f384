import { type Applied, applyPlan } from "../../deploy/apply.js";
import { planDeployment } from "../../deploy/plan.js";
import type { PlannedCall } from "../../deploy/planned-call.js";
import { resolveSpec } from "../../deploy/resolve.js";
import type { DeploySpec, EndpointSpec } from "../../deploy/spec.js";
import { toNames } from "../../deploy/undo.js";
import { type AwsSession, withAwsSession } from "./aws-session.js";
import { type VerifySettings, verifyEndpoint } from "./deploy-verify.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";

export type ApplySettings = Readonly<{
  timeoutMs: number;
  keepsOnFailure: boolean;
  /** Null: the answers are not looked at. */
  verify: VerifySettings | null;
  json: boolean;
}>;

/** Carries out a deployment: pins what it points to, applies it, sees that it answers, and says what may come next. */
export async function applySpec(
  spec: DeploySpec,
  settings: ApplySettings,
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  await withAwsSession({ region: spec.region, env }, async (session) => {
    const resolved = await resolveSpec(session.send, spec);
    if ("problems" in resolved) return tellProblems(resolved.problems, exitCodes.failed);
    const applied = await applyPlan(session, planDeployment(resolved.value), settings);
    if (applied.kind !== "done") return showFailure(applied, settings.json);
    await showDone(session, resolved.value, { applied, settings });
  });
}

async function showFailure(applied: Applied, json: boolean): Promise<void> {
  if (json) await writeData(toJson(applied));
  tellProblems(toFailureLines(applied), exitCodes.failed);
}

/** Why a deployment did not come about, and what of it is left. */
export function toFailureLines({ failure, undone, kind }: Applied): readonly string[] {
  const { call, reason, advice } = failure!;
  return [
    `${kind} at ${call.operation} ${toNames(call)}: ${reason}${advice === null ? "" : `; ${advice}`}`,
    ...undone.left.map((each) => `left: ${each.call.operation} ${toNames(each.call)}: ${each.reason}`),
  ];
}

type Done = Readonly<{ applied: Applied; settings: ApplySettings }>;

async function showDone(session: AwsSession, spec: DeploySpec, { applied, settings }: Done): Promise<void> {
  const { made, changed, same } = applied;
  const differences = spec.mode === "batch" ? [] : await verifyDeployed(session, spec, settings.verify);
  if (settings.json) await writeData(toJson(applied, differences));
  else {
    const state = spec.mode === "batch" ? "is started" : `is in service on ${applied.endpoint?.configName}`;
    await writeData(`${spec.name} ${state}: ${made.length} made, ${changed.length} changed, ${same.length} as before`);
    for (const step of nextSteps(spec)) tell(step);
  }
  if (differences.length === 0) return;
  const advice = "`stygig deploy rollback` goes back, `stygig deploy teardown` takes it away";
  tellProblems([...differences.map((each) => `another answer than the artifact's: ${each}`), advice], exitCodes.failed);
}

/** What is wrong with the answers; an endpoint that does not answer at all is one line of it. */
export async function verifyDeployed(
  { signal }: AwsSession,
  spec: EndpointSpec,
  settings: VerifySettings | null,
): Promise<readonly string[]> {
  if (settings === null) return [];
  try {
    const { asked, differences } = await verifyEndpoint(spec, settings, signal);
    if (differences.length === 0) {
      const as = settings.artifact === null ? "a picture is answered" : `${asked} answers are those of the artifact`;
      tell(`verified: ${as}`);
    }
    return differences;
  } catch (error) {
    signal.throwIfAborted();
    return [`it does not answer: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** What whoever deployed it will want to do with it. */
export function nextSteps({ mode, name, region }: DeploySpec): readonly string[] {
  const place = `--endpoint-name ${name} --region ${region}`;
  if (mode === "batch") return [`aws sagemaker describe-transform-job --transform-job-name ${name} --region ${region}`];
  return [
    `ask it:       stygig invoke ${mode === "async" ? "async" : "sync"} ${place} --image photo.jpg`,
    `watch it:     stygig deploy status ${place}; alarms: stygig deploy alarms ${place}`,
    `take it away: stygig deploy teardown ${place}`,
  ];
}

function toJson(
  { kind, endpoint, failure, undone, ...outcomes }: Applied,
  differences: readonly string[] = [],
): string {
  const toShort = ({ service, operation, input }: PlannedCall) => ({
    service,
    operation,
    names: toNames({ service, operation, input }),
  });
  const calls = Object.fromEntries(Object.entries(outcomes).map(([name, each]) => [name, each.map(toShort)]));
  return JSON.stringify({ kind, endpoint, ...calls, failure, undone, differences }, null, 2);
}
