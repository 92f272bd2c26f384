import type { RequestHandler } from "express";
import { type GpuDevice, type GpuMemory, type ReadGpuStats, sumGpuMemory, toGpuMemory } from "../domain/gpu-stats.js";
import { sendJson } from "./send.js";

/** `GET /gpu/stats`: the memory of all GPUs together and of each, in MiB; on a machine without any, zeros. */
export function createGpuStats({ readGpuStats }: Readonly<{ readGpuStats: ReadGpuStats }>): RequestHandler {
  return async (_request, response) => {
    const stats = await readGpuStats();
    sendJson(response, 200, {
      available: stats.available,
      reason: stats.available ? null : stats.reason,
      ...toMemoryFields(sumGpuMemory(stats)),
      devices: stats.available ? stats.devices.map(toDeviceFields) : [],
    });
  };
}

/** As GPU services before this one call them; their MB were 8192 for 8 GiB, too. */
function toMemoryFields({ allocatedMib, reservedMib, totalMib }: GpuMemory) {
  return { vram_allocated: allocatedMib, vram_reserved: reservedMib, vram_total: totalMib };
}

function toDeviceFields(device: GpuDevice) {
  const { id, name, utilization } = device;
  return { id, name, ...toMemoryFields(toGpuMemory(device)), utilization };
}
