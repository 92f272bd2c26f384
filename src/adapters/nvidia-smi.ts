import { type ExecFileException, execFile } from "node:child_process";
import type { GpuStats, ReadGpuStats } from "../domain/gpu-stats.js";
import type { Now } from "../serving/clock.js";
import { gpuQuery, migQuery, parseGpuLines, parseMigDevices } from "./nvidia-smi-output.js";

export type NvidiaSmiOptions = Readonly<{
  now: Now;
  command?: string;
  /** How long one run may take. */
  timeoutMs?: number;
  /** How long whoever asks waits for a run; after that what is known from before has to do. Without it, to its end. */
  waitMs?: number;
  /** How long an answer serves whoever asks next. */
  keepMs?: number;
}>;

/** A run takes a tenth of a second, a few where the driver has to wake up; one that takes longer hangs on the device. */
const usualTimeoutMs = 3000;
/** A driver that is broken is still so in a moment, and every look at it costs a process. */
const keepFailureMs = 60_000;
/** Of the whole report of eight GPUs, most of it lists of clock rates. */
const maxOutputBytes = 8 * 1024 * 1024;

const notYet: GpuStats = { available: false, isAbsent: false, reason: "nvidia-smi has not answered yet" };

/**
 * Reads the GPUs through the driver's own tool. However many ask, one run is under way at most, and no new one begins
 * while one that cannot be killed is still there: asking often cannot fill the machine with processes. Where the tool is
 * found to be missing it is not looked for again.
 */
export function createNvidiaSmi(options: NvidiaSmiOptions): ReadGpuStats {
  const { now, command = "nvidia-smi", timeoutMs = usualTimeoutMs, waitMs, keepMs = 1000 } = options;
  const runner = createRunner(command, timeoutMs);
  let running: Promise<GpuStats> | null = null;
  let last: Readonly<{ stats: GpuStats; until: number }> | null = null;
  return () => {
    if (last !== null && now() < last.until) return Promise.resolve(last.stats);
    running ??= readStats(runner).then((stats) => {
      last = { stats, until: now() + toKeepMs(stats, keepMs) };
      running = null;
      return stats;
    });
    return waitMs === undefined ? running : orInstead(running, waitMs, last?.stats ?? notYet);
  };
}

function toKeepMs(stats: GpuStats, keepMs: number): number {
  if (stats.available) return keepMs;
  return stats.isAbsent ? Number.POSITIVE_INFINITY : Math.max(keepMs, keepFailureMs);
}

function orInstead<T>(work: Promise<T>, waitMs: number, instead: T): Promise<T> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(resolve, waitMs, instead);
    work.then(resolve, reject).finally(() => clearTimeout(limit));
  });
}

async function readStats(run: Run): Promise<GpuStats> {
  try {
    const gpus = parseGpuLines(await run(gpuQuery));
    const whole = gpus.filter(({ isPartitioned }) => !isPartitioned).map(({ isPartitioned: _, ...gpu }) => gpu);
    const slices = whole.length === gpus.length ? [] : parseMigDevices(await run(migQuery));
    return { available: true, devices: [...whole, ...slices] };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { available: false, isAbsent: error.message === missing, reason: error.message };
  }
}

type Run = (parameters: readonly string[]) => Promise<string>;

const missing = "nvidia-smi is not installed";

/** What a run prints. @throws Error with one line; what the tool itself said is left out, for it names devices and paths. */
function createRunner(command: string, timeoutMs: number): Run {
  let isHanging = false;
  return (parameters) =>
    new Promise((resolve, reject) => {
      if (isHanging) return reject(new Error("an earlier nvidia-smi still hangs"));
      const child = execFile(command, parameters, { maxBuffer: maxOutputBytes }, (error, stdout) => {
        clearTimeout(limit);
        if (error === null) resolve(stdout);
        else reject(new Error(reasonOf(error)));
      });
      child.once("exit", () => {
        isHanging = false;
      });
      const limit = setTimeout(() => {
        isHanging = child.exitCode === null && child.signalCode === null;
        // What waits inside the driver dies when that lets go of it; nobody waits here for so long.
        child.kill("SIGKILL");
        child.stdout?.destroy();
        child.stderr?.destroy();
        child.unref();
        reject(new Error(`nvidia-smi did not answer within ${timeoutMs} ms`));
      }, timeoutMs);
    });
}

function reasonOf({ code }: ExecFileException): string {
  if (code === "ENOENT") return missing;
  if (code === "EACCES") return "nvidia-smi may not be run";
  if (code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") return "nvidia-smi answered without an end";
  return typeof code === "number" ? `nvidia-smi failed with exit code ${code}` : "nvidia-smi was cut off";
}
