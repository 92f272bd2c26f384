import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { open, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { architectures } from "../../models/clip/architectures.js";
import { huggingFaceNames } from "../../models/clip/naming-scheme.js";
import { createSyntheticWeights } from "../../models/clip/synthetic-weights.js";
import { shapeOf, weightNames } from "../../models/clip/vision-weights.js";
import { convertModel } from "../../models/convert-model.js";
import { toBytes } from "../../models/graph/graph-builder.js";
import type { ModelKind } from "../../models/write-encoder.js";
import { defaultThresholds } from "../../src/domain/precision-gate.js";
import { atMost } from "./harness/bar.js";
import { drawPhoto } from "./harness/drawn-photo.js";
import { median, shown } from "./harness/quantile.js";
import { summarizeAll } from "./harness/rounds.js";
import { type BenchRun, type Measured, runBench, type Variant } from "./harness/run-bench.js";

// `npm run bench -- convert`: peak memory and time of converting a ViT-B/32's vision tower, seeded random weights in
// float32, against the size of its file. Each precision in a fresh process.
const config = architectures["vit-b-32"];
const calibrationPictures = 16;

/** A checkpoint as Hugging Face saves the vision tower alone, written tensor by tensor. */
async function writeCheckpoint(folder: string): Promise<void> {
  const weights = createSyntheticWeights(config, { seed: 3, outliers: false });
  let begin = 0;
  const fields = weightNames(config).map((name) => {
    const shape = shapeOf(config, name);
    const end = begin + shape.reduce((product, each) => product * each, 4);
    const field = { dtype: "F32", shape, data_offsets: [begin, end] };
    begin = end;
    return [huggingFaceNames.place(name).tensor, field];
  });
  const header = Buffer.from(JSON.stringify(Object.fromEntries(fields)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const file = await open(join(folder, "model.safetensors"), "w");
  try {
    await file.writeFile(Buffer.concat([length, header]));
    for (const name of weightNames(config)) await file.writeFile(toBytes(await weights.read(name)));
  } finally {
    await file.close();
  }
  await writeFile(
    join(folder, "config.json"),
    JSON.stringify({ model_type: "clip_vision_model", projection_dim: 512 }),
  );
}

function converting(...models: readonly [ModelKind, ...ModelKind[]]): Variant {
  return async ({ parameters: [folder] }) => {
    const photo = await drawPhoto(400, 533);
    const picture = (place: number) => ({ name: `${place}.jpg`, category: "shirt", read: async () => photo });
    const started = performance.now();
    await convertModel({
      ...{ place: join(folder!, "checkpoint"), outFolder: join(folder!, "out"), recipe: null, models },
      ...{ input: "uint8", operators: "fused", smooth: true, threads: 2, photos: null },
      calibrationPictures: Array.from({ length: calibrationPictures }, (_, place) => picture(place)),
      thresholds: defaultThresholds,
      signal: new AbortController().signal,
      report: () => {},
    });
    const seconds = (performance.now() - started) / 1000;
    return { seconds, peakBytes: process.resourceUsage().maxRSS * 1024 };
  };
}

const variants: Readonly<Record<string, Variant>> = {
  fp32: converting("fp32"),
  "fp32, fp16, int8": converting("fp32", "fp16", "int8"),
};

async function measure({ inRounds }: BenchRun): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), "stygig-convert-"));
  try {
    mkdirSync(join(folder, "checkpoint"));
    await writeCheckpoint(join(folder, "checkpoint"));
    const { size } = statSync(join(folder, "checkpoint/model.safetensors"));
    const raw = await inRounds(Object.keys(variants), [folder]);
    const ratio = shown(Math.max(...Object.values(raw).map(({ peakBytes = [] }) => median(peakBytes))) / size);
    const figures = { checkpointBytes: size, ...summarizeAll(raw) };
    return { figures, bars: [atMost("peak_over_checkpoint", ratio, 2.2)], libraries: {} };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await runBench(import.meta.url, { name: "convert", variants, measure });
