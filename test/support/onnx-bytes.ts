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
    number(1, irVersion),
    text(2, "stygig test"),
    message(7, [
      ...graph.nodes.map((node) => message(1, nodeFields(node))),
      text(2, "tiny"),
      ...graph.constants.map((constant) => message(5, constantFields(constant))),
      message(11, valueInfoFields(graph.input)),
      message(12, valueInfoFields(graph.output)),
    ]),
    message(8, [text(1, ""), number(2, operatorSet)]),
  ]);
}

function nodeFields(node: Node): readonly Buffer[] {
  return [
    ...node.inputs.map((name) => text(1, name)),
    text(2, node.output),
    text(3, node.output),
    text(4, node.operator),
    ...Object.entries(node.attributes ?? {}).map(([name, value]) => message(5, attributeFields(name, value))),
  ];
}

function attributeFields(name: string, value: Attribute): readonly Buffer[] {
  if (typeof value === "object" && "float" in value) {
    return [text(1, name), fixed32(2, value.float), number(20, attributeTypes.float)];
  }
  if (typeof value === "number") return [text(1, name), number(3, value), number(20, attributeTypes.int)];
  return [text(1, name), ...value.map((each) => number(8, each)), number(20, attributeTypes.ints)];
}

function constantFields(constant: Constant): readonly Buffer[] {
  const { values } = constant;
  const type = values instanceof Float32Array ? elementTypes.float32 : elementTypes.int64;
  // `raw_data` is little-endian, as every machine that runs these tests is.
  const raw = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  const head = [...constant.dimensions.map((each) => number(1, each)), number(2, type), text(8, constant.name)];
  if (constant.externalFile === undefined) return [...head, bytes(9, raw)];
  const place = message(13, [text(1, "location"), text(2, constant.externalFile)]);
  return [...head, place, number(14, dataLocations.external)];
}

function valueInfoFields(value: ValueInfo): readonly Buffer[] {
  const dimensions = value.dimensions.map((each) =>
    message(1, [typeof each === "number" ? number(1, each) : text(2, each)]),
  );
  const tensor = [number(1, elementTypes[value.type]), message(2, dimensions)];
  return [text(1, value.name), message(2, [message(1, tensor)])];
}

const wireTypes = { varint: 0, lengthDelimited: 2, fixed32: 5 } as const;

/** Variable-length integer, seven bits a byte; negative numbers take the ten bytes of their 64-bit form. */
function varint(value: number): Buffer {
  let rest = BigInt.asUintN(64, BigInt(value));
  const digits: number[] = [];
  while (rest > 127n) {
    digits.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  digits.push(Number(rest));
  return Buffer.from(digits);
}

function number(field: number, value: number): Buffer {
  return Buffer.concat([varint((field << 3) | wireTypes.varint), varint(value)]);
}

function fixed32(field: number, value: number): Buffer {
  const float = Buffer.alloc(4);
  float.writeFloatLE(value);
  return Buffer.concat([varint((field << 3) | wireTypes.fixed32), float]);
}

function bytes(field: number, value: Buffer): Buffer {
  return Buffer.concat([varint((field << 3) | wireTypes.lengthDelimited), varint(value.length), value]);
}

function text(field: number, value: string): Buffer {
  return bytes(field, Buffer.from(value));
}

function message(field: number, fields: readonly Buffer[]): Buffer {
  return bytes(field, Buffer.concat(fields));
}
