/** MiB that Fargate gives to each number of CPU units (1024 are a vCPU): from, to, and in which steps. */
const memoryMibByCpu: Readonly<Record<number, readonly [from: number, to: number, step: number]>> = {
  256: [512, 2048, 512],
  512: [1024, 4096, 1024],
  1024: [2048, 8192, 1024],
  2048: [4096, 16_384, 1024],
  4096: [8192, 30_720, 1024],
  8192: [16_384, 61_440, 4096],
  16384: [32_768, 122_880, 8192],
};

/** Why Fargate has no such task, or null where it has. Source: the ECS developer guide's table of task sizes. */
export function fargateProblem(cpu: number, memoryMib: number): string | null {
  const range = memoryMibByCpu[cpu];
  if (range === undefined) {
    return `--cpu: Fargate has ${Object.keys(memoryMibByCpu).join(", ")} CPU units (1024 are a vCPU), not ${cpu}`;
  }
  const [from, to, step] = range;
  // The smallest size alone has 512 MiB, and no 1,536.
  const isStep = (memoryMib - from) % step === 0 && !(cpu === 256 && memoryMib === 1536);
  if (memoryMib >= from && memoryMib <= to && isStep) return null;
  const steps = cpu === 256 ? "512, 1024 or 2048" : `${from} to ${to} in steps of ${step}`;
  return `--memory-mib: with ${cpu} CPU units Fargate has ${steps} MiB, not ${memoryMib}`;
}
