import { applyPlan } from "../../deploy/apply.js";
import { toFailureLine } from "../../deploy/aws-failure.js";
import { planDeployment } from "../../deploy/plan.js";
import { resolveImage, resolveSpec } from "../../deploy/resolve.js";
import type { EndpointSpec } from "../../deploy/spec.js";
import { type TornDown, teardown } from "../../deploy/teardown.js";
import { toNames } from "../../deploy/undo.js";
import { uploadModel } from "../../deploy/upload.js";
import { findBucketProblem } from "../../deploy/upload-bucket.js";
import { describeEndpoint } from "../../deploy/wait-endpoint.js";
import { epochMs } from "../serving/clock.js";
import type { AwsSession } from "./aws-session.js";
import { createByteBar } from "./byte-bar.js";
import { toFailureLines, verifyDeployed } from "./deploy-apply.js";
import { exitCodes, tell, tellProblems } from "./output.js";
import { buildOnce, type Prepared, packOnce } from "./pipeline-artifact.js";
import type { PipelineSpec } from "./pipeline-flags.js";

export type PipelineTask = PipelineSpec & Readonly<{ endpointUrl: string | null; version: string }>;

type StepName = "look" | "build" | "pack" | "upload" | "deploy" | "verify" | "take away";
type Step = Readonly<{ step: StepName; outcome: "done" | "there already" | "failed"; detail: string }>;

/** What became of it, step by step; filled while it runs, so that a failure is told with all that came before it. */
export type PipelineReport = {
  readonly steps: Step[];
  modelUri: string | null;
  artifact: string | null;
  /** Whether what was deployed was left in place. */
  kept: boolean;
  torn: TornDown | null;
};

/** One line or more for whoever runs it; nothing is left to be paid for. */
type Problems = readonly string[];

type Running = Readonly<{ session: AwsSession; task: PipelineTask; report: PipelineReport }>;

/**
 * Looks, builds, packs, uploads, deploys, verifies and takes away again, each step told. What a step would do that is done
 * already is not done again. Whatever fails or is interrupted, an endpoint that was not there before is taken away.
 * @throws the service's error and the signal's reason, told with the step
 */
export async function runPipeline(session: AwsSession, task: PipelineTask, report: PipelineReport): Promise<void> {
  const running: Running = { session, task, report };
  if (!(await inStep(report, "look", () => look(running)))) return;
  const { build } = task;
  if (build !== null) await inStep(report, "build", () => note(buildOnce(build, task.version, session.signal)));
  const packed = await inStep(report, "pack", () => note(packOnce(task.artifact)));
  report.artifact = packed.digest;
  const modelUri = await inStep(report, "upload", () => upload(running, packed.file));
  report.modelUri = modelUri;
  const spec: EndpointSpec = { ...task.spec, modelUri };
  // A build may take an hour, and somebody else may have taken the name meanwhile.
  const taken = await findTaken(running, spec.name);
  if (taken.problems.length > 0) return tellProblems(taken.problems, exitCodes.failed);
  let isGood = false;
  try {
    isGood =
      (await inStep(report, "deploy", () => deploy(running, spec))) &&
      (await inStep(report, "verify", () => verify(running, spec, taken.wasThere)));
  } finally {
    const keeps = taken.wasThere || (isGood ? task.keeps : task.settings.keepsOnFailure);
    await finish(running, spec, keeps);
  }
}

type Told<T> = Prepared & Readonly<{ value: T }>;

const note = async <T extends Prepared>(prepared: Promise<T>): Promise<Told<T>> => {
  const value = await prepared;
  return { outcome: value.outcome, detail: value.detail, value };
};

/** Does a step and tells it. @throws whatever it throws, after it was told */
async function inStep<T>(
  report: PipelineReport,
  step: StepName,
  work: () => Promise<Told<T> | Readonly<{ problems: Problems; value: T }>>,
): Promise<T> {
  try {
    const told = await work();
    if ("problems" in told) {
      record(report, { step, outcome: "failed", detail: told.problems[0] ?? "" });
      tellProblems(told.problems, exitCodes.failed);
    } else {
      record(report, { step, outcome: told.outcome === "made" ? "done" : "there already", detail: told.detail });
    }
    return told.value;
  } catch (error) {
    record(report, { step, outcome: "failed", detail: toFailureLine(error) });
    throw error;
  }
}

