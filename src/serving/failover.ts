import { ServiceError } from "../domain/errors.js";

/** What came of one piece of work on one rung. `sound`: the rung itself has passed its test since, and failed again. */
export type Attempt<Result> =
  | Readonly<{ kind: "done"; result: Result }>
  | Readonly<{ kind: "failed"; reason: string; sound: boolean }>;

/** `moved`: another rung serves now. `kept`: there is none, but this one is sound. `gone`: nothing serves any more. */
export type FailoverEvent<Rung> =
  | Readonly<{ kind: "moved"; from: Rung; to: Rung; reason: string }>
  | Readonly<{ kind: "kept" | "gone"; rung: Rung; reason: string }>;

export type FailoverOptions<Rung> = Readonly<{
  first: Rung;
  /** The next rung that opens, or null when there is none left. */
  openNext: () => Promise<Rung | null>;
  close: (rung: Rung) => Promise<void>;
  /** With "exit" the first failure of a rung leaves nothing: whoever hears of it ends the process. */
  policy: "next" | "exit";
  report: (event: FailoverEvent<Rung>) => void;
}>;

/** Work that goes on over the failure of what it runs on. */
export type Failover<Rung> = Readonly<{
  /**
   * Work that a rung failed is done again on the next one; work that fails on two sound rungs is itself at fault.
   * @throws ServiceError `not_ready` when no rung is left, `shutting_down` after close, `encoder_failed` for work at
   *   fault; whatever the work throws; the signal's reason.
   */
  run: <Result>(work: (rung: Rung) => Promise<Attempt<Result>>, signal?: AbortSignal) => Promise<Result>;
  /** The rung in use; null when none is left. */
  current: () => Rung | null;
  /** Lets running work finish, a change of rungs included. Idempotent. */
  close: () => Promise<void>;
}>;

type State<Rung> = {
  current: Rung | null;
  /** While another rung is being opened; work waits for it. */
  moving: Promise<void> | null;
  isClosed: boolean;
  readonly closing: Set<Promise<void>>;
};

export function createFailover<Rung>(options: FailoverOptions<Rung>): Failover<Rung> {
  const state: State<Rung> = { current: options.first, moving: null, isClosed: false, closing: new Set() };
  let closed: Promise<void> | null = null;
  return {
    run: (work, signal) => run(state, options, work, signal),
    current: () => state.current,
    close: () => {
      closed ??= closeAll(state, options);
      return closed;
    },
  };
}

async function run<Rung, Result>(
  state: State<Rung>,
  options: FailoverOptions<Rung>,
  work: (rung: Rung) => Promise<Attempt<Result>>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  let failedOnSound: Rung | null = null;
  for (;;) {
    await state.moving;
    signal?.throwIfAborted();
    if (state.isClosed) throw new ServiceError("shutting_down");
    const rung = state.current;
    if (rung === null) throw new ServiceError("not_ready", {}, new Error("no rung of the encoder is left"));
    const attempt = await work(rung);
    if (attempt.kind === "done") return attempt.result;
    if (attempt.sound && failedOnSound !== null && failedOnSound !== rung) throw atFault(attempt.reason);
    if (attempt.sound) failedOnSound = rung;
    // Somebody else's failure may have ended this rung already, or be about to.
    if (state.current === rung && state.moving === null && !state.isClosed) {
      state.moving = move(state, options, rung, attempt).finally(() => {
        state.moving = null;
      });
      await state.moving;
    } else await state.moving;
    if (state.current === rung && attempt.sound) throw atFault(attempt.reason);
  }
}

/** Puts the next rung in the place of one that failed. New work waits meanwhile. */
async function move<Rung>(
  state: State<Rung>,
  { openNext, close, policy, report }: FailoverOptions<Rung>,
  from: Rung,
  { reason, sound }: Readonly<{ reason: string; sound: boolean }>,
): Promise<void> {
  const { to, why } = policy === "exit" ? { to: null, why: reason } : await tryNext(openNext, reason);
  if (to === null && sound && policy === "next") return report({ kind: "kept", rung: from, reason: why });
  state.current = to;
  const ending = close(from).finally(() => state.closing.delete(ending));
  state.closing.add(ending);
  report(to === null ? { kind: "gone", rung: from, reason: why } : { kind: "moved", from, to, reason });
}

/** A rung that cannot even be tried is none; whoever hears of it hears why. */
async function tryNext<Rung>(
  openNext: () => Promise<Rung | null>,
  reason: string,
): Promise<Readonly<{ to: Rung | null; why: string }>> {
  try {
    return { to: await openNext(), why: reason };
  } catch (error) {
    return { to: null, why: `${reason}; the next rung: ${error instanceof Error ? error.message : String(error)}` };
  }
}

async function closeAll<Rung>(state: State<Rung>, { close }: FailoverOptions<Rung>): Promise<void> {
  state.isClosed = true;
  // Whoever asked for the move hears of its failure; what is open must be closed in any case.
  await Promise.allSettled([state.moving]);
  if (state.current !== null) await close(state.current);
  await Promise.all(state.closing);
}

function atFault(reason: string): ServiceError {
  return new ServiceError("encoder_failed", { reason: "device error" }, new Error(reason));
}
