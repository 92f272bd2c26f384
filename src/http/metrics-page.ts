import type { RequestHandler } from "express";
import { type GpuDevice, type GpuStats, type ReadGpuStats, toGpuMemory } from "../domain/gpu-stats.js";
import type { Metrics } from "../serving/metrics.js";
import { send } from "./send.js";

const bytesPerMib = 2 ** 20;

/** `GET /metrics`: everything measured so far, and the GPUs as they are now. */
export function createMetricsPage(parts: Readonly<{ metrics: Metrics; readGpuStats: ReadGpuStats }>): RequestHandler {
  return async (_request, response) => {
    showGpus(parts.metrics, await parts.readGpuStats());
    const { contentType, text } = await parts.metrics.page();
    send(response, 200, contentType, text);
  };
}

/** What the driver does not tell has no series. */
function showGpus(metrics: Metrics, stats: GpuStats): void {
  const devices = stats.available ? stats.devices : [];
  metrics.replace("stygig_gpu_memory_bytes", devices.flatMap(toMemorySeries));
  metrics.replace(
    "stygig_gpu_utilization_ratio",
    devices.flatMap(({ id, utilization }) => (utilization === null ? [] : [[{ device: id }, utilization] as const])),
  );
}

function toMemorySeries(device: GpuDevice) {
  const { allocatedMib, reservedMib, totalMib } = toGpuMemory(device);
  return Object.entries({ allocated: allocatedMib, reserved: reservedMib, total: totalMib }).flatMap(([kind, mib]) =>
    mib === null ? [] : [[{ device: device.id, kind }, mib * bytesPerMib] as const],
  );
}
