import type { GpuDevice } from "../domain/gpu-stats.js";

/** One line a GPU; the name comes last, for it alone might hold a comma. Drivers older than 450 do not know MIG. */
export const gpuQuery: readonly string[] = [
  "--query-gpu=index,memory.total,memory.used,memory.free,utilization.gpu,mig.mode.current,name",
  "--format=csv,noheader,nounits",
];

/** The whole report: the only place where the driver tells what the slices of a partitioned GPU hold. */
export const migQuery: readonly string[] = ["-q", "-x"];

export type QueriedGpu = GpuDevice & Readonly<{ isPartitioned: boolean }>;

/** What `gpuQuery` was answered with, in order. @throws Error with one line when it is something else. */
export function parseGpuLines(text: string): readonly QueriedGpu[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0) throw new Error("nvidia-smi named no GPU");
  return lines.map(parseGpuLine);
}

function parseGpuLine(line: string): QueriedGpu {
  const [index = "", total, used, free, utilization, mig, ...name] = line.split(",").map((cell) => cell.trim());
  if (!/^\d+$/.test(index) || name.length === 0) throw new Error("nvidia-smi answered in an unknown format");
  const percent = toNumber(utilization);
  return {
    id: index,
    name: name.join(", "),
    totalMib: toNumber(total),
    usedMib: toNumber(used),
    freeMib: toNumber(free),
    utilization: percent === null ? null : percent / 100,
    isPartitioned: mig === "Enabled",
  };
}

/** The slices in what `migQuery` was answered with, named `GPU:SLICE`. @throws Error with one line when it is something else. */
export function parseMigDevices(xml: string): readonly GpuDevice[] {
  if (!xml.includes("<nvidia_smi_log>") || !xml.includes("</nvidia_smi_log>")) {
    throw new Error("nvidia-smi answered in an unknown format");
  }
  return elementsOf(xml, "gpu").flatMap((gpu, place) => {
    const [name = "GPU"] = elementsOf(gpu, "product_name");
    return elementsOf(gpu, "mig_device").map((slice) => toSlice(slice, name, place));
  });
}

function toSlice(slice: string, gpuName: string, place: number): GpuDevice {
  const [index] = elementsOf(slice, "index");
  const [memory] = elementsOf(slice, "fb_memory_usage");
  if (index === undefined || memory === undefined) throw new Error("nvidia-smi answered in an unknown format");
  const mib = (tag: string) => toNumber(elementsOf(memory, tag)[0]?.replace(/ MiB$/, ""));
  return {
    id: `${place}:${index}`,
    name: `${gpuName} MIG`,
    totalMib: mib("total"),
    usedMib: mib("used"),
    freeMib: mib("free"),
    // Not told of slices.
    utilization: null,
  };
}

/** What is inside each such element. The report is the driver's own, and nests none of those asked for in itself. */
function elementsOf(xml: string, tag: string): readonly string[] {
  return [...xml.matchAll(new RegExp(`<${tag}(?: [^>]*)?>([\\s\\S]*?)</${tag}>`, "g"))].map(([, inside]) =>
    inside!.trim(),
  );
}

/** The driver's ways to say nothing: `N/A`, `[N/A]`, `[Not Supported]`, `[Insufficient Permissions]` and more. */
function toNumber(text = ""): number | null {
  if (/^\d+$/.test(text)) return Number(text);
  if (text === "N/A" || /^\[[A-Za-z/ ]+\]$/.test(text)) return null;
  throw new Error("nvidia-smi answered in an unknown format");
}
