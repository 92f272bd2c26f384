import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { PreprocessVersion } from "../src/domain/clip-input.js";
import type { EncoderManifest } from "../src/domain/encoder-manifest.js";
import type { GateThresholds } from "../src/domain/precision-gate.js";
import { decodedPictures } from "./decoded-pictures.js";
import { openClipModel } from "./open-clip-model.js";
import { replaceEncoder } from "./replace-encoder.js";
import { type LabeledPicture, samplePictures } from "./verify/labeled-pictures.js";
import { recordGates, withGates } from "./verify/record-gates.js";
import { type FolderReport, verifyFolder } from "./verify/verify-folder.js";
import { type EncoderPlan, writeEncoder } from "./write-encoder.js";

export type ConvertOptions = Pick<EncoderPlan, "models" | "input" | "operators" | "smooth" | "threads" | "report"> &
  Readonly<{
    /** A folder as the hub has it, or the file of weights in one. */
    place: string;
    /** Absent, empty or an encoder folder, which is replaced only when the new one is complete. */
    outFolder: string;
    /** Null for the usual recipe at the model's side. */
    recipe: "clip-exact" | "clip-hf-exact" | "clip-fast" | null;
    /** What int8 is calibrated on; some of the photos, if there are any. */
    calibrationPictures: readonly LabeledPicture[];
    /** What the gate judges by; null for no gate. */
    photos: readonly LabeledPicture[] | null;
    thresholds: GateThresholds;
    signal: AbortSignal;
  }>;

/** `gate` is null where nothing was judged. */
export type ConvertReport = Readonly<{ manifest: EncoderManifest; gate: FolderReport | null }>;

/** More pictures hardly move a range or a scale any further. */
const mostCalibrationPictures = 128;

/**
 * Turns a published CLIP checkpoint into an encoder folder. Where there are photos, what is reduced is judged by them;
 * what falls short keeps more of its layers in floats until it passes, or is recorded as not passed.
 * @throws Error for the operator, one line a problem: nothing is written then, and `outFolder` is as it was; the
 *   signal's reason.
 */
export async function convertModel(options: ConvertOptions): Promise<ConvertReport> {
  const model = await openClipModel(options.place);
  try {
    const { side } = model.weights.config;
    const preprocess: PreprocessVersion = `${options.recipe ?? "clip-exact"}-${side}`;
    const chosen = samplePictures(options.calibrationPictures, mostCalibrationPictures, "calibration");
    const pictures = decodedPictures(chosen, preprocess, options);
    const minMedianCosine = options.thresholds.medianCosine;
    const plan = { ...options, ...model, preprocess, pictures, minMedianCosine };
    return await replaceEncoder(options.outFolder, (folder) => writeUntilPassed(folder, plan, options));
  } finally {
    await model.close();
  }
}

async function writeUntilPassed(
  folder: string,
  plan: Omit<EncoderPlan, "leastInFp32">,
  options: ConvertOptions,
): Promise<ConvertReport> {
  for (let leastInFp32 = 0; ; ) {
    const manifest = await writeEncoder(folder, { ...plan, leastInFp32 });
    options.signal.throwIfAborted();
    const gate = await judge(folder, manifest, options);
    if (gate === null) return { manifest, gate };
    const next = nextInFp32(manifest, gate, plan.weights.config.layers * 4);
    if (next === null) {
      await recordGates(folder, gate.gates);
      return { manifest: withGates(manifest, gate.gates), gate };
    }
    options.report(`the gate was not passed; ${next} inputs go back to floats`);
    leastInFp32 = next;
    for (const name of await readdir(folder)) await rm(join(folder, name));
  }
}

async function judge(
  folder: string,
  { models }: EncoderManifest,
  options: ConvertOptions,
): Promise<FolderReport | null> {
  const { photos, thresholds, signal } = options;
  if (photos === null || models.every(({ precision }) => precision === "fp32")) return null;
  const verify = { folder, models: null, providers: ["cpu"] as const, pictures: photos, thresholds, signal };
  return verifyFolder({ ...verify, workers: options.threads });
}

/** How many of a transformer's sites to keep in floats next; null when no int8 failed, or half of them are. */
function nextInFp32({ models }: EncoderManifest, { gates }: FolderReport, sites: number): number | null {
  const failed = models.flatMap((model) =>
    model.precision === "int8" && gates.get(model.sha256)?.passed === false ? [model.layersInFp32?.length ?? 0] : [],
  );
  const most = Math.floor(sites / 2);
  if (failed.length === 0 || Math.max(...failed) >= most) return null;
  return Math.min(most, Math.max(1, 2 * Math.max(...failed)));
}
