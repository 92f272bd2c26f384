import { gridOf, tokensOf, type VisionConfig } from "./vision-config.js";

export type BlockLinear = "query" | "key" | "value" | "out" | "expand" | "contract";
type BlockPart = `${BlockLinear}.${"weight" | "bias"}` | `${"norm1" | "norm2"}.${"gain" | "bias"}`;
/** Every tensor of a vision transformer, by our own names. */
export type WeightName =
  | "patch"
  | "class"
  | "positions"
  | `${"before" | "after"}.${"gain" | "bias"}`
  | `blocks.${number}.${BlockPart}`
  | "projection";

/**
 * The weights of one vision transformer, wherever they come from. `read` gives row-major float32 of the shape that
 * `shapeOf` says; linear layers are [out, in], as PyTorch keeps them.
 */
export type VisionWeights = Readonly<{
  config: VisionConfig;
  read: (name: WeightName) => Promise<Float32Array<ArrayBuffer>>;
}>;

const blockParts: readonly BlockPart[] = [
  "norm1.gain",
  "norm1.bias",
  "query.weight",
  "query.bias",
  "key.weight",
  "key.bias",
  "value.weight",
  "value.bias",
  "out.weight",
  "out.bias",
  "norm2.gain",
  "norm2.bias",
  "expand.weight",
  "expand.bias",
  "contract.weight",
  "contract.bias",
];

/** Every name of a transformer of this shape, in the order in which the picture meets them. */
export function weightNames({ layers }: VisionConfig): readonly WeightName[] {
  const blocks = Array.from({ length: layers }, (_, layer) =>
    blockParts.map((part): WeightName => `blocks.${layer}.${part}`),
  );
  return [
    "patch",
    "class",
    "positions",
    "before.gain",
    "before.bias",
    ...blocks.flat(),
    "after.gain",
    "after.bias",
    "projection",
  ];
}

/** The shape of a weight. */
export function shapeOf(config: VisionConfig, name: WeightName): readonly number[] {
  const { width, innerWidth, patch, dimension } = config;
  switch (name) {
    case "patch":
      return [width, 3, patch, patch];
    case "positions":
      return [tokensOf(config), width];
    case "projection":
      return [dimension, width];
  }
  if (name.endsWith("expand.weight")) return [innerWidth, width];
  if (name.endsWith("expand.bias")) return [innerWidth];
  if (name.endsWith("contract.weight")) return [width, innerWidth];
  return name.endsWith(".weight") ? [width, width] : [width];
}

/** Patches of a picture, the class's token left out. */
export const patchesOf = (config: VisionConfig) => gridOf(config) ** 2;
