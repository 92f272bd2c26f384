import { type LabeledPicture, readPictureFile, samplePictures } from "../models/verify/labeled-pictures.js";
import { type MeasuredGates, withGates } from "../models/verify/record-gates.js";
import { type VerifiedModel, type VerifyProgress, verifyModels } from "../models/verify/verify-models.js";
import { sumsBytesExactly } from "../src/adapters/cpu-features.js";
import type { EncoderFiles, ModelOnDisk } from "../src/adapters/encoder-files.js";
import { createOnnxEncoder, type OnnxEncoder } from "../src/adapters/onnx-encoder.js";
import { type EncoderModel, type Precision, toModelName } from "../src/domain/encoder-model.js";
import { defaultThresholds, minGatePhotos, type PrecisionGate } from "../src/domain/precision-gate.js";
import { planRungs, type RungPlan } from "../src/domain/provider-ladder.js";
import type { PlannedItem } from "./match-item-lines.js";
import { type FindOptions, findFile } from "./picture-source.js";

export type ChooseOptions = FindOptions &
  Readonly<{
    encoder: EncoderFiles;
    /** `auto`: what serving takes on a CPU like this one; by name also what no gate vouches for. */
    precision: "auto" | Precision;
    /** By default what this CPU says of itself. */
    sumsBytesExactly?: boolean;
    items: readonly PlannedItem[];
    workers: number;
    /** Told of every picture that a model has looked at. */
    verifying?: (progress: VerifyProgress) => void;
  }>;

/** The model that makes every vector, the encoder with what was measured of it, and what that was, one sentence each. */
export type ChosenModel = Readonly<{ model: ModelOnDisk; encoder: EncoderFiles; notes: readonly string[] }>;

/** Enough to tell an agreement of 0.99 from one of 0.98 nine times in ten, in half a minute of one core. */
const maxPictures = 500;
/** The same pictures every time: the same catalog gives the same artifact. */
const seed = "catalog";

/**
 * Chooses the model that makes a catalog's vectors. Where serving would want an 8-bit model that nobody has looked at,
 * it is held against fp32 on the catalog's own pictures first. @throws Error with one line when no model is left;
 * whatever `verifyModels` throws.
 */
export async function chooseModel(options: ChooseOptions): Promise<ChosenModel> {
  const { encoder, precision } = options;
  const exact = options.sumsBytesExactly ?? (await sumsBytesExactly());
  const unproven = precision === "auto" ? unprovenModels(encoder, exact) : [];
  if (unproven.length === 0) return take(encoder, planCpu(encoder, precision, exact), []);
  const { gates, notes } = await prove(unproven, options);
  const proven = withMeasured(encoder, gates);
  return take(proven, planCpu(proven, precision, exact), notes);
}

function planCpu({ manifest }: EncoderFiles, precision: "auto" | Precision, exact: boolean): RungPlan {
  const machine = { sumsBytesExactly: exact, nvidiaDriver: null };
  return planRungs(manifest.models, { providers: ["cpu"], precision, half: false }, machine);
}

function take(encoder: EncoderFiles, { rungs, refused }: RungPlan, notes: readonly string[]): ChosenModel {
  const [best] = rungs;
  if (best === undefined) {
    const reasons = refused.map(({ model, reason }) => `${model}: ${reason}`);
    throw new Error(`${encoder.folder} has no model for this catalog: ${reasons.join("; ")}`);
  }
  const model = encoder.models.find((each) => each.model.file === best.model.file);
  if (model === undefined) throw new RangeError(`${best.model.file} is no model of this encoder`);
  return { model, encoder, notes };
}

/** Those that only lack a gate: what this machine cannot use, or has failed already, need not be looked at. */
function unprovenModels(encoder: EncoderFiles, exact: boolean): readonly EncoderModel[] {
  const { rungs } = planCpu(encoder, "int8", exact);
  return rungs.flatMap(({ model }) => (model.precision === "int8" && model.gate === undefined ? [model] : []));
}

/**
 * One model on the CPU and never another half-way: vectors of two models do not belong together. One thread a session:
 * sums are then added in one order, whatever the number of cores, and the bytes are the same. @throws Error with one line
 */
export function openModel(files: EncoderFiles, model: EncoderModel, workers: number): Promise<OnnxEncoder> {
  const { folder } = files;
  return createOnnxEncoder({ folder, files, model: toModelName(model), providers: ["cpu"], workers, threads: 1 });
}

type Proof = Readonly<{ gates: MeasuredGates; notes: readonly string[] }>;

async function prove(unproven: readonly EncoderModel[], options: ChooseOptions): Promise<Proof> {
  const { encoder, workers, signal, verifying } = options;
  const names = unproven.map(toModelName).join(" and ");
  const reference = encoder.manifest.models.find(({ precision }) => precision === "fp32");
  const pictures = picturesOf(options);
  const lack = reference === undefined ? "the encoder has no fp32 model to hold it against" : tooFewOf(pictures);
  if (reference === undefined || lack !== null) return { gates: new Map(), notes: [`${names} not used: ${lack}`] };
  const atWork = (model: EncoderModel) => ({
    model: toModelName(model),
    provider: "cpu",
    open: () => openModel(encoder, model, workers),
  });
  const { models } = await verifyModels({
    manifest: encoder.manifest,
    reference: atWork(reference),
    others: unproven.map(atWork),
    pictures: samplePictures(pictures, maxPictures, seed),
    thresholds: defaultThresholds,
    workers,
    signal,
    ...(verifying === undefined ? {} : { progress: verifying }),
  });
  const gates = models.flatMap((verified, i): [string, PrecisionGate][] =>
    "gate" in verified ? [[unproven[i]!.sha256, verified.gate]] : [],
  );
  return { gates: new Map(gates), notes: models.map(toNote) };
}

/** Several items may share one picture, whose nearest neighbor would then be itself. */
function picturesOf(options: ChooseOptions): readonly LabeledPicture[] {
  const byPath = new Map(options.items.map((item) => [item.path, item]));
  return [...byPath.values()].map((item) => ({
    ...{ name: item.path, category: item.category },
    read: async () => {
      const found = await findFile(item, options);
      if ("refusal" in found) throw new Error(found.refusal);
      return readPictureFile(found.file);
    },
  }));
}

function tooFewOf({ length }: readonly LabeledPicture[]): string | null {
  if (length >= minGatePhotos) return null;
  return `${length} pictures; ${minGatePhotos} are the least that can vouch for it`;
}

function toNote(verified: VerifiedModel): string {
  const { model, outcome, reasons } = verified;
  const measured =
    "gate" in verified
      ? ` on ${verified.gate.photos} of these pictures (votes agree on ${verified.gate.voteAgreement}, ` +
        `median cosine ${verified.gate.cosine.median})`
      : "";
  return `${model} ${outcome}${measured}${reasons.length === 0 ? "" : `: ${reasons.join("; ")}`}`;
}

function withMeasured(encoder: EncoderFiles, gates: MeasuredGates): EncoderFiles {
  const manifest = withGates(encoder.manifest, gates);
  const [first, ...rest] = encoder.models.map((each, i) => ({ ...each, model: manifest.models[i]! }));
  return { ...encoder, manifest, models: [first!, ...rest] };
}
