import { cpus } from "node:os";

/** Tells how much of the machine's time other processes had while something was measured. */
export type OthersWatch = Readonly<{
  /** Runs what says in the end how much processor time it took itself. */
  during: <Result extends Readonly<{ cpuMs: number }>>(run: () => Promise<Result>) => Promise<Result>;
  /** In [0, 1] of all cores; null while nothing has run. */
  share: () => number | null;
}>;

/** `busyMs` is the time that all cores together have been at work since some moment. */
export function watchOthers(busyMs: () => number = machineBusyMs, cores: number = cpus().length): OthersWatch {
  let othersMs = 0;
  let wholeMs = 0;
  return {
    during: async (run) => {
      const [busyBefore, start] = [busyMs(), performance.now()];
      const result = await run();
      othersMs += Math.max(0, busyMs() - busyBefore - result.cpuMs);
      wholeMs += (performance.now() - start) * cores;
      return result;
    },
    share: () => (wholeMs === 0 ? null : Math.min(1, Math.round((1000 * othersMs) / wholeMs) / 1000)),
  };
}

function machineBusyMs(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}
