import type { EncoderSetting } from "./encoder-setting.js";

/** What an operator allows on a GPU. */
export type GpuLimits = Readonly<{
  /** Runs at once on each device, each in a session of its own. */
  jobs: number;
  /** How many GPUs there are for us; by default one. */
  devices?: number;
  /** Memory on each device for all of them together, in MiB; null is all there is. */
  vramMib: number | null;
}>;

export const usualGpuLimits: GpuLimits = { jobs: 1, vramMib: null };

/** What CUDA, cuBLAS and cuDNN take of a process before the first model is there. */
const runtimeMib = 512;
/** The arena grows by powers of two, so it may hold up to twice the weights. */
const bytesPerModelByte = 2;
/** What lies between the layers of a vision transformer for a batch of pictures, with cuDNN's own scratch space. */
const workspaceMib = 256;

/** A GPU takes as many sessions as there may be runs; threads matter only before and after. */
export function gpuSetting(threads: number | "auto", { jobs, devices = 1 }: GpuLimits): EncoderSetting {
  return { workers: jobs * devices, threads: threads === "auto" ? 1 : threads };
}

/** The GPU memory that so many sessions of a model take, in whole MiB. An estimate: no GPU has confirmed it. */
export function estimateVramMib(modelBytes: number, { workers }: EncoderSetting): number {
  return Math.ceil(runtimeMib + workers * ((modelBytes * bytesPerModelByte) / 2 ** 20 + workspaceMib));
}

/** Why the sessions cannot be opened within the operator's limit, in one line; null when they fit. */
export function excessOfVram(modelBytes: number, setting: EncoderSetting, { vramMib }: GpuLimits): string | null {
  const needed = estimateVramMib(modelBytes, setting);
  if (vramMib === null || needed <= vramMib) return null;
  const sessions = setting.workers === 1 ? "a session" : `${setting.workers} sessions`;
  return `${sessions} of it take about ${needed} MB of GPU memory, and GPU_VRAM_LIMIT is ${vramMib}`;
}
