import type { EncoderManifest } from "../src/domain/encoder-manifest.js";
import { probeImage } from "../src/domain/probe-image.js";
import { type Architecture, architectures } from "./clip/architectures.js";
import { createSyntheticWeights } from "./clip/synthetic-weights.js";
import { clipStatistics } from "./clip/vision-config.js";
import { replaceEncoder } from "./replace-encoder.js";
import { createEncoderWriter, type EncoderPlan } from "./write-encoder.js";

export type SynthOptions = Pick<EncoderPlan, "models" | "input" | "operators" | "smooth" | "threads" | "report"> &
  Readonly<{
    architecture: Architecture;
    seed: number;
    /** A few channels far larger than the others, as trained models have them. */
    outliers: boolean;
    outFolder: string;
  }>;

/** Of computed pictures, each turned by another share: enough for the ranges of weights that know nothing. */
const calibrationPictures = 8;

/**
 * Writes an encoder of a published shape with seeded random weights, by the same writer as a real one. Its embeddings
 * mean nothing; its file sizes and times are those of the real model. The same options give the same bytes.
 * @throws Error with one line when the folder may not be replaced.
 */
export async function synthModel(options: SynthOptions): Promise<EncoderManifest> {
  const { architecture, seed, outliers } = options;
  const config = architectures[architecture];
  return replaceEncoder(options.outFolder, (folder) =>
    createEncoderWriter(folder, {
      ...options,
      name: `synthetic ${architecture}, seed ${seed}${outliers ? ", outliers" : ""}`,
      source: { architecture },
      preprocess: `clip-exact-${config.side}`,
      weights: createSyntheticWeights(config, { seed, outliers }),
      statistics: clipStatistics,
      pictures: () => computedPictures(config.side),
      minMedianCosine: 0,
    }).write(),
  );
}

/** The probe picture at other brightness: fills the range of bytes in different ways. */
async function* computedPictures(side: number): AsyncGenerator<Uint8Array> {
  const { pixels } = probeImage(side);
  for (let picture = 0; picture < calibrationPictures; picture++) {
    const turn = Math.floor((picture * 256) / calibrationPictures);
    yield pixels.map((value) => (value + turn) % 256);
  }
}
