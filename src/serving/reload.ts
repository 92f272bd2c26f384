import type { Now } from "./clock.js";
import type { Gate } from "./gate.js";
import type { Generations } from "./generation.js";

/**
 * What came of asking for a new generation. `kept`: it could not be opened, and the one before serves on.
 * `busy`: another reload is under way. `not_ready`: the first generation is still loading. `stopping`: too late.
 */
export type ReloadOutcome =
  | Readonly<{ kind: "reloaded"; from: string; to: string; milliseconds: number }>
  | Readonly<{ kind: "kept"; digest: string; reason: string }>
  | Readonly<{ kind: "busy" | "not_ready" | "stopping" }>;

/** One reload at a time. None of these ever throws. */
export type Reload = Readonly<{
  /** `busy` while another one is under way. */
  now: () => Promise<ReloadOutcome>;
  /** After the one under way, if any: what it has read may be older than this wish. Wishes that wait are one. */
  soon: () => Promise<ReloadOutcome>;
  /** Resolves when none is under way. */
  settled: () => Promise<void>;
}>;

export type ReloadParts<Service> = Readonly<{
  gate: Pick<Gate, "state">;
  generations: Pick<Generations<Service>, "current" | "replace">;
  /** Opens, proves and warms up what lies there now. @throws Error whose message says why it cannot serve */
  open: (serving: Service) => Promise<Service>;
  digestOf: (service: Service) => string;
  now: Now;
  /** Told of each reload that was begun. */
  report: (outcome: ReloadOutcome & { kind: "reloaded" | "kept" }) => void;
}>;

/** Opens a new generation beside the one in use, and puts it in its place only when it is fit to serve. */
export function createReload<Service>({ gate, ...parts }: ReloadParts<Service>): Reload {
  let running: Promise<ReloadOutcome> | null = null;
  let waiting: Promise<ReloadOutcome> | null = null;

  function start(): Promise<ReloadOutcome> {
    const serving = parts.generations.current();
    if (gate.state() === "stopping") return Promise.resolve({ kind: "stopping" });
    if (serving === null) return Promise.resolve({ kind: "not_ready" });
    running = replaceBy(parts, serving).finally(() => {
      running = null;
    });
    return running;
  }

  return {
    now: () => (running === null ? start() : Promise.resolve({ kind: "busy" })),
    soon: () => {
      if (running === null) return start();
      waiting ??= running.then(() => {
        waiting = null;
        return start();
      });
      return waiting;
    },
    settled: async () => {
      while (running !== null) await running;
    },
  };
}

async function replaceBy<Service>(
  { generations, open, digestOf, now, report }: Omit<ReloadParts<Service>, "gate">,
  serving: Service,
): Promise<ReloadOutcome> {
  const startedAt = now();
  const outcome = await open(serving).then(
    (next) => {
      generations.replace(next);
      return {
        kind: "reloaded" as const,
        from: digestOf(serving),
        to: digestOf(next),
        milliseconds: now() - startedAt,
      };
    },
    (error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      return { kind: "kept" as const, digest: digestOf(serving), reason: reason.replace(/\s*\n\s*/g, " ") };
    },
  );
  report(outcome);
  return outcome;
}
