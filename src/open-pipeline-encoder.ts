import { type Ladder, type LadderOptions, openLadder, type TriedRung } from "./adapters/onnx-encoder-ladder.js";
import type { Encoded, OpenRung } from "./adapters/onnx-encoder-rung.js";
import type { WorkerLost } from "./adapters/worker-pool.js";
import type { ModelInput } from "./domain/clip-input.js";
import { toModelName } from "./domain/encoder-model.js";
import { batchCeiling, leastFreeMib } from "./domain/gpu-batch.js";
import type { ReadGpuStats } from "./domain/gpu-stats.js";
import { toRungName } from "./domain/provider-ladder.js";
import type { EncoderState } from "./pipeline.js";
import {
  type Attempt,
  createFailover,
  type Failover,
  type FailoverEvent,
  type FailoverOptions,
} from "./serving/failover.js";

/** A device error and what came of it; `next` is the rung that serves instead, `outcome` "recovered" a fresh session. */
export type DeviceFailure = Readonly<{
  outcome: "recovered" | FailoverEvent<never>["kind"];
  rung: string;
  next: string | null;
  reason: string;
}>;

export type ServingEncoderOptions = LadderOptions &
  Readonly<{
    policy: FailoverOptions<never>["policy"];
    reportFailure: (failure: DeviceFailure) => void;
    /** Asked for the free memory of GPUs; without it runs there are as large as may be. */
    readGpuStats?: ReadGpuStats;
  }>;

/** The encoder of a server: what its rung fails is done on the next one. */
export type ServingEncoder = Readonly<{
  /** What came of each, in order. @throws ServiceError as `Failover.run` and the rung in use, for all of them */
  encodeAll: (inputs: readonly ModelInput[]) => Promise<readonly Encoded[]>;
  state: () => EncoderState;
  /** Sessions ready for work; fewer while some restart. */
  alive: () => number;
  /** No rung is left: nothing can be encoded any more. False while sessions restart or another rung is opened. */
  isGone: () => boolean;
  /** Of the rung in use: how many batches can run side by side. */
  workers: () => number;
  /** Of the rung in use: false when each picture runs alone, so that a batch gains nothing. */
  sharesRuns: () => boolean;
  /** Of the rung in use: pictures that fit in one run, by the GPU's free memory as it was opened. */
  batchCeiling: () => number;
  /** Names everything that decides an embedding, for the rung in use. */
  digest: () => string;
  tried: () => readonly TriedRung[];
  close: () => Promise<void>;
}>;

/** Opens an encoder folder for serving. @throws Error as `openLadder` */
export async function openServingEncoder(options: ServingEncoderOptions): Promise<ServingEncoder> {
  const { policy, reportFailure } = options;
  let whenLost = (_lost: WorkerLost): void => {};
  const report = (lost: WorkerLost) => {
    options.report?.(lost);
    whenLost(lost);
  };
  const ladder = await openLadder({ ...options, report });
  let last = ladder.first;
  let ceiling = await ceilingOf(last, options);
  let hasFailed = false;
  const failover = createFailover<OpenRung>({
    first: ladder.first,
    openNext: ladder.openNext,
    close: (rung) => rung.close(),
    policy,
    report: (event) => {
      hasFailed ||= event.kind !== "kept";
      if (event.kind === "moved") {
        last = event.to;
        void ceilingOf(event.to, options).then((next) => {
          ceiling = next;
        });
      }
      reportFailure(toFailure(event));
    },
  });
  whenLost = ({ reason }) => void leaveExhausted(failover, reason);
  return {
    encodeAll: (inputs) => encodeAll(failover, inputs, reportFailure),
    state: () => ({ ...toState(ladder, last), degraded: hasFailed || ladder.isDegraded() }),
    alive: () => failover.current()?.alive() ?? 0,
    isGone: () => failover.current() === null,
    workers: () => last.setting.workers,
    sharesRuns: () => last.proof.sharesRuns,
    batchCeiling: () => ceiling,
    digest: () => last.digest,
    tried: ladder.tried,
    close: failover.close,
  };
}

/** On the CPU, and where nobody knows what is free, any: a run that does not fit is halved. */
async function ceilingOf(
  { rung, side }: OpenRung,
  { readGpuStats, gpu }: Pick<ServingEncoderOptions, "readGpuStats" | "gpu">,
): Promise<number> {
  if (rung.provider === "cpu" || readGpuStats === undefined) return Number.POSITIVE_INFINITY;
  const freeMib = leastFreeMib(await readGpuStats(), gpu?.vramMib ?? null);
  return freeMib === null ? Number.POSITIVE_INFINITY : batchCeiling(freeMib, side);
}

/** A rung that has lost its last worker is left at once: waiting for a caller to find out would cost that caller time. */
async function leaveExhausted(failover: Failover<OpenRung>, reason: string): Promise<void> {
  const look = async (rung: OpenRung): Promise<Attempt<null>> =>
    rung.isExhausted() ? { kind: "failed", reason, sound: false } : { kind: "done", result: null };
  // What it throws, no rung or a closed encoder, has been reported or was asked for.
  await failover.run(look).catch(() => {});
}

/** Which pictures may share a run is for the rung to say: there an embedding must not depend on its neighbors. */
function encodeAll(
  failover: Failover<OpenRung>,
  inputs: readonly ModelInput[],
  reportFailure: ServingEncoderOptions["reportFailure"],
): Promise<readonly Encoded[]> {
  return failover.run(async (rung) => {
    const outcome = await rung.encode(inputs);
    if (outcome.kind === "rung_failed") return { ...outcome, kind: "failed" };
    const { recoveredFrom: reason } = outcome;
    if (reason !== null) reportFailure({ outcome: "recovered", rung: toRungName(rung.rung), next: null, reason });
    return { kind: "done", result: outcome.embeddings };
  });
}

function toFailure(event: FailoverEvent<OpenRung>): DeviceFailure {
  const { kind, reason } = event;
  const failed = kind === "moved" ? event.from : event.rung;
  const next = kind === "moved" ? toRungName(event.to.rung) : null;
  return { outcome: kind, rung: toRungName(failed.rung), next, reason };
}

function toState(ladder: Ladder, { rung, setting, digest }: OpenRung): Omit<EncoderState, "degraded"> {
  const { goal, measured, note } = ladder.setting;
  return {
    provider: rung.provider,
    precision: toModelName(rung.model),
    digest,
    ...setting,
    rungs: ladder.tried(),
    setting: { goal, measured, note },
  };
}
