import type { Tensor } from "../graph/graph-builder.js";
import type { WeightBits } from "../quantize/quantize-weights.js";
import { addFloatLinear, addFloats, addInt8Linear, type GraphStyle, type LinearLayer } from "./linear.js";
import type { VisionConfig } from "./vision-config.js";
import { type BlockLinear, shapeOf, type VisionWeights, type WeightName } from "./vision-weights.js";

/** The inputs of linear layers inside a block; query, key and value share theirs. */
export const blockSites = ["attention", "out", "expand", "contract"] as const;
/** One such input, by layer. What is quantized, is quantized here. */
export type Site = `blocks.${number}.${(typeof blockSites)[number]}`;

/** Every site of a transformer, in order. */
export function sitesOf({ layers }: VisionConfig): readonly Site[] {
  return Array.from({ length: layers }, (_, layer) => blockSites.map((kind): Site => `blocks.${layer}.${kind}`)).flat();
}

/** How the products at each site are written, and who wants to know the tensor there. */
export type SitePlan = Readonly<{
  /** The bits of the weights there; null for floats. */
  bitsAt: (site: Site) => WeightBits | null;
  tap: (site: Site, tensor: Tensor) => void;
}>;

/** Layer normalization by the weights `<name>.gain` and `<name>.bias`. */
export function addNorm(style: GraphStyle, input: Tensor, weights: VisionWeights, name: string): Tensor {
  const { width, epsilon } = weights.config;
  const part = (which: "gain" | "bias") =>
    addFloats(style, `${name}.${which}`, [width], () => weights.read(`${name}.${which}` as WeightName));
  return style.builder.apply("LayerNormalization", [input, part("gain"), part("bias")], {
    attributes: { axis: -1, epsilon: { float: epsilon } },
  });
}

/**
 * One pre-norm transformer block over [n, tokens, width]. The last block gives the class's token alone, [n, 1, width]:
 * nothing reads the others, and they are most of its work.
 */
export function addBlock(
  style: GraphStyle,
  input: Tensor,
  weights: VisionWeights,
  layer: number,
  plan: SitePlan,
): Tensor {
  const { builder } = style;
  const { config } = weights;
  const isLast = layer === config.layers - 1;
  const at = `blocks.${layer}` as const;
  const onlyClass = (tensor: Tensor) =>
    isLast ? builder.apply("Gather", [tensor, builder.integers([0])], { attributes: { axis: 1 } }) : tensor;

  const attentionInput = siteInput(addNorm(style, input, weights, `${at}.norm1`), `${at}.attention`, plan);
  const linear = (from: SiteInput, name: BlockLinear, tensor = from.tensor) =>
    addLinear(style, { ...from, tensor }, linearLayer(weights, `${at}.${name}`));
  const query = linear(attentionInput, "query", onlyClass(attentionInput.tensor));
  const mixed = addAttention(style, query, linear(attentionInput, "key"), linear(attentionInput, "value"), config);
  const attended = linear(siteInput(mixed, `${at}.out`, plan), "out");
  const middle = builder.apply("Add", [onlyClass(input), attended]);

  const normalized = addNorm(style, middle, weights, `${at}.norm2`);
  const expanded = linear(siteInput(normalized, `${at}.expand`, plan), "expand");
  const activated = addActivation(style, expanded, config.activation);
  return builder.apply("Add", [middle, linear(siteInput(activated, `${at}.contract`, plan), "contract")]);
}

/** What linear layers read at a site, and how their products are written. */
type SiteInput = Readonly<{ tensor: Tensor; bits: WeightBits | null }>;

function siteInput(tensor: Tensor, site: Site, { bitsAt, tap }: SitePlan): SiteInput {
  tap(site, tensor);
  return { tensor, bits: bitsAt(site) };
}

function addLinear(style: GraphStyle, { tensor, bits }: SiteInput, layer: LinearLayer): Tensor {
  return bits === null ? addFloatLinear(style, tensor, layer) : addInt8Linear(style, tensor, layer, bits);
}

function linearLayer({ config, read }: VisionWeights, name: `blocks.${number}.${BlockLinear}`): LinearLayer {
  const [outputs, inputs] = shapeOf(config, `${name}.weight`) as [number, number];
  return { name, inputs, outputs, weight: () => read(`${name}.weight`), bias: () => read(`${name}.bias`) };
}

/** Scaled dot-product attention (Vaswani et al., 2017), softmax(query key' / sqrt(head)) value, head by head. */
function addAttention(style: GraphStyle, query: Tensor, key: Tensor, value: Tensor, config: VisionConfig): Tensor {
  const { builder, operators, floatType } = style;
  const { heads, width } = config;
  if (operators === "fused") {
    return builder.apply("MultiHeadAttention", [query, key, value], {
      domain: "com.microsoft",
      attributes: { num_heads: heads },
    });
  }
  const head = width / heads;
  const perHead = (tensor: Tensor, order: readonly number[]) =>
    builder.apply("Transpose", [builder.apply("Reshape", [tensor, builder.integers([0, 0, heads, head])])], {
      attributes: { perm: order },
    });
  const scaled = builder.apply("Mul", [query, builder.scalar(1 / Math.sqrt(head), floatType)]);
  const scores = builder.apply("MatMul", [perHead(scaled, [0, 2, 1, 3]), perHead(key, [0, 2, 3, 1])]);
  const shares = builder.apply("Softmax", [scores], { attributes: { axis: -1 } });
  const mixed = builder.apply("MatMul", [shares, perHead(value, [0, 2, 1, 3])]);
  const together = builder.apply("Transpose", [mixed], { attributes: { perm: [0, 2, 1, 3] } });
  return builder.apply("Reshape", [together, builder.integers([0, 0, width])]);
}

function addActivation(style: GraphStyle, input: Tensor, activation: VisionConfig["activation"]): Tensor {
  const { builder, operators, floatType } = style;
  const domain = "com.microsoft";
  if (activation === "quick_gelu") {
    if (operators === "fused")
      return builder.apply("QuickGelu", [input], { domain, attributes: { alpha: { float: 1.702 } } });
    const gate = builder.apply("Sigmoid", [builder.apply("Mul", [input, builder.scalar(1.702, floatType)])]);
    return builder.apply("Mul", [input, gate]);
  }
  if (operators === "fused") return builder.apply("Gelu", [input], { domain });
  const erf = builder.apply("Erf", [builder.apply("Mul", [input, builder.scalar(Math.SQRT1_2, floatType)])]);
  const half = builder.apply("Mul", [input, builder.scalar(0.5, floatType)]);
  return builder.apply("Mul", [half, builder.apply("Add", [erf, builder.scalar(1, floatType)])]);
}
