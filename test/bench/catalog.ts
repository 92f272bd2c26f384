import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readEncoderFiles } from "../../src/adapters/encoder-files.js";
import { faissAvailability } from "../../src/adapters/faiss-index.js";
import { buildingMade, buildingPhotos } from "./catalog/builds.js";
import { drawTinyJpeg, keepMadeFeatures, linkPictures, writePictures } from "./catalog/made-catalogs.js";
import { measureParts, partNames } from "./catalog/parts.js";
import { type BuildEncoder, ofParameters, shippedEncoder, toParameters, workers } from "./catalog/setting.js";
import { modelsIn, provideModels } from "./encoder/models.js";
import { atLeast, atMost } from "./harness/bar.js";
import { fitExponent } from "./harness/growth.js";
import { versionOf } from "./harness/machine.js";
import { median, shown } from "./harness/quantile.js";
import { type RawFigures, ratioOf, summarizeAll } from "./harness/rounds.js";
import { type BenchRun, type Measured, runBench, type Variant } from "./harness/run-bench.js";

// `npm run bench -- catalog`: building an artifact. First from JPEG files of 400x533, against what the processor time of its
// parts allows on these cores, with a ViT-B/32 in int8 (of random weights), and with the encoder that ships, which looks at a
// picture in a quarter of that time. A short run has the latter alone. Then with that of 10,000, 30,000 and 100,000 items, whose pictures an
// earlier build has seen but for 300 of them: how seconds and memory grow. The index is a file, and no part of the memory.
const photo = { width: 400, height: 533 };
const photos = { usual: 8000, short: 60 };
const partCalls = { usual: 400, short: 20 };
const photoRounds = 3;

const sizes = [10_000, 30_000, 100_000];
const shortOf = (size: number) => size / 100;
const unseen = { usual: 300, short: 10 };
/** A minute each, and their peaks hardly differ. */
const sizeRounds = 1;

const nameOf = (size: number) => `${size.toLocaleString("en-US")} items`;
const building = (size: number) =>
  buildingMade(
    (short) => String(short ? shortOf(size) : size),
    (short) => (short ? unseen.short : unseen.usual),
  );

/** Parameters: a place, and an encoder. */
const parts: Variant = async ({ short, parameters: [place, ...encoder] }) => {
  const calls = short ? partCalls.short : partCalls.usual;
  const costs = await measureParts(photo, calls, { place: place!, ...ofParameters(encoder) });
  const cpuMs = partNames.reduce((sum, name) => sum + costs[name], 0);
  const each = Object.fromEntries(partNames.map((name) => [`${name}, processor ms`, costs[name]]));
  return { ...each, cpuMs, allowedPerSecond: (1000 * workers) / cpuMs };
};
const build = buildingPhotos(photo, photos);

const variants: Readonly<Record<string, Variant>> = {
  ...{ parts, build, "parts, models/lite": parts, "build, models/lite": build },
  ...Object.fromEntries(sizes.map((size) => [nameOf(size), building(size)])),
};

/** The trees of pictures, one inside the other, and what a look at them has shown. */
async function makeCatalogs(place: string, short: boolean): Promise<void> {
  const [largest, ...others] = sizes.map((size) => (short ? shortOf(size) : size)).toReversed();
  const { models, manifest } = await readEncoderFiles(shippedEncoder.encoderFolder);
  const { preprocess, output } = manifest;
  const jpeg = await drawTinyJpeg();
  process.stderr.write(`Making ${largest} pictures, and what they show ...\n`);
  writePictures(join(place, String(largest)), jpeg, largest!);
  for (const size of others) linkPictures(join(place, String(largest)), join(place, String(size)), size);
  const by = { modelDigest: models[0].digest, preprocess, dimension: output.dimension, thumbnails: null };
  const pictures = { count: largest!, unseen: short ? unseen.short : unseen.usual };
  await keepMadeFeatures(join(place, "cache"), by, jpeg, pictures);
}

function conclude(raw: RawFigures) {
  const of = (size: number, figure: string) => raw[nameOf(size)]![figure]!;
  const exponentOf = (figure: string) =>
    shown(fitExponent(sizes.map((size) => ({ size, cost: median(of(size, figure)) }))));
  const overParts = (suffix: string) =>
    ratioOf(raw[`build${suffix}`]!.imagesPerSecond!, raw[`parts${suffix}`]!.allowedPerSecond!);
  const [small, large] = [of(10_000, "peakMb"), of(100_000, "peakMb")];
  return {
    liteOverParts: overParts(", models/lite"),
    growth: { secondsExponent: exponentOf("seconds"), memoryExponent: exponentOf("peakMb") },
    bars: [
      atLeast("build_over_parts", overParts(""), 0.88),
      atMost("rss_ratio_100k_over_10k", ratioOf(large, small), 1.3),
    ],
  };
}

async function provideViT(): Promise<BuildEncoder> {
  return { encoderFolder: modelsIn(await provideModels()).ours, precision: "int8" };
}

async function measure({ short, inRounds }: BenchRun): Promise<Measured> {
  const place = mkdtempSync(join(tmpdir(), "stygig-catalog-"));
  try {
    const encoder = short ? shippedEncoder : await provideViT();
    const lite = ["parts, models/lite", "build, models/lite"];
    const ofPhotos = {
      ...(await inRounds(["parts", "build"], [place, ...toParameters(encoder)], photoRounds)),
      ...(await inRounds(lite, [place, ...toParameters(shippedEncoder)], photoRounds)),
    };
    await makeCatalogs(place, short);
    const raw = { ...ofPhotos, ...(await inRounds(sizes.map(nameOf), [place], sizeRounds)) };
    const { growth, liteOverParts, bars } = conclude(raw);
    const { available } = faissAvailability();
    return {
      figures: {
        ...{ encoder: short ? "models/lite" : "ViT-B/32 in int8", workers, index: available ? "faiss" : "none" },
        ...{ models_lite_build_over_parts: liteOverParts, ...summarizeAll(raw), growth },
      },
      bars,
      libraries: { "onnxruntime-node": versionOf("onnxruntime-node"), sharp: versionOf("sharp") },
    };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

await runBench(import.meta.url, { name: "catalog", variants, measure });
