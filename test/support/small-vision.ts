import { createSyntheticWeights } from "../../models/clip/synthetic-weights.js";
import { clipStatistics, type VisionConfig } from "../../models/clip/vision-config.js";
import type { VisionWeights } from "../../models/clip/vision-weights.js";
import type { EncoderPlan } from "../../models/write-encoder.js";
import { scramble } from "./formula-pictures.js";

/** A vision transformer small enough for a test, with every part that a large one has. */
export const smallVision: VisionConfig = {
  side: 32,
  patch: 8,
  width: 32,
  innerWidth: 96,
  layers: 3,
  heads: 4,
  dimension: 24,
  activation: "quick_gelu",
  epsilon: 1e-5,
};

/** Seeded weights for it. */
export function smallWeights(changes: Partial<VisionConfig> = {}, outliers = false): VisionWeights {
  return createSyntheticWeights({ ...smallVision, ...changes }, { seed: 5, outliers });
}

/** Pictures of the small side: noise of different brightness and contrast, [side, side, 3] bytes each. */
export function smallPictures(count: number, side = smallVision.side): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, picture) =>
    Uint8Array.from({ length: side * side * 3 }, (_, at) => {
      const coarse = scramble(picture * 7919 + Math.floor(at / 96)) % 200;
      return Math.min(255, coarse + (scramble(at + picture) % (8 + picture * 5)));
    }),
  );
}

/** A plan to write a small encoder with. */
export function aSmallPlan(changes: Partial<EncoderPlan> = {}): EncoderPlan {
  return {
    name: "small",
    source: { architecture: "small" },
    preprocess: "clip-exact-32",
    weights: smallWeights(),
    statistics: clipStatistics,
    input: "uint8",
    operators: "fused",
    models: ["fp32"],
    pictures: async function* () {
      yield* smallPictures(6);
    },
    smooth: true,
    minMedianCosine: 0,
    threads: 1,
    report: () => {},
    ...changes,
  };
}
