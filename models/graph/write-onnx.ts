import { createHash, type Hash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import {
  type Attribute,
  elementBytes,
  elementCodes,
  type GraphNode,
  type GraphValue,
  type Initializer,
  type OnnxGraph,
} from "./onnx-graph.js";
import { bytesField, bytesHead, floatField, integerField, messageField, textField } from "./protobuf.js";

/** IR version 9 and operator set 18: ONNX 1.14, which ONNX Runtime reads from 1.15 on. */
const irVersion = 9;
const operatorSet = 18;
/** Protocol buffers cannot be larger. */
const maxFileBytes = 2 ** 31 - 1;

const attributeCodes = { float: 1, integer: 2, integers: 7 } as const;

/**
 * Writes a graph as an ONNX file, one constant at a time, and gives its size and the sha-256 of its bytes.
 * @throws Error when the file would be larger than a protocol buffer can be; whatever a constant's `read` throws;
 *   RangeError when it gives another number of bytes than its type and dimensions say.
 */
export async function writeOnnx(path: string, graph: OnnxGraph): Promise<Readonly<{ bytes: number; sha256: string }>> {
  const model = modelParts(graph);
  const bytes = model.reduce((sum, part) => sum + part.length, 0);
  if (bytes > maxFileBytes) {
    throw new Error(`${path} would have ${bytes} bytes, and an ONNX file cannot have more than ${maxFileBytes}`);
  }
  const file = await open(path, "w");
  try {
    const hash = createHash("sha256");
    for (const part of model) await append(file, hash, Buffer.isBuffer(part) ? part : await readChecked(part));
    await file.sync();
    return { bytes, sha256: hash.digest("hex") };
  } finally {
    await file.close();
  }
}

async function append(file: FileHandle, hash: Hash, bytes: Uint8Array): Promise<void> {
  hash.update(bytes);
  await file.writeFile(bytes);
}

/** Constant values to be read when their turn comes. */
type LazyBytes = Readonly<{ length: number; initializer: Initializer }>;
type Part = Buffer | LazyBytes;

async function readChecked({ length, initializer }: LazyBytes): Promise<Uint8Array> {
  const bytes = await initializer.read();
  if (bytes.length !== length) {
    throw new RangeError(`${initializer.name} has ${bytes.length} bytes, not ${length}`);
  }
  return bytes;
}

const lengthOf = (parts: readonly Part[]) => parts.reduce((sum, { length }) => sum + length, 0);

/** Field numbers here and below are those of onnx.proto3. */
function modelParts(graph: OnnxGraph): readonly Part[] {
  const body = graphParts(graph);
  const domains = new Set(["", ...graph.nodes.map(({ domain }) => domain)]);
  return [
    integerField(1, irVersion),
    textField(2, "stygig"),
    bytesHead(7, lengthOf(body)),
    ...body,
    ...[...domains].map((domain) =>
      messageField(8, [textField(1, domain), integerField(2, domain === "" ? operatorSet : 1)]),
    ),
  ];
}

function graphParts({ nodes, initializers, inputs, outputs }: OnnxGraph): readonly Part[] {
  return [
    ...nodes.map((node) => messageField(1, nodeFields(node))),
    textField(2, "vision"),
    ...initializers.flatMap(initializerParts),
    ...inputs.map((input) => messageField(11, valueFields(input))),
    ...outputs.map((output) => messageField(12, valueFields(output))),
  ];
}

function nodeFields({ operator, domain, inputs, outputs, attributes }: GraphNode): readonly Buffer[] {
  return [
    ...inputs.map((name) => textField(1, name)),
    ...outputs.map((name) => textField(2, name)),
    textField(3, outputs[0] ?? operator),
    textField(4, operator),
    ...Object.entries(attributes).map(([name, value]) => messageField(5, attributeFields(name, value))),
    ...(domain === "" ? [] : [textField(7, domain)]),
  ];
}

function attributeFields(name: string, value: Attribute): readonly Buffer[] {
  if (typeof value === "number") {
    return [textField(1, name), integerField(3, value), integerField(20, attributeCodes.integer)];
  }
  if ("float" in value) {
    return [textField(1, name), floatField(2, value.float), integerField(20, attributeCodes.float)];
  }
  return [textField(1, name), ...value.map((each) => integerField(8, each)), integerField(20, attributeCodes.integers)];
}

function initializerParts(initializer: Initializer): readonly Part[] {
  const { name, type, dimensions } = initializer;
  const length = dimensions.reduce((product, each) => product * each, elementBytes[type]);
  const head = Buffer.concat([
    ...dimensions.map((each) => integerField(1, each)),
    integerField(2, elementCodes[type]),
    textField(8, name),
    bytesHead(9, length),
  ]);
  return [bytesHead(5, head.length + length), head, { length, initializer }];
}

function valueFields({ name, type, dimensions }: GraphValue): readonly Buffer[] {
  const sizes = dimensions.map((each) =>
    messageField(1, [typeof each === "number" ? integerField(1, each) : textField(2, each)]),
  );
  const tensor = Buffer.concat([integerField(1, elementCodes[type]), messageField(2, sizes)]);
  return [textField(1, name), messageField(2, [bytesField(1, tensor)])];
}
