import type { DoctorSpec } from "./doctor-spec.js";
import { type Check, failed, ok, unknown, type Verdict, warning } from "./finding.js";

/** What is asked of this machine. */
export type LocalParts = Readonly<{
  /** As `process.version` has it. */
  nodeVersion: string;
  /** The names of ONNX Runtime's providers that are installed. @throws Error where it cannot be loaded at all */
  onnxProviders: () => Promise<readonly string[]>;
  /** What `nvidia-smi` prints of each GPU, as `driver, name`; null where there is no nvidia-smi. @throws Error with its reason */
  nvidiaSmi: () => Promise<string | null>;
  /** @throws Error with what is wrong with the artifact */
  inspectArtifact: (folderOrFile: string) => Promise<Readonly<{ digest: string; items: number; bytes: number }>>;
}>;

/** CUDA 13.0, which the GPU image stands on, needs this driver or a newer one. */
export const oldestDriver = 580;

/** This machine: Node, ONNX Runtime, the GPU's driver, and the artifact if one is named. */
export function localChecks({ artifact }: DoctorSpec, parts: LocalParts): readonly Check[] {
  const checks: Check[] = [
    { name: "node", look: async () => judgeNode(parts.nodeVersion) },
    { name: "onnxruntime", look: () => judgeOnnx(parts) },
    { name: "driver", look: () => judgeDriver(parts) },
  ];
  return artifact === null ? checks : [...checks, { name: "artifact", look: () => judgeArtifact(parts, artifact) }];
}

function judgeNode(version: string): Verdict {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 20)) return ok(`Node ${version}`);
  return failed(`Node ${version}`, "install Node 20.20 or newer");
}

async function judgeOnnx({ onnxProviders, nvidiaSmi }: LocalParts): Promise<Verdict> {
  try {
    const providers = await onnxProviders();
    const found = `ONNX Runtime with ${providers.join(", ")}`;
    // A driver that does not answer has a check of its own.
    const hasGpu = (await nvidiaSmi().catch(() => null)) !== null;
    if (!hasGpu || providers.includes("cuda")) return ok(found);
    const install = "`node node_modules/onnxruntime-node/script/install.js` fetches it, where nuget.org is reached";
    return warning(`${found}: the GPU here stays idle without the CUDA provider`, install);
  } catch (error) {
    return failed(`ONNX Runtime cannot be loaded: ${firstLine(error)}`, "run `npm ci` for this platform");
  }
}

async function judgeDriver({ nvidiaSmi }: LocalParts): Promise<Verdict> {
  let output: string | null;
  try {
    output = await nvidiaSmi();
  } catch (error) {
    return failed(`nvidia-smi fails: ${firstLine(error)}`, "the GPU's driver is missing or does not fit the kernel");
  }
  if (output === null) return ok("no GPU on this machine; the encoder runs on CPUs");
  const gpus = output.split("\n").flatMap((line) => /^\s*(\d+)(\.[\d.]+)?\s*,\s*(.+?)\s*$/.exec(line) ?? []);
  const [, major, minor = "", name] = gpus;
  if (major === undefined) return unknown("nvidia-smi names no GPU", "see what `nvidia-smi` prints");
  const found = `${name} with driver ${major}${minor}`;
  if (Number(major) >= oldestDriver) return ok(found);
  return warning(found, `the GPU image needs driver ${oldestDriver} or newer, for CUDA 13; without it CPUs encode`);
}

async function judgeArtifact({ inspectArtifact }: LocalParts, artifact: string): Promise<Verdict> {
  try {
    const { digest, items, bytes } = await inspectArtifact(artifact);
    return ok(`${items} items, ${bytes} bytes, ${digest}`);
  } catch (error) {
    return failed(firstLine(error), "build it anew with `stygig catalog build` and `stygig catalog pack`");
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0]!;
}
