import { readEncoderFiles } from "../../src/adapters/encoder-files.js";
import { readNvidiaDriver } from "../../src/adapters/nvidia-driver.js";
import { createOnnxEncoder, type OnnxEncoder } from "../../src/adapters/onnx-encoder.js";
import { type EncoderModel, toModelName } from "../../src/domain/encoder-model.js";
import type { GateThresholds, PrecisionGate } from "../../src/domain/precision-gate.js";
import type { Provider } from "../../src/domain/provider-ladder.js";
import type { MeasuredGates } from "./record-gates.js";
import { type ModelAtWork, type VerifyOptions, type VerifyReport, verifyModels } from "./verify-models.js";

export type FolderOptions = Pick<VerifyOptions, "pictures" | "thresholds" | "workers" | "signal" | "progress"> &
  Readonly<{
    folder: string;
    /** Names as of `toModelName`; null for all but the reference. */
    models: readonly string[] | null;
    /** Null for the CPU and whatever else works here. */
    providers: readonly Provider[] | null;
    /** Milliseconds of any clock that does not jump; without one nobody could tell that a GPU ran, and none is used. */
    now?: () => number;
  }>;

/** What came of the models of a folder, and of the reference on other providers. */
export type FolderReport = VerifyReport &
  Readonly<{
    encoder: string;
    thresholds: GateThresholds;
    /** All that was asked for, or could be opened where nothing was. False when that is nothing. */
    passed: boolean;
    /** What was measured on the CPU, by the sha-256 of the model's file. */
    gates: MeasuredGates;
  }>;

/**
 * Verifies the models of an encoder folder against its fp32 model on the CPU.
 * @throws Error for the operator, one line: a folder without such a model or without others, a name that it lacks.
 */
export async function verifyFolder(options: FolderOptions): Promise<FolderReport> {
  const { folder, models, providers, thresholds } = options;
  const { manifest } = await readEncoderFiles(folder);
  const reference = manifest.models.find(({ precision }) => precision === "fp32");
  if (reference === undefined) throw new Error(`${folder} has no fp32 model to hold the others against`);
  const wanted = models === null ? manifest.models : models.map((name) => modelOf(folder, manifest.models, name));
  const atWork = (provider: Provider, model: EncoderModel): PlacedModel => ({
    model: toModelName(model),
    provider,
    sha256: model.sha256,
    open: () => openModel(options, provider, toModelName(model)),
  });
  const others = (providers ?? (await providersHere())).flatMap((provider) =>
    wanted
      // The reference on the CPU would be held against itself, and 8-bit models run on the CPU alone.
      .filter((model) => (provider === "cpu" ? model !== reference : models !== null || model.precision !== "int8"))
      .map((model) => atWork(provider, model)),
  );
  const isAsked = ({ provider }: Readonly<{ provider: string }>) => providers !== null || provider === "cpu";
  if (!others.some(isAsked))
    throw new Error(`${folder}: there is nothing to verify but fp32 on the CPU, the reference`);
  const report = await verifyModels({ ...options, manifest, reference: atWork("cpu", reference), others });
  const counted = report.models.filter((each) => isAsked(each) || each.outcome !== "unavailable");
  return {
    ...report,
    encoder: manifest.name,
    thresholds,
    passed: counted.every(({ outcome }) => outcome === "passed"),
    gates: gatesOf(others, report),
  };
}

async function providersHere(): Promise<readonly Provider[]> {
  return (await readNvidiaDriver()) === null ? ["cpu"] : ["cpu", "cuda"];
}

/** One thread a session: sums are then added in one order, whatever the number of cores. */
function openModel({ folder, workers, now }: FolderOptions, provider: Provider, model: string): Promise<OnnxEncoder> {
  const clock = now === undefined ? {} : { now };
  return createOnnxEncoder({ folder, model, providers: [provider], workers, threads: 1, ...clock });
}

type PlacedModel = ModelAtWork & Readonly<{ sha256: string }>;

function modelOf(folder: string, models: readonly EncoderModel[], name: string): EncoderModel {
  const found = models.find((model) => toModelName(model) === name);
  if (found !== undefined) return found;
  throw new Error(`${folder} has no model "${name}"; it has ${models.map(toModelName).join(", ")}`);
}

function gatesOf(others: readonly PlacedModel[], { models }: VerifyReport): MeasuredGates {
  const gates = new Map<string, PrecisionGate>();
  for (const [i, verified] of models.entries()) {
    if (verified.provider === "cpu" && "gate" in verified) gates.set(others[i]!.sha256, verified.gate);
  }
  return gates;
}
