import type { VisionConfig } from "./vision-config.js";
import { shapeOf, type VisionWeights, type WeightName, weightNames } from "./vision-weights.js";

/**
 * Seeded random weights in CLIP's proportions: bytes of the same seed are the same on every machine, because nothing
 * but integer arithmetic and one float product makes them. `outliers` gives a few channels of every norm before a
 * linear layer a gain of up to sixty times the usual, as trained CLIP models have them (Dettmers et al., 2022, for
 * language models), which is what makes 8-bit activations hard.
 */
export function createSyntheticWeights(
  config: VisionConfig,
  { seed, outliers }: Readonly<{ seed: number; outliers: boolean }>,
): VisionWeights {
  const order = new Map(weightNames(config).map((name, place) => [name, place]));
  return {
    config,
    read: async (name) => {
      const length = shapeOf(config, name).reduce((product, each) => product * each, 1);
      const place = order.get(name);
      if (place === undefined) throw new RangeError(`there is no weight ${name} in this architecture`);
      const draw = createDraw(seed, place);
      const { center, deviation } = distributionOf(config, name);
      const values = new Float32Array(length);
      for (let at = 0; at < length; at++) values[at] = center + deviation * draw();
      if (outliers && /norm[12]\.gain$/.test(name)) raiseOutliers(values, seed);
      return values;
    },
  };
}

/** Close to how CLIP initializes itself: residual branches shrink with depth, so that the stream stays bounded. */
function distributionOf({ width, innerWidth, layers }: VisionConfig, name: WeightName) {
  const branch = width ** -0.5 * (2 * layers) ** -0.5;
  if (name.endsWith(".gain")) return { center: 1, deviation: 0.1 };
  if (name.endsWith(".bias")) return { center: 0, deviation: 0.02 };
  if (name === "patch") return { center: 0, deviation: 0.02 };
  if (name === "class" || name === "positions") return { center: 0, deviation: width ** -0.5 };
  if (name.endsWith("out.weight")) return { center: 0, deviation: branch };
  if (name.endsWith("contract.weight")) return { center: 0, deviation: branch * Math.sqrt(width / innerWidth) };
  return { center: 0, deviation: width ** -0.5 };
}

/** The same channels in every layer: an outlier of a trained model runs through its whole residual stream. */
function raiseOutliers(gains: Float32Array, seed: number): void {
  const draw = createDraw(seed, 1_000_003);
  const count = Math.max(1, Math.round(gains.length / 128));
  for (let outlier = 0; outlier < count; outlier++) {
    const channel = Math.floor(Math.abs(draw()) * 1_000_003) % gains.length;
    gains[channel]! *= 20 + (outlier * 40) / count;
  }
}

/** About normal, with mean 0 and deviation 1: four bytes of a mixed counter, added (Irwin and Hall). */
function createDraw(seed: number, stream: number): () => number {
  let state = (Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul(stream + 1, 0x85ebca6b)) | 0;
  // Four uniform bytes have the variance 4 (256^2 - 1) / 12.
  const deviation = Math.sqrt((4 * (256 ** 2 - 1)) / 12);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    mixed ^= mixed >>> 14;
    return ((mixed & 255) + ((mixed >>> 8) & 255) + ((mixed >>> 16) & 255) + (mixed >>> 24) - 510) / deviation;
  };
}
