import type { CalibrationPictures } from "../../models/clip/calibration.js";
import { type Smoothing, smoothWeights } from "../../models/clip/smoothed-weights.js";
import type { VisionWeights } from "../../models/clip/vision-weights.js";
import type { ClipModel } from "../../models/open-clip-model.js";
import type { ModelAtWork } from "../../models/verify/verify-models.js";
import { createEncoderWriter, type EncoderPlan, type ModelKind } from "../../models/write-encoder.js";
import { aFolder } from "./a-folder.js";
import { createOnnxEncoder } from "./compiled-encoder.js";

export type Conversion = Readonly<{
  name: string;
  kind: ModelKind;
  weights: VisionWeights;
  pictures: CalibrationPictures;
  smooth?: boolean;
}>;

/**
 * Converts by the writer of `model convert`, but without its remedies: nothing goes back to floats, however bad it is.
 * Each is a folder of its own with one model.
 */
export async function convertAsIs(model: ClipModel, conversion: Conversion): Promise<ModelAtWork> {
  const folder = await aFolder();
  const { name, kind, weights, pictures, smooth = true } = conversion;
  const plan: EncoderPlan = {
    ...{ name, source: model.source, statistics: model.statistics, preprocess: `clip-exact-${weights.config.side}` },
    ...{ weights, pictures, smooth, models: [kind], input: "uint8", operators: "fused" },
    ...{ minMedianCosine: 0, threads: 1, report: () => {} },
  };
  await createEncoderWriter(folder, plan).write();
  const open = () => createOnnxEncoder({ folder, model: kind, providers: ["cpu"], workers: 1, threads: 1 });
  return { model: name, provider: "cpu", open };
}

/** The blocks' weights as so many bits with one scale a matrix would hold them. */
export function coarsened({ config, read }: VisionWeights, bits: number): VisionWeights {
  const most = 2 ** (bits - 1) - 1;
  return {
    config,
    read: async (name) => {
      const values = await read(name);
      if (!/^blocks\..*\.weight$/.test(name)) return values;
      const scale = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0) / most;
      return values.map((value) => Math.round(value / scale) * scale);
    },
  };
}

/**
 * The same network, with a few channels of every norm so many times larger, as trained CLIP models have them: what the
 * norms gain, the layers behind them lose, and in exact arithmetic no embedding changes.
 */
export function withOutliers(weights: VisionWeights, gain: number): VisionWeights {
  const { width, layers } = weights.config;
  const raised: Smoothing = new Map(
    Array.from({ length: layers }, (_, layer) =>
      (["attention", "expand"] as const).map((kind) => {
        const isOutlier = (channel: number) => channel % 48 === (layer * 7 + (kind === "expand" ? 3 : 0)) % 48;
        const divisors = Float32Array.from({ length: width }, (_, channel) => (isOutlier(channel) ? 1 / gain : 1));
        return [`blocks.${layer}.${kind}`, divisors] as const;
      }),
    ).flat(),
  );
  return smoothWeights(weights, raised);
}
