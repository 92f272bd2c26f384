import { orAbsent, toFailureKind } from "./aws-failure.js";
import type { CatalogJobPlan } from "./calls-catalog-job.js";
import type { PlannedCall } from "./planned-call.js";
import type { WaitParts } from "./wait-endpoint.js";

export type CatalogJobOutcome =
  | Readonly<{ kind: "done"; modelUri: string }>
  | Readonly<{ kind: "failed"; job: string; reason: string }>;

const pauseMs = 30_000;

/**
 * Runs both jobs, the second once the first is done. A job of this name that is there already is waited for, or counts as
 * done; whoever ends the waiting ends no job.
 * @throws the service's error
 */
export async function runCatalogJob(parts: WaitParts, plan: CatalogJobPlan): Promise<CatalogJobOutcome> {
  for (const call of [plan.see, plan.build]) {
    const name = String(call.input.ProcessingJobName);
    await startOnce(parts, call, name);
    const reason = await waitForJob(parts, name);
    if (reason !== null) return { kind: "failed", job: name, reason };
  }
  return { kind: "done", modelUri: plan.modelUri };
}

async function startOnce({ send, tell }: WaitParts, call: PlannedCall, name: string): Promise<void> {
  if ((await describe(send, name)) !== null) return tell(`there already: ${name}`);
  try {
    await send(call);
    tell(`done: ${call.operation} ${name}`);
  } catch (error) {
    // Somebody else has started it in the same moment.
    if (toFailureKind(error) !== "in-use" && toFailureKind(error) !== "existing") throw error;
  }
}

/** Null when the job is done, else why it is not. */
async function waitForJob({ send, sleep, tell }: WaitParts, name: string): Promise<string | null> {
  for (let shown = ""; ; await sleep(pauseMs)) {
    const job = await describe(send, name);
    const status = String(job?.ProcessingJobStatus ?? "not there");
    if (status !== shown) tell(`${name} is ${status}`);
    shown = status;
    if (status === "Completed") return null;
    if (status === "Failed" || status === "Stopped") {
      return String(job?.FailureReason ?? job?.ExitMessage ?? `the job ${status.toLowerCase()}`).replace(
        /\s*\n\s*/g,
        " ",
      );
    }
  }
}

function describe(send: WaitParts["send"], name: string) {
  const input = { ProcessingJobName: name };
  return orAbsent(send({ service: "sagemaker", operation: "DescribeProcessingJob", input }));
}
