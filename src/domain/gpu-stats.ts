/**
 * One GPU, or one slice of a partitioned one (MIG). Sizes are in MiB and `utilization` is in [0, 1]; null is what the
 * driver keeps to itself, as it does for much of a partitioned GPU.
 */
export type GpuDevice = Readonly<{
  id: string;
  name: string;
  totalMib: number | null;
  usedMib: number | null;
  freeMib: number | null;
  utilization: number | null;
}>;

/**
 * What the GPUs are doing, or why nobody can tell. `isAbsent`: there are none, so they have no memory either; otherwise
 * there may well be some, and nothing is known of them.
 */
export type GpuStats =
  | Readonly<{ available: true; devices: readonly GpuDevice[] }>
  | Readonly<{ available: false; isAbsent: boolean; reason: string }>;

/** The GPUs as they are now. Never throws. */
export type ReadGpuStats = () => Promise<GpuStats>;

/** Memory in MiB: in use; out of reach for anybody else, the driver's own share included; all there is. */
export type GpuMemory = Readonly<{ allocatedMib: number | null; reservedMib: number | null; totalMib: number | null }>;

/** Of one device. 0 <= allocated <= reserved <= total, where the driver tells. */
export function toGpuMemory({ totalMib, usedMib, freeMib }: GpuDevice): GpuMemory {
  return {
    allocatedMib: usedMib,
    reservedMib: totalMib === null || freeMib === null ? null : totalMib - freeMib,
    totalMib,
  };
}

/** Of all devices together: a sum with an unknown part is unknown, that of no device is 0. */
export function sumGpuMemory(stats: GpuStats): GpuMemory {
  if (!stats.available && !stats.isAbsent) return { allocatedMib: null, reservedMib: null, totalMib: null };
  const each = stats.available ? stats.devices.map(toGpuMemory) : [];
  return {
    allocatedMib: sum(each.map(({ allocatedMib }) => allocatedMib)),
    reservedMib: sum(each.map(({ reservedMib }) => reservedMib)),
    totalMib: sum(each.map(({ totalMib }) => totalMib)),
  };
}

function sum(values: readonly (number | null)[]): number | null {
  return values.reduce((total, value) => (total === null || value === null ? null : total + value), 0);
}
