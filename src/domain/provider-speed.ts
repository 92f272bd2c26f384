/** Times of one picture through the same model file, in ms, each the median of several. */
export type ProviderTimes = Readonly<{ gpuMs: number; cpuMs: number }>;

/**
 * Two runs of one file on one CPU differ by less than this even on a busy machine, and a GPU that gains less is not
 * worth its price: with nobody to ask which provider ran, the clock has to say.
 */
const maxShareOfCpu = 0.7;

/** Why a session that should be on the GPU is taken for one on the CPU; null when it is clearly faster. */
export function doubtOfSpeed({ gpuMs, cpuMs }: ProviderTimes): string | null {
  // Written so that a time that is no number counts as a doubt.
  if (gpuMs <= cpuMs * maxShareOfCpu) return null;
  return `it probably ran on the CPU: ${shownMs(gpuMs)} against ${shownMs(cpuMs)} there`;
}

function shownMs(milliseconds: number): string {
  return `${milliseconds >= 10 ? Math.round(milliseconds) : milliseconds.toPrecision(2)} ms`;
}
