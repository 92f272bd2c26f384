import { type GraphBuilder, type Tensor, toBytes } from "../graph/graph-builder.js";
import { toHalves } from "../graph/half.js";
import { elementCodes } from "../graph/onnx-graph.js";
import { type QuantizedWeights, quantizeWeights, transpose, type WeightBits } from "../quantize/quantize-weights.js";

/** `fused` uses ONNX Runtime's own operators where they are faster; `standard` is ONNX alone, for other runtimes. */
export type Operators = "fused" | "standard";
export type FloatType = "float32" | "float16";

/** How the graph at hand is written. */
export type GraphStyle = Readonly<{ builder: GraphBuilder; floatType: FloatType; operators: Operators }>;

/** A linear layer to be written: weights [out, in] and bias [out], read when their turn comes. */
export type LinearLayer = Readonly<{
  name: string;
  inputs: number;
  outputs: number;
  weight: () => Promise<Float32Array>;
  bias: (() => Promise<Float32Array>) | null;
}>;

/** A constant of the graph's float type. */
export function addFloats(
  { builder, floatType }: GraphStyle,
  name: string,
  dimensions: readonly number[],
  read: () => Promise<Float32Array>,
): Tensor {
  const toFloatType = (values: Float32Array) => {
    if (floatType === "float32") return toBytes(values);
    try {
      return toBytes(toHalves(values));
    } catch (error) {
      throw new Error(`${name} cannot be written in half precision: ${(error as Error).message}`, { cause: error });
    }
  };
  return builder.initializer({ name, type: floatType, dimensions, read: async () => toFloatType(await read()) });
}

/** input [..., in] of floats -> [..., out]. */
export function addFloatLinear(style: GraphStyle, input: Tensor, layer: LinearLayer): Tensor {
  const { name, inputs, outputs, weight, bias } = layer;
  const turned = async () => transpose(await weight(), outputs);
  const product = style.builder.apply("MatMul", [input, addFloats(style, `${name}.weight`, [inputs, outputs], turned)]);
  return bias === null
    ? product
    : style.builder.apply("Add", [product, addFloats(style, `${name}.bias`, [outputs], bias)]);
}

/**
 * input [..., in] of floats -> [..., out], the input rounded to bytes over its own range: what nothing was calibrated on
 * fits as well. The range is that of everything in the run, so that one run must hold one picture.
 */
export function addInt8Linear(style: GraphStyle, input: Tensor, layer: LinearLayer, bits: WeightBits): Tensor {
  const { builder, operators } = style;
  const { name, outputs, bias } = layer;
  const { values, scales } = addQuantizedWeights(style, layer, bits);
  const biases = bias === null ? null : addFloats(style, `${name}.bias`, [outputs], bias);
  if (operators === "fused") {
    const parts = [input, values, scales, ...(biases === null ? [] : ["", biases])];
    return builder.apply("DynamicQuantizeMatMul", parts, { domain: "com.microsoft" });
  }
  const [bytes, scale, zeroPoint] = builder.applyAll("DynamicQuantizeLinear", [input], 3) as [Tensor, Tensor, Tensor];
  const sums = builder.apply("MatMulInteger", [bytes, values, zeroPoint]);
  const product = scaleSums(style, sums, builder.apply("Mul", [scale, scales]));
  return biases === null ? product : builder.apply("Add", [product, biases]);
}

/** pixels [..., in] of bytes as they are -> [..., out]: only the weights are rounded. */
export function addPixelLinear(style: GraphStyle, pixels: Tensor, layer: LinearLayer, bits: WeightBits): Tensor {
  const { builder, operators } = style;
  const { values, scales } = addQuantizedWeights(style, layer, bits);
  if (operators === "standard") return scaleSums(style, builder.apply("MatMulInteger", [pixels, values]), scales);
  const parts = [pixels, values, builder.scalar(1, "float32"), scales];
  return builder.apply("MatMulIntegerToFloat", parts, { domain: "com.microsoft" });
}

function addQuantizedWeights(style: GraphStyle, { name, inputs, outputs, weight }: LinearLayer, bits: WeightBits) {
  const quantized = rememberOnce(async () => quantizeWeights(await weight(), outputs, bits));
  const values = style.builder.initializer({
    name: `${name}.weight`,
    type: "int8",
    dimensions: [inputs, outputs],
    read: async () => toBytes((await quantized()).values),
  });
  return { values, scales: addFloats(style, `${name}.scale`, [outputs], async () => (await quantized()).scales) };
}

/** Sums of products of bytes as the real numbers they stand for. */
function scaleSums({ builder }: GraphStyle, sums: Tensor, scales: Tensor): Tensor {
  return builder.apply("Mul", [builder.apply("Cast", [sums], { attributes: { to: elementCodes.float32 } }), scales]);
}

/** Weights and scales come from one reading and are written one after the other; then they are let go. */
function rememberOnce(read: () => Promise<QuantizedWeights>): () => Promise<QuantizedWeights> {
  let first: Promise<QuantizedWeights> | null = null;
  return () => {
    const result = first ?? read();
    first = first === null ? result : null;
    return result;
  };
}
