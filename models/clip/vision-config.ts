import type { PerChannel } from "../../src/domain/encoder-manifest.js";

/** The shape of a CLIP vision transformer (Radford et al., 2021): everything that decides its graph but the weights. */
export type VisionConfig = Readonly<{
  /** Side of the square picture, and of the square patches it is cut into, in pixels. */
  side: number;
  patch: number;
  /** Width of the residual stream and of the block's inner layer. */
  width: number;
  innerWidth: number;
  layers: number;
  heads: number;
  /** Length of the embedding. */
  dimension: number;
  /** `quick_gelu` is x * sigmoid(1.702 x), OpenAI's; `gelu` is the exact one. */
  activation: "quick_gelu" | "gelu";
  epsilon: number;
}>;

/** What a pixel's channels are normalized by before the patches are projected: (pixel / 255 - mean) / std. */
export type PixelStatistics = Readonly<{ mean: PerChannel; std: PerChannel }>;

/** OpenAI's statistics, which nearly every CLIP model keeps. */
export const clipStatistics: PixelStatistics = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
};

/** Patches in a row of a picture. */
export const gridOf = ({ side, patch }: VisionConfig) => side / patch;

/** Tokens of a picture: one of the class, one of each patch. */
export const tokensOf = (config: VisionConfig) => gridOf(config) ** 2 + 1;
