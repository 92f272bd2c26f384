import { readFile } from "node:fs/promises";

/**
 * The version of the NVIDIA driver in the kernel, such as `535.104.05`; null where there is none. Containers see the
 * host's: the file comes with the kernel module.
 */
export async function readNvidiaDriver(file = "/proc/driver/nvidia/version"): Promise<string | null> {
  const text = await readFile(file, "utf8").catch(() => "");
  // "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug ..." and, of the open module,
  // "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.15  Release Build  (...)".
  return /^NVRM version:.*?Kernel Module.*?\s(\d+(?:\.\d+)+)\s/m.exec(text)?.[1] ?? null;
}
