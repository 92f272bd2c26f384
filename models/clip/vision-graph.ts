import { createGraphBuilder, type Tensor } from "../graph/graph-builder.js";
import { elementCodes, type GraphValue, type OnnxGraph } from "../graph/onnx-graph.js";
import type { WeightBits } from "../quantize/quantize-weights.js";
import { addBlock, addNorm, type Site } from "./block.js";
import { addFloatLinear, type FloatType, type GraphStyle, type Operators } from "./linear.js";
import { addTokens, type InputKind } from "./patches.js";
import { type PixelStatistics, tokensOf, type VisionConfig } from "./vision-config.js";
import type { VisionWeights } from "./vision-weights.js";

/** How the products inside the blocks are written. */
export type GraphPrecision =
  | Readonly<{ kind: FloatType }>
  | Readonly<{ kind: "int8"; bits: WeightBits; inFp32: ReadonlySet<Site> }>;

export type VisionGraphOptions = Readonly<{
  precision: GraphPrecision;
  input: InputKind;
  operators: Operators;
  statistics: PixelStatistics;
  /** Also give the tensors at the sites, for calibration. */
  withSites: boolean;
}>;

/** A graph, and where to find the sites among its outputs. */
export type VisionGraph = Readonly<{ graph: OnnxGraph; sites: ReadonlyMap<Site, Tensor> }>;

/** Names of the graph's ends: our own, and those that other runtimes expect of a CLIP vision model. */
export const graphEnds = {
  uint8: { input: "pixels", output: "embedding" },
  "pixel-values": { input: "pixel_values", output: "image_embeds" },
} as const;

/**
 * The graph of a CLIP vision transformer, pixels to embedding [n, dimension] float32, for any number of pictures.
 * `uint8` graphs give rows of length 1; `pixel-values` graphs give them as they are projected, as their kind does.
 */
export function buildVisionGraph(weights: VisionWeights, options: VisionGraphOptions): VisionGraph {
  const { config } = weights;
  const { precision, input, operators } = options;
  const ends = graphEnds[input];
  const builder = createGraphBuilder();
  const floatType = precision.kind === "int8" ? "float32" : precision.kind;
  const style: GraphStyle = { builder, operators, floatType };
  const sites = new Map<Site, Tensor>();
  const bitsAt = (site: Site) => (precision.kind === "int8" && !precision.inFp32.has(site) ? precision.bits : null);
  const plan = { bitsAt, tap: (site: Site, tensor: Tensor) => void sites.set(site, tensor) };

  const int8 = precision.kind === "int8" ? precision.bits : null;
  const tokens = addTokens(style, ends.input, weights, { input, statistics: options.statistics, int8 });
  let stream = addNorm(style, tokens, weights, "before");
  for (let layer = 0; layer < config.layers; layer++) stream = addBlock(style, stream, weights, layer, plan);
  const seen = addNorm(style, builder.apply("Squeeze", [stream, builder.integers([1])]), weights, "after");
  addProjection(style, seen, weights, ends.output, input === "uint8");
  const inputValue: GraphValue = { name: ends.input, ...inputShape(input, config) };
  const outputs: readonly GraphValue[] = [
    { name: ends.output, type: "float32", dimensions: ["n", config.dimension] },
    ...(options.withSites ? [...sites].map(([site, name]) => siteValue(config, site, name)) : []),
  ];
  return { graph: { inputs: [inputValue], outputs, nodes: builder.nodes, initializers: builder.initializers }, sites };
}

function addProjection(style: GraphStyle, seen: Tensor, weights: VisionWeights, output: string, normalize: boolean) {
  const { builder, floatType } = style;
  const { width, dimension } = weights.config;
  const layer = {
    name: "projection",
    inputs: width,
    outputs: dimension,
    bias: null,
    weight: () => weights.read("projection"),
  };
  const projected = addFloatLinear(style, seen, layer);
  const floats =
    floatType === "float32"
      ? projected
      : builder.apply("Cast", [projected], { attributes: { to: elementCodes.float32 } });
  if (!normalize) return builder.applyTo(output, "Identity", [floats]);
  const length = builder.apply("ReduceL2", [floats, builder.integers([1])], { attributes: { keepdims: 1 } });
  return builder.applyTo(output, "Div", [floats, length]);
}

function inputShape(input: InputKind, { side }: VisionConfig): Pick<GraphValue, "type" | "dimensions"> {
  if (input === "uint8") return { type: "uint8", dimensions: ["n", side, side, 3] };
  return { type: "float32", dimensions: ["n", 3, side, side] };
}

function siteValue(config: VisionConfig, site: Site, name: Tensor): GraphValue {
  const [, layer, kind] = site.split(".");
  const isLast = Number(layer) === config.layers - 1 && kind !== "attention";
  const width = kind === "contract" ? config.innerWidth : config.width;
  return { name, type: "float32", dimensions: ["n", isLast ? 1 : tokensOf(config), width] };
}
