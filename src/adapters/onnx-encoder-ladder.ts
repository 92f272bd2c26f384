import { availableParallelism } from "node:os";
import { type Precision, toModelName } from "../domain/encoder-model.js";
import { candidateSettings, type EncoderGoal, type EncoderSetting } from "../domain/encoder-setting.js";
import { excessOfVram, type GpuLimits, gpuSetting, usualGpuLimits } from "../domain/gpu-limits.js";
import { type MachineFacts, type Provider, planRungs, type Rung } from "../domain/provider-ladder.js";
import { doubtOfSpeed } from "../domain/provider-speed.js";
import type { Now } from "../serving/clock.js";
import { sumsBytesExactly } from "./cpu-features.js";
import { type EncoderFiles, readEncoderFiles } from "./encoder-files.js";
import { readNvidiaDriver } from "./nvidia-driver.js";
import { type OpenRung, onDisk, openRung } from "./onnx-encoder-rung.js";
import { openFastest, type SettingReport, timeAgainstCpu } from "./onnx-encoder-timing.js";
import type { WorkerLost } from "./worker-pool.js";

export type LadderOptions = Readonly<{
  /** Holds `encoder.json` and the model files it names. */
  folder: string;
  /** Of that folder, where they have been read and verified already. */
  files?: EncoderFiles;
  providers: "auto" | readonly [Provider, ...Provider[]];
  /** By default what the gates allow. */
  precision?: "auto" | Precision;
  /** Half precision on GPUs. */
  half?: boolean;
  /** One model by its name, such as `int8-7bit`, and no other, whatever gates and CPU say. */
  model?: string;
  /** Sessions, one a thread, on the CPU; on a GPU its limits say how many. */
  workers: number | "auto";
  /** Threads of each session. */
  threads: number | "auto";
  /** What a GPU may be asked for; by default one session with all its memory. */
  gpu?: GpuLimits;
  /** What `auto` is best for; by default throughput. */
  goal?: EncoderGoal;
  /** Times GPUs, which without it are refused because nobody could tell that they ran, and what `auto` compares. */
  now?: Now;
  /** By default what this machine says of itself. */
  machine?: MachineFacts;
  /** "exit": the first rung of the plan or none. */
  policy?: "next" | "exit";
  /** Told of every worker lost after the start. */
  report?: (lost: WorkerLost) => void;
}>;

/** One rung that was tried or ruled out; `model` is null where none came into question. `reason` is one line. */
export type TriedRung = Readonly<{ provider: Provider; model: string | null }> &
  (Readonly<{ outcome: "chosen"; cosine: number }> | Readonly<{ outcome: "ruled_out" | "refused"; reason: string }>);

/** An encoder's rungs, the first that holds already open. */
export type Ladder = Readonly<{
  files: EncoderFiles;
  first: OpenRung;
  /** How many sessions and threads it has, and why. */
  setting: SettingReport;
  /** Opens the next rung that holds, without measuring; null when none is left. */
  openNext: () => Promise<OpenRung | null>;
  /** In the order of the plan, those ruled out first; the last one chosen is the one in use. */
  tried: () => readonly TriedRung[];
  /** Whether something better than the rung in use should have been there: a session that failed, an old driver. */
  isDegraded: () => boolean;
}>;

/**
 * Opens the first rung of an encoder folder that passes its probe and, on a GPU, is clearly faster than the CPU.
 * @throws Error for the operator, with one line: what is wrong with the folder, or why each rung was refused.
 */
export async function openLadder(options: LadderOptions): Promise<Ladder> {
  const files = options.files ?? (await readEncoderFiles(options.folder));
  const plan = await planFor(files, options);
  const tried: TriedRung[] = plan.refused.map((each) => ({ ...each, outcome: "ruled_out" }));
  // A provider that is out of the question altogether is the machine's fault; a model is so by rule.
  const lacksProvider = plan.refused.some(({ model }) => model === null);
  const isStrict = options.policy === "exit";
  const left = isStrict ? plan.rungs.slice(0, lacksProvider ? 0 : 1) : [...plan.rungs];
  const next = async (open: OpenOne): Promise<Opened | null> => {
    for (let rung = left.shift(); rung !== undefined; rung = left.shift()) {
      const entry = { provider: rung.provider, model: toModelName(rung.model) };
      const opened = await open(rung);
      if ("refused" in opened) {
        tried.push({ ...entry, outcome: "refused", reason: opened.refused });
        continue;
      }
      tried.push({ ...entry, outcome: "chosen", cosine: opened.opened.proof.cosine });
      return opened;
    }
    return null;
  };
  const first = await next((rung) => openMeasured(rung, files, options));
  if (first === null) throw new Error(`${options.folder} cannot be used: ${reasonsOf(tried)}`);
  const unmeasured: OpenOne = (rung) => openUsual(rung, files, options);
  const openNext = async () => (await next(unmeasured))?.opened ?? null;
  return {
    files,
    first: first.opened,
    setting: first.report,
    openNext,
    tried: () => [...tried],
    isDegraded: () => lacksProvider || tried.some(({ outcome }) => outcome === "refused"),
  };
}

