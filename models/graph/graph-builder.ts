import { toHalfBits } from "./half.js";
import { elementBytes, type GraphNode, type Initializer } from "./onnx-graph.js";

/** A tensor inside the graph, by its name. */
export type Tensor = string;

type ApplyOptions = Readonly<{ domain?: GraphNode["domain"]; attributes?: GraphNode["attributes"] }>;

/** Collects a graph node by node. Names are counted up, so that the same calls give the same graph. */
export type GraphBuilder = Readonly<{
  /** The operator's only output. */
  apply: (operator: string, inputs: readonly Tensor[], options?: ApplyOptions) => Tensor;
  /** All outputs of an operator that has several. */
  applyAll: (operator: string, inputs: readonly Tensor[], outputs: number) => readonly Tensor[];
  /** The operator's only output, under a name that others must know it by. */
  applyTo: (output: Tensor, operator: string, inputs: readonly Tensor[], options?: ApplyOptions) => Tensor;
  /** A constant that is read when its turn to be written comes. @throws RangeError for a name that is taken */
  initializer: (initializer: Initializer) => Tensor;
  /** A number as a scalar. */
  scalar: (value: number, type: "float32" | "float16" | "uint8" | "int8" | "int64") => Tensor;
  /** A list of whole numbers; equal lists share one. */
  integers: (values: readonly number[]) => Tensor;
  nodes: readonly GraphNode[];
  initializers: readonly Initializer[];
}>;

/** An empty graph to build on. */
export function createGraphBuilder(): GraphBuilder {
  const nodes: GraphNode[] = [];
  const initializers = new Map<string, Initializer>();
  const applyTo: GraphBuilder["applyTo"] = (output, operator, inputs, { domain = "", attributes = {} } = {}) => {
    nodes.push({ operator, domain, inputs, outputs: [output], attributes });
    return output;
  };
  const small = (name: string, type: Initializer["type"], dimensions: readonly number[], bytes: Uint8Array) => {
    if (!initializers.has(name)) initializers.set(name, { name, type, dimensions, read: async () => bytes });
    return name;
  };
  return {
    apply: (operator, inputs, options) => applyTo(`${operator}_${nodes.length}`, operator, inputs, options),
    applyTo,
    applyAll: (operator, inputs, count) => {
      const outputs = Array.from({ length: count }, (_, place) => `${operator}_${nodes.length}_${place}`);
      nodes.push({ operator, domain: "", inputs, outputs, attributes: {} });
      return outputs;
    },
    initializer: (initializer) => {
      if (initializers.has(initializer.name)) throw new RangeError(`${initializer.name} is in the graph already`);
      initializers.set(initializer.name, initializer);
      return initializer.name;
    },
    scalar: (value, type) => small(`${type}_${value}`, type, [], scalarBytes(value, type)),
    integers: (values) =>
      small(`shape_${values.join("_")}`, "int64", [values.length], toBytes(BigInt64Array.from(values, BigInt))),
    nodes,
    get initializers() {
      return [...initializers.values()];
    },
  };
}

function scalarBytes(value: number, type: Parameters<GraphBuilder["scalar"]>[1]): Uint8Array {
  const bytes = Buffer.alloc(elementBytes[type]);
  if (type === "float32") bytes.writeFloatLE(value);
  else if (type === "float16") bytes.writeUInt16LE(toHalfBits(value));
  else if (type === "int64") bytes.writeBigInt64LE(BigInt(value));
  else if (type === "uint8") bytes.writeUInt8(value);
  else bytes.writeInt8(value);
  return bytes;
}

/** The bytes under a typed array, without a copy. Little-endian, as every machine that Node runs on in production is. */
export function toBytes(values: NodeJS.TypedArray): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
