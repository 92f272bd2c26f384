import { bytesField, floatField, integerField, messageField, textField } from "../../models/graph/protobuf.js";

/**
 * Protocol buffers by hand: as much of ONNX's `onnx.proto3` as a graph of a few nodes needs.
 * Field numbers are those of that file, ONNX 1.14 (IR version 8, operator set 13).
 */
const irVersion = 8;
const operatorSet = 13;

const elementTypes = { float32: 1, uint8: 2, int64: 7 } as const;
const dataLocations = { external: 1 } as const;
const attributeTypes = { float: 1, int: 2, ints: 7 } as const;

type ElementType = "float32" | "uint8";
/** A number is fixed, a text is the name of a free dimension. */
type Dimensions = readonly (number | string)[];
type ValueInfo = Readonly<{ name: string; type: ElementType; dimensions: Dimensions }>;
export type Constant = Readonly<{
  name: string;
  dimensions: readonly number[];
  values: Float32Array | BigInt64Array;
  /** Where the values really are, beside the model file; the file itself then has none. */
  externalFile?: string;
}>;
export type Node = Readonly<{
  operator: string;
  inputs: readonly string[];
  output: string;
  attributes?: Readonly<Record<string, Attribute>>;
}>;
/** A plain number is an integer. */
type Attribute = number | readonly number[] | Readonly<{ float: number }>;
export type Graph = Readonly<{
  input: ValueInfo;
  output: ValueInfo;
  constants: readonly Constant[];
  nodes: readonly Node[];
}>;

/** The bytes of an ONNX model file. */
export function toOnnxBytes(graph: Graph): Uint8Array {
  return Buffer.concat([
    integerField(1, irVersion),
    textField(2, "stygig test"),
    messageField(7, [
      ...graph.nodes.map((node) => messageField(1, nodeFields(node))),
      textField(2, "tiny"),
      ...graph.constants.map((constant) => messageField(5, constantFields(constant))),
      messageField(11, valueInfoFields(graph.input)),
      messageField(12, valueInfoFields(graph.output)),
    ]),
    messageField(8, [textField(1, ""), integerField(2, operatorSet)]),
  ]);
}

function nodeFields(node: Node): readonly Buffer[] {
  return [
    ...node.inputs.map((name) => textField(1, name)),
    textField(2, node.output),
    textField(3, node.output),
    textField(4, node.operator),
    ...Object.entries(node.attributes ?? {}).map(([name, value]) => messageField(5, attributeFields(name, value))),
  ];
}

function attributeFields(name: string, value: Attribute): readonly Buffer[] {
  if (typeof value === "object" && "float" in value) {
    return [textField(1, name), floatField(2, value.float), integerField(20, attributeTypes.float)];
  }
  if (typeof value === "number")
    return [textField(1, name), integerField(3, value), integerField(20, attributeTypes.int)];
  return [textField(1, name), ...value.map((each) => integerField(8, each)), integerField(20, attributeTypes.ints)];
}

function constantFields(constant: Constant): readonly Buffer[] {
  const { values } = constant;
  const type = values instanceof Float32Array ? elementTypes.float32 : elementTypes.int64;
  // `raw_data` is little-endian, as every machine that runs these tests is.
  const raw = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  const head = [
    ...constant.dimensions.map((each) => integerField(1, each)),
    integerField(2, type),
    textField(8, constant.name),
  ];
  if (constant.externalFile === undefined) return [...head, bytesField(9, raw)];
  const place = messageField(13, [textField(1, "location"), textField(2, constant.externalFile)]);
  return [...head, place, integerField(14, dataLocations.external)];
}

function valueInfoFields(value: ValueInfo): readonly Buffer[] {
  const dimensions = value.dimensions.map((each) =>
    messageField(1, [typeof each === "number" ? integerField(1, each) : textField(2, each)]),
  );
  const tensor = [integerField(1, elementTypes[value.type]), messageField(2, dimensions)];
  return [textField(1, value.name), messageField(2, [messageField(1, tensor)])];
}
