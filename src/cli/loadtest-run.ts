import { InvokeError } from "../../client/invoke-error.js";
import type { Sender } from "../../client/sender.js";
import type { Waiting } from "../../client/waiting.js";
import type { Arrivals } from "../../deploy/load/arrivals.js";
import { createAsk } from "../../deploy/load/ask-service.js";
import { type Capacity, findCapacity } from "../../deploy/load/find-capacity.js";
import type { Burden } from "../../deploy/load/knee.js";
import { type LoadReport, toReport } from "../../deploy/load/report.js";
import { createRequests } from "../../deploy/load/requests.js";
import { type LoadBounds, type LoadParts, type LoadRun, runLoad } from "../../deploy/load/run-load.js";
import { epochMs } from "../serving/clock.js";
import type { LoadtestPlan } from "./loadtest-flags.js";
import type { LoadPictures } from "./loadtest-pictures.js";
import { showProgress } from "./loadtest-progress.js";
import { tell } from "./output.js";
import { toTargetName } from "./service-target.js";

type RunParts = Readonly<{
  sender: Sender;
  signal: AbortSignal;
  waiting: Waiting;
  pictures: LoadPictures;
  areDistinct: boolean;
  version: string;
}>;

/** Runs the plan with its progress on stderr. @throws Error for bugs alone: what the service does is in the report */
export async function runLoadtestPlan(
  plan: LoadtestPlan,
  parts: RunParts,
): Promise<Readonly<{ report: LoadReport; capacity: Capacity | null }>> {
  const { sender, signal, waiting, pictures, areDistinct, version } = parts;
  const options = plan.topK === null ? {} : { top_k: plan.topK };
  const next = createRequests({ pictures: pictures.pictures, options, areDistinct, random: waiting.random });
  const ask = endAtHopeless(createAsk(sender, next));
  const startedAt = new Date(epochMs()).toISOString();
  const [cpu, startedMs] = [process.cpuUsage(), waiting.now()];
  const run = async (arrivals: Arrivals, bounds: LoadBounds): Promise<LoadRun> => {
    let end = () => {};
    try {
      const onStart = (recorder: LoadRun["recorder"]) => {
        end = showProgress(recorder, arrivals, waiting);
      };
      return await runLoad(arrivals, bounds, { ask, waiting, signal, onStart });
    } finally {
      end();
    }
  };
  const { arrivals, bounds, spacing, thresholds } = plan;
  const mostP99Ms = thresholds.maxP99Ms;
  const capacity = arrivals === null ? await findCapacity({ run, spacing, bounds, mostP99Ms, onStep: tellStep }) : null;
  const main = arrivals === null ? toJudged(capacity!) : await run(arrivals, bounds);
  const { user, system } = process.cpuUsage(cpu);
  const report = toReport(main, capacity, thresholds, {
    ...{ target: toTargetName(plan.target), startedAt, version, pictures: pictures.described },
    ownCpuShare: (user + system) / 1000 / Math.max(1, waiting.now() - startedMs),
  });
  return { report, capacity };
}

/** What no amount of asking will change. */
const hopelessCodes: ReadonlySet<string> = new Set([
  "identity_missing",
  "identity_refused",
  "platform_refused",
  "answer_malformed",
]);

/** Ends the run at the first answer of all where that says that there will be none: its figures would mean nothing. */
function endAtHopeless(ask: LoadParts["ask"]): LoadParts["ask"] {
  let wasAnswered = false;
  return async (signal) => {
    try {
      const answer = await ask(signal);
      wasAnswered = true;
      return answer;
    } catch (error) {
      if (!(error instanceof InvokeError) || wasAnswered || !hopelessCodes.has(error.code)) throw error;
      throw new Error(`${error.code}: ${error.message}`, { cause: error });
    }
  };
}

/** The hold where there was one, otherwise the last that was tried. */
function toJudged({ held, steps, idle }: Capacity): LoadRun {
  return held ?? steps.at(-1)?.run ?? idle;
}

function tellStep({ offeredPerSecond, goodShare, latencyMs }: Burden, isBorne: boolean): void {
  const latency = latencyMs === null ? "no answers" : `${latencyMs.toFixed(1)} ms`;
  const outcome = isBorne ? "borne" : "not borne";
  tell(`${offeredPerSecond.toFixed(1)} a second: ${outcome}, ${latency}, ${(100 * goodShare).toFixed(1)} % good`);
}