type Opened = Readonly<{ opened: OpenRung; report: SettingReport }>;
type Refused = Readonly<{ refused: string }>;
type OpenOne = (rung: Rung) => Promise<Opened | Refused>;

async function planFor({ manifest }: EncoderFiles, options: LadderOptions) {
  const { providers, model, precision = "auto", half = false } = options;
  const machine = options.machine ?? (await readMachine());
  if (model === undefined) return planRungs(manifest.models, { providers, precision, half }, machine);
  const found = manifest.models.find((each) => toModelName(each) === model);
  if (found === undefined) throw new Error(`${options.folder} has no ${model} model`);
  const named = providers === "auto" ? (["cpu"] as const) : providers;
  return { rungs: named.map((provider) => ({ provider, model: found })), refused: [] };
}

async function readMachine(): Promise<MachineFacts> {
  return { sumsBytesExactly: await sumsBytesExactly(), nvidiaDriver: await readNvidiaDriver() };
}

async function openMeasured(rung: Rung, files: EncoderFiles, options: LadderOptions): Promise<Opened | Refused> {
  const { goal = "throughput", now = null } = options;
  const candidates = candidatesFor(rung, files, options);
  const { side } = files.manifest.input;
  const open = (setting: EncoderSetting) => openTimed(rung, setting, files, options);
  return openFastest({ candidates, goal, now, side, open });
}

/** While requests wait there is no time to measure: the setting that usually wins. */
function openUsual(rung: Rung, files: EncoderFiles, options: LadderOptions): Promise<Opened | Refused> {
  const [first] = candidatesFor(rung, files, options);
  const { side } = files.manifest.input;
  const open = (setting: EncoderSetting) => openTimed(rung, setting, files, options);
  return openFastest({ candidates: [first], goal: options.goal ?? "throughput", now: null, side, open });
}

function candidatesFor(rung: Rung, files: EncoderFiles, options: LadderOptions) {
  const { workers, threads, goal = "throughput", gpu = usualGpuLimits } = options;
  if (rung.provider !== "cpu") return [gpuSetting(threads, gpu)] as const;
  const { bytes: modelBytes } = onDisk(files, rung);
  const room = { cores: availableParallelism(), modelBytes, freeBytes: process.availableMemory() };
  return candidateSettings({ workers, threads, goal }, room);
}

async function openTimed(
  rung: Rung,
  setting: EncoderSetting,
  files: EncoderFiles,
  options: LadderOptions,
): Promise<OpenRung | Refused> {
  const report = (lost: WorkerLost) => options.report?.(lost);
  const excess = excessOf(rung, setting, files, options.gpu);
  if (excess !== null) return { refused: excess };
  const opened = await openRung({ rung, files, setting, devices: options.gpu?.devices ?? 1, report });
  if ("refused" in opened || rung.provider === "cpu") return opened;
  const doubt = await doubtOf(opened, files, options.now ?? null);
  if (doubt === null) return opened;
  await opened.close();
  return { refused: doubt };
}

/** The provider takes no limit in Node, so what might exceed the operator's is not begun. */
function excessOf(rung: Rung, setting: EncoderSetting, files: EncoderFiles, gpu = usualGpuLimits): string | null {
  const onEach = { ...setting, workers: gpu.jobs };
  return rung.provider === "cpu" ? null : excessOfVram(onDisk(files, rung).bytes, onEach, gpu);
}

/** There is no asking which provider ran: the same file in a session on the CPU, with as many threads, must be slower. */
async function doubtOf(opened: OpenRung, files: EncoderFiles, now: Now | null): Promise<string | null> {
  if (now === null) return "there is no clock that could tell whether it ran";
  const rung: Rung = { ...opened.rung, provider: "cpu" };
  const onCpu = await openRung({ rung, files, setting: opened.setting, report: () => {} });
  // What the CPU cannot run has not run there.
  if ("refused" in onCpu) return null;
  try {
    return doubtOfSpeed(await timeAgainstCpu(opened, onCpu, files.manifest.input.side, now));
  } finally {
    await onCpu.close();
  }
}

function reasonsOf(tried: readonly TriedRung[]): string {
  return tried
    .map((rung) => {
      const name = rung.model === null ? rung.provider : `${rung.provider} ${rung.model}`;
      return `${name}: ${rung.outcome === "chosen" ? "" : rung.reason}`;
    })
    .join("; ");
}
