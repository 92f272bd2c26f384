import { convertModel } from "../../models/convert-model.js";
import { readEncoderFiles } from "../../src/adapters/encoder-files.js";
import { openSession } from "../../src/adapters/onnx-encoder-session.js";
import { defaultThresholds } from "../../src/domain/precision-gate.js";
import { aFolder } from "./a-folder.js";

/** How a checkpoint's graphs are written. */
export type Form = Readonly<{ input: "uint8" | "pixel-values"; operators: "fused" | "standard" }>;

export const forms: readonly Form[] = (["uint8", "pixel-values"] as const).flatMap((input) =>
  (["fused", "standard"] as const).map((operators) => ({ input, operators })),
);

/** The encoder folder that a checkpoint becomes, with a model of each precision that needs no photos. */
export async function convertCheckpoint(place: string, form: Form): Promise<string> {
  const outFolder = await aFolder();
  await convertModel({
    ...form,
    place,
    outFolder,
    models: ["fp32", "fp16"],
    recipe: null,
    photos: null,
    calibrationPictures: [],
    smooth: true,
    threads: 1,
    thresholds: defaultThresholds,
    signal: new AbortController().signal,
    report: () => {},
  });
  return outFolder;
}

/** [count, side, side, 3] bytes -> the graph's rows, all in one run. */
type RunRows = (pixels: Uint8Array, count: number) => Promise<readonly Float32Array[]>;

/** Runs one model of an encoder folder as the server's threads do; what it opened is released when `use` is done. */
export async function withModel<T>(
  folder: string,
  precision: "fp32" | "fp16",
  use: (run: RunRows) => Promise<T>,
): Promise<T> {
  const { manifest, models } = await readEncoderFiles(folder);
  const found = models.find(({ model }) => model.precision === precision);
  if (found === undefined) throw new Error(`${folder} has no ${precision} model`);
  const { model, file: modelFile } = found;
  const session = await openSession({ manifest, model, modelFile, provider: "cpu", threads: 1 });
  const width = manifest.output.dimension;
  try {
    return await use(async (pixels, count) => {
      const outcome = await session.run(pixels, count);
      if (outcome.kind !== "rows") throw new Error(outcome.reason);
      return Array.from({ length: count }, (_, i) => outcome.values.slice(i * width, (i + 1) * width));
    });
  } finally {
    await session.release();
  }
}
