import { readFile } from "node:fs/promises";

/** Instructions that add products of bytes without saturating. */
const exactFlags = ["avx512_vnni", "avx_vnni", "avx_vnni_int8", "amx_int8"];

/**
 * Whether sums of 8-bit products are exact here. On arm64 they are; on x64 with VNNI alone, and only Linux tells:
 * where it cannot be read, the answer is no.
 */
export async function sumsBytesExactly(architecture: string = process.arch, file = "/proc/cpuinfo"): Promise<boolean> {
  if (architecture !== "x64") return true;
  const text = await readFile(file, "utf8").catch(() => "");
  // Cores of one machine may differ, and a thread may run on any of them.
  const flagLines = text.split("\n").filter((line) => /^flags\s*:/.test(line));
  return flagLines.length > 0 && flagLines.every((line) => exactFlags.some((flag) => line.split(/\s+/).includes(flag)));
}
