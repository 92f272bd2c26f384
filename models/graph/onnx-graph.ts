/** The element types that our graphs hold, and the bytes of one element. */
export const elementBytes = { float32: 4, float16: 2, uint8: 1, int8: 1, int32: 4, int64: 8 } as const;
export type ElementType = keyof typeof elementBytes;

/** The same types as ONNX numbers them. */
export const elementCodes: Readonly<Record<ElementType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  float16: 10,
};

/**
 * Constant values of a graph, row-major and little-endian. They are asked for when their turn to be written comes, and
 * held no longer, so that a graph of hundreds of megabytes never lies in memory as a whole.
 */
export type Initializer = Readonly<{
  name: string;
  type: ElementType;
  dimensions: readonly number[];
  read: () => Promise<Uint8Array>;
}>;

/** A whole number, a list of them, or a float, which must say so: 1.0 is a whole number to JavaScript. */
export type Attribute = number | readonly number[] | Readonly<{ float: number }>;

/** One operator at work. An empty input name leaves an optional input out. */
export type GraphNode = Readonly<{
  operator: string;
  /** "" is ONNX itself; the fused operators are ONNX Runtime's own. */
  domain: "" | "com.microsoft";
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: Readonly<Record<string, Attribute>>;
}>;

/** A number is a fixed dimension, a text the name of a free one. */
export type GraphValue = Readonly<{ name: string; type: ElementType; dimensions: readonly (number | string)[] }>;

/** A whole graph: `nodes` in an order in which every input is known. */
export type OnnxGraph = Readonly<{
  inputs: readonly GraphValue[];
  outputs: readonly GraphValue[];
  initializers: readonly Initializer[];
  nodes: readonly GraphNode[];
}>;