function record(report: PipelineReport, step: Step): void {
  report.steps.push(step);
  tell(step.outcome === "failed" ? `failed: ${step.step}` : `${step.step}: ${step.outcome}, ${step.detail}`);
}

/** What would stop it later, seen before anything is built. */
async function look(running: Running) {
  const { session, task } = running;
  const { spec, folder } = task;
  const { bucket } = folder;
  const taken = await findTaken(running, spec.name);
  const image = await resolveImage(session.send, spec.imageUri);
  const problem = await findBucketProblem(session.send, bucket, spec.region);
  const problems = [
    ...taken.problems,
    ...("problems" in image ? image.problems : []),
    ...(problem === null ? [] : [`--bucket-uri: ${problem}`]),
  ];
  if (problems.length > 0) return { problems, value: false };
  return { outcome: "made", detail: `bucket ${bucket} and the image are in ${spec.region}`, value: true } as const;
}

/** An endpoint that was there before is never taken away, so that it can only be updated. */
async function findTaken({ session, task }: Running, name: string) {
  const wasThere = (await describeEndpoint(session.send, name)) !== null;
  const advice = "--keep updates it and leaves it, `stygig deploy teardown` makes room";
  const problem = `endpoint ${name} is there already, and at the end it would be taken away: ${advice}`;
  return { wasThere, problems: wasThere && !task.keeps ? [problem] : [] };
}

async function upload({ session, task }: Running, file: string): Promise<Told<string>> {
  const bar = createByteBar();
  const { send, signal } = session;
  try {
    const connection = { region: task.spec.region, endpointUrl: task.endpointUrl, signal };
    const parts = { send, connection, tell, progress: bar.show, epochMs };
    const { uri, bytes, outcome } = await uploadModel(parts, file, task.folder);
    return { outcome, detail: `${uri}, ${bytes} bytes`, value: uri };
  } finally {
    bar.end();
  }
}

async function deploy({ session, task }: Running, spec: EndpointSpec) {
  const resolved = await resolveSpec(session.send, spec);
  if ("problems" in resolved) return { problems: resolved.problems, value: false };
  const applied = await applyPlan(session, planDeployment(resolved.value), task.settings);
  if (applied.kind !== "done") return { problems: toFailureLines(applied), value: false };
  const [made, changed] = [applied.made.length, applied.changed.length];
  const outcome = made + changed === 0 ? "same" : "made";
  return { outcome, detail: `${spec.name} on ${applied.endpoint?.configName}`, value: true } as const;
}

async function verify({ session, task }: Running, spec: EndpointSpec, wasThere: boolean) {
  const { verify: wanted } = task.settings;
  if (wanted === null) return { outcome: "made", detail: "not asked for", value: true } as const;
  const differences = await verifyDeployed(session, spec, wanted);
  if (differences.length === 0) {
    return { outcome: "made", detail: "it answers as its artifact does", value: true } as const;
  }
  const advice = wasThere ? ["`stygig deploy rollback` goes back to the configuration before"] : [];
  return {
    problems: [...differences.map((each) => `another answer than the artifact's: ${each}`), ...advice],
    value: false,
  };
}

/**
 * Ctrl-C has ended the rest, and does not end this: what stays would be paid for by the hour. Throws nothing, for whatever
 * came before is what has to be told.
 */
async function finish(
  { session, task, report }: Running,
  { name, region }: EndpointSpec,
  keeps: boolean,
): Promise<void> {
  const again = `stygig deploy teardown --endpoint-name ${name} --region ${region}`;
  report.kept = keeps;
  if (keeps) return;
  try {
    await inStep(report, "take away", async () => {
      const { timeoutMs } = task.settings;
      const torn = await teardown(session.undoing, name, { timeoutMs, deletesLogs: false });
      report.torn = torn;
      if (torn.left.length === 0)
        return { outcome: "made", detail: `${torn.deleted.length} things deleted`, value: null };
      const left = torn.left.map(({ call, reason }) => `left: ${call.operation} ${toNames(call)}: ${reason}`);
      return { problems: [...left, `once more: ${again}`], value: null };
    });
  } catch (error) {
    tellProblems([`it may still be there: ${toFailureLine(error)}`, `once more: ${again}`], exitCodes.failed);
  }
}
