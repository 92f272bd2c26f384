import { type GraphBuilder, type Tensor, toBytes } from "../graph/graph-builder.js";
import { toHalves } from "../graph/half.js";
import type { ActivationRange } from "../quantize/activation-range.js";
import { type QuantizedWeights, quantizeWeights, transpose, type WeightBits } from "../quantize/quantize-weights.js";

/** Products in floats, or of bytes. */
export type LinearForm =
  | Readonly<{ kind: "float" }>
  | Readonly<{ kind: "int8"; range: ActivationRange; bits: WeightBits }>;

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

/** The input of one or more 8-bit products, as bytes. */
export function addQuantizedInput({ builder }: GraphStyle, input: Tensor, range: ActivationRange): Tensor {
  return builder.apply("QuantizeLinear", [
    input,
    builder.scalar(range.scale, "float32"),
    builder.scalar(range.zeroPoint, "uint8"),
  ]);
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

/** input [..., in] of bytes in `range` -> [..., out] of floats. */
export function addInt8Linear(
  style: GraphStyle,
  input: Tensor,
  range: ActivationRange,
  layer: LinearLayer,
  bits: WeightBits,
): Tensor {
  const { builder, operators } = style;
  const { name, inputs, outputs, weight, bias } = layer;
  const quantized = rememberOnce(async () => quantizeWeights(await weight(), outputs, bits));
  const values = builder.initializer({
    name: `${name}.weight`,
    type: "int8",
    dimensions: [inputs, outputs],
    read: async () => toBytes((await quantized()).values),
  });
  const scales = (factor: number) =>
    addFloats(style, `${name}.scale`, [outputs], async () => (await quantized()).scales.map((each) => each * factor));
  const biases = bias === null ? null : addFloats(style, `${name}.bias`, [outputs], bias);
  const zeroPoint = builder.scalar(range.zeroPoint, "uint8");
  if (operators === "fused") {
    const inputScale = builder.scalar(range.scale, "float32");
    const parts = [input, values, inputScale, scales(1), zeroPoint, ...(biases === null ? [] : ["", biases])];
    return builder.apply("MatMulIntegerToFloat", parts, { domain: "com.microsoft" });
  }
  const sums = builder.apply("MatMulInteger", [input, values, zeroPoint]);
  const floats = builder.apply("Cast", [sums], { attributes: { to: 1 } });
  const scaled = builder.apply("Mul", [floats, scales(range.scale)]);
  return biases === null ? scaled : builder.apply("Add", [scaled, biases]);
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
