import { isJsonObject, shown } from "../../src/domain/json-fields.js";
import type { CheckpointTensor } from "./checkpoint.js";
import type { CheckpointFile } from "./checkpoint-file.js";
import { readFloats, requireReadable } from "./read-floats.js";
import { parseStrictJson } from "./strict-json.js";
import { elementCount, type TensorType, tensorTypeBits } from "./tensor-type.js";

/** Some 100 bytes a tensor: room for a hundred times the tensors of the largest published CLIP. */
const maxHeaderBytes = 2 ** 24;
export const maxTensors = 100_000;
export const maxNameLength = 500;
const lengthBytes = 8;

/**
 * The tensors of a safetensors file, checked as its reference implementation does and more strictly: every byte after
 * the header belongs to exactly one tensor. @throws Error with one line that names the file.
 */
export async function listSafetensors(file: CheckpointFile): Promise<ReadonlyMap<string, CheckpointTensor>> {
  try {
    const header = await readHeader(file);
    const entries = header.fields.map(([name, field]) => parseEntry(name, field));
    requireNoGaps(entries, file.bytes - header.end);
    return new Map(entries.map((entry) => [entry.name, toTensor(file, header.end, entry)]));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new Error(`${file.path} is not a sound safetensors file: ${error.message}`, { cause: error });
  }
}

type Header = Readonly<{ fields: readonly (readonly [string, unknown])[]; end: number }>;

async function readHeader(file: CheckpointFile): Promise<Header> {
  if (file.bytes < lengthBytes + 2) throw new Error(`it has only ${file.bytes} bytes`);
  const lengthField = new Uint8Array(lengthBytes);
  await file.readInto(lengthField, 0);
  const length = new DataView(lengthField.buffer).getBigUint64(0, true);
  if (length > maxHeaderBytes) throw new Error(`its header has ${length} bytes; at most ${maxHeaderBytes} are read`);
  const end = lengthBytes + Number(length);
  if (end > file.bytes) throw new Error(`its header has ${length} bytes, but the file ends at byte ${file.bytes}`);
  const text = new Uint8Array(Number(length));
  await file.readInto(text, lengthBytes);
  const root = parseHeader(text);
  if (Object.hasOwn(root, "__metadata__")) checkMetadata(root.__metadata__);
  const fields = Object.entries(root).filter(([name]) => name !== "__metadata__");
  if (fields.length > maxTensors) throw new Error(`it has ${fields.length} tensors; at most ${maxTensors} are read`);
  return { fields, end };
}

function parseHeader(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  // The format allows spaces behind the header and nothing before it.
  if (bytes[0] !== 0x7b) throw new Error("its header does not begin with {");
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new Error("its header is not UTF-8", { cause: error });
  }
  try {
    return parseStrictJson(text) as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw error instanceof Error ? new Error(`its header ${error.message}`, { cause: error }) : error;
  }
}

function checkMetadata(value: unknown): void {
  if (!isJsonObject(value) || Object.values(value).some((each) => typeof each !== "string")) {
    throw new Error("__metadata__ must be an object of texts");
  }
}

type Entry = Readonly<{ name: string; dtype: TensorType; shape: readonly number[]; begin: number; end: number }>;

function parseEntry(name: string, field: unknown): Entry {
  const where = `tensor ${shown(name)}`;
  if (name === "" || name.length > maxNameLength) {
    throw new Error(`${where} must have a name of 1 to ${maxNameLength} characters`);
  }
  if (!isJsonObject(field) || Object.keys(field).sort().join() !== "data_offsets,dtype,shape") {
    throw new Error(`${where} must have dtype, shape and data_offsets, and nothing else`);
  }
  const { dtype, shape, data_offsets: offsets } = field;
  if (typeof dtype !== "string" || !Object.hasOwn(tensorTypeBits, dtype)) {
    throw new Error(`${where} has the unknown dtype ${shown(dtype)}`);
  }
  const count = Array.isArray(shape) ? elementCount(shape) : null;
  if (count === null) throw new Error(`${where} has no valid shape`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(Number.isSafeInteger)) {
    throw new Error(`${where} has no valid data_offsets`);
  }
  const [begin, end] = offsets as [number, number];
  const bits = BigInt(count) * BigInt(tensorTypeBits[dtype as TensorType]);
  if (bits !== 8n * (BigInt(end) - BigInt(begin))) {
    throw new Error(`${where} holds ${end - begin} bytes, but its shape and dtype ask for ${Number(bits) / 8}`);
  }
  return { name, dtype: dtype as TensorType, shape: shape as number[], begin, end };
}

/** Tensors in the order of their bytes must follow one another from the first byte to the last. */
function requireNoGaps(entries: readonly Entry[], dataBytes: number): void {
  let reached = 0;
  for (const { name, begin, end } of [...entries].sort(
    (left, right) => left.begin - right.begin || left.end - right.end,
  )) {
    const where = `tensor ${shown(name)}`;
    if (end > dataBytes) throw new Error(`${where} ends at byte ${end} of ${dataBytes}`);
    if (begin < reached) throw new Error(`${where} overlaps the one before it`);
    if (begin > reached) throw new Error(`there is a hole of ${begin - reached} bytes before ${where}`);
    reached = end;
  }
  if (reached < dataBytes) throw new Error(`its last ${dataBytes - reached} bytes belong to no tensor`);
}

function toTensor(file: CheckpointFile, dataStart: number, entry: Entry): CheckpointTensor {
  const { name, shape, dtype, begin } = entry;
  const count = elementCount(shape) as number;
  const read = async () => {
    requireReadable(`${file.path}: tensor ${shown(name)}`, dtype, count);
    return readFloats(file, dataStart + begin, count, dtype);
  };
  return { name, shape, dtype, read };
}
