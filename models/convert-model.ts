import type { PreprocessVersion } from "../src/domain/clip-input.js";
import type { EncoderManifest } from "../src/domain/encoder-manifest.js";
import { toModelName } from "../src/domain/encoder-model.js";
import { type GateThresholds, minGatePhotos } from "../src/domain/precision-gate.js";
import { blockSites } from "./clip/block.js";
import { decodedPictures } from "./decoded-pictures.js";
import { openClipModel } from "./open-clip-model.js";
import { replaceEncoder } from "./replace-encoder.js";
import { type LabeledPicture, samplePictures } from "./verify/labeled-pictures.js";
import { recordGates, withGates } from "./verify/record-gates.js";
import { type FolderReport, verifyFolder } from "./verify/verify-folder.js";
import { createEncoderWriter, type EncoderPlan, type LeastInFp32, type ModelKind } from "./write-encoder.js";

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
    const { chosen, photos } = setApart(options);
    const pictures = decodedPictures(chosen, preprocess, options);
    const minMedianCosine = options.thresholds.medianCosine;
    const plan = { ...options, ...model, preprocess, pictures, minMedianCosine };
    return await replaceEncoder(options.outFolder, (folder) => writeUntilPassed(folder, plan, { ...options, photos }));
  } finally {
    await model.close();
  }
}

/** What int8 was fitted to says little about what it does elsewhere: the gate judges by other photos, where enough are left. */
function setApart({ calibrationPictures, photos }: ConvertOptions) {
  const chosen = samplePictures(calibrationPictures, mostCalibrationPictures, "calibration");
  const names = new Set(chosen.map(({ name }) => name));
  const others = photos?.filter(({ name }) => !names.has(name)) ?? null;
  return { chosen, photos: others !== null && others.length >= minGatePhotos ? others : photos };
}

async function writeUntilPassed(folder: string, plan: EncoderPlan, options: ConvertOptions): Promise<ConvertReport> {
  const writer = createEncoderWriter(folder, plan);
  let leastInFp32: LeastInFp32 = new Map();
  for (;;) {
    const manifest = await writer.write(leastInFp32);
    options.signal.throwIfAborted();
    const gate = await judge(folder, manifest, options);
    if (gate === null) return { manifest, gate };
    const next = nextInFp32(manifest, gate, plan.weights.config.layers * blockSites.length);
    if (next.size === 0) {
      await recordGates(folder, gate.gates);
      return { manifest: withGates(manifest, gate.gates), gate };
    }
    for (const [kind, count] of next) options.report(`${kind} did not pass; ${count} inputs go back to floats`);
    leastInFp32 = new Map([...leastInFp32, ...next]);
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

/** How many sites of each int8 model that failed to keep in floats next; none for one that has half of them already. */
function nextInFp32({ models }: EncoderManifest, { gates }: FolderReport, sites: number): LeastInFp32 {
  const most = Math.floor(sites / 2);
  const next = new Map<ModelKind, number>();
  for (const model of models) {
    if (model.precision !== "int8" || gates.get(model.sha256)?.passed !== false) continue;
    const kept = model.layersInFp32?.length ?? 0;
    if (kept < most) next.set(toModelName(model) as ModelKind, Math.min(most, Math.max(1, 2 * kept)));
  }
  return next;
}
