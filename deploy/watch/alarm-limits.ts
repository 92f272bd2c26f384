/** Where an endpoint's alarms begin. Percents are of one CPU, one GPU, the memory and the disk. */
export type AlarmLimits = Readonly<{
  errorPercent: number;
  p99Ms: number;
  overheadMs: number;
  memoryPercent: number;
  cpuPercent: number;
  gpuPercent: number;
  gpuMemoryPercent: number;
  diskPercent: number;
  /** How old an async request may get before it is answered, its own work included. */
  oldestRequestSeconds: number;
  /** How many async requests may wait for each instance. */
  backlogPerInstance: number;
}>;

/**
 * V4's texts have 300 ms on a GPU, 600 ms on CPUs, below 1 % of errors, below 80 % of CPU, memory below 90 %; 75 % of disk
 * is where SageMaker's data capture wants to stay. A serverless endpoint's overhead includes its cold starts. The
 * others are ours: half a second added by the platform, a GPU at 95 % with no room left, a quarter of an hour of
 * waiting, a hundred waiting requests an instance.
 */
export function usualLimits({ gpus, isServerless }: Readonly<{ gpus: number; isServerless: boolean }>): AlarmLimits {
  return {
    errorPercent: 1,
    p99Ms: gpus > 0 ? 300 : 600,
    overheadMs: isServerless ? 10_000 : 500,
    memoryPercent: 90,
    cpuPercent: 80,
    gpuPercent: 95,
    gpuMemoryPercent: 90,
    diskPercent: 75,
    oldestRequestSeconds: 900,
    backlogPerInstance: 100,
  };
}
