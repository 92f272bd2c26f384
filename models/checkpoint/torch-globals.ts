import { shown } from "../../src/domain/json-fields.js";
import { isPickleName, isPickleTuple, type PickleGlobal, type PickleRules } from "./pickle.js";
import { elementCount, type TensorType } from "./tensor-type.js";

/** Elements that lie in an entry `data/KEY` of the archive; a pickle may promise more than is there. */
export type TorchStorage = Readonly<{ kind: "storage"; key: string; dtype: TensorType; elements: number }>;

/** A view of a storage: element [i, j, ...] is at `offset` + i * strides[0] + j * strides[1] + ..., always inside. */
export type TorchTensor = Readonly<{
  kind: "tensor";
  storage: TorchStorage;
  offset: number;
  shape: readonly number[];
  strides: readonly number[];
}>;

const storageTypes: Readonly<Record<string, TensorType>> = {
  "torch.FloatStorage": "F32",
  "torch.HalfStorage": "F16",
  "torch.BFloat16Storage": "BF16",
  "torch.DoubleStorage": "F64",
  "torch.LongStorage": "I64",
  "torch.IntStorage": "I32",
  "torch.ShortStorage": "I16",
  "torch.CharStorage": "I8",
  "torch.ByteStorage": "U8",
  "torch.BoolStorage": "BOOL",
  "torch.ComplexFloatStorage": "C64",
};

export function isTorchTensor(value: unknown): value is TorchTensor {
  return isOfKind(value, "tensor");
}

/** The names that a state dict of `torch.save` consists of, and nothing beside them. */
export const torchRules: PickleRules = {
  globals: new Map<string, PickleGlobal>([
    ...Object.keys(storageTypes).map((name): [string, PickleGlobal] => [name, {}]),
    ["collections.OrderedDict", { call: orderedDict, dropsAttributes: true }],
    ["torch.Size", { call: size }],
    ["torch._utils._rebuild_tensor_v2", { call: rebuildTensor }],
    ["torch._utils._rebuild_parameter", { call: rebuildParameter }],
  ]),
  persistent: toStorage,
};

function toStorage(id: unknown): TorchStorage {
  const parts = isPickleTuple(id) ? id.tuple : [];
  const [kind, type, key, location, elements] = parts;
  if (parts.length !== 5 || kind !== "storage" || typeof location !== "string") {
    throw new Error("refers to something that is no storage");
  }
  const dtype = isPickleName(type) ? storageTypes[type.global] : undefined;
  if (dtype === undefined) throw new Error("refers to a storage of no type that is read");
  if (typeof key !== "string" || !/^(?:0|[1-9]\d{0,8})$/.test(key)) {
    throw new Error(`refers to the storage ${shown(key)}, which is no number`);
  }
  if (!isSize(elements)) throw new Error(`refers to storage ${key} of ${shown(elements)} elements`);
  return { kind: "storage", key, dtype, elements };
}

function orderedDict(parameters: readonly unknown[]): ReadonlyMap<unknown, unknown> {
  if (parameters.length > 0) throw new Error("makes an OrderedDict of something");
  return new Map();
}

function size(parameters: readonly unknown[]): unknown {
  const [sides] = parameters;
  if (parameters.length !== 1 || !isPickleTuple(sides))
    throw new Error("makes a torch.Size of something else than a tuple");
  return sides;
}

function rebuildTensor(parameters: readonly unknown[]): TorchTensor {
  const [storage, offset, shape, strides, , hooks, metadata] = parameters;
  if (parameters.length < 6 || parameters.length > 7) throw new Error(`makes a tensor of ${parameters.length} things`);
  if (!isStorage(storage)) throw new Error("makes a tensor of something that is no storage");
  if (!isSize(offset) || !isPickleTuple(shape) || !isPickleTuple(strides)) {
    throw new Error(`makes a tensor of storage ${storage.key} without offset, sizes and strides`);
  }
  requireEmpty(hooks, "hooks");
  // The marks of a conjugate or a negative view: its numbers are not those in the storage.
  if (metadata !== undefined) requireEmpty(metadata, "marks");
  const tensor: TorchTensor = {
    kind: "tensor",
    storage,
    offset,
    shape: shape.tuple as number[],
    strides: strides.tuple as number[],
  };
  requireInside(tensor);
  return tensor;
}

function rebuildParameter(parameters: readonly unknown[]): TorchTensor {
  const [tensor, , hooks] = parameters;
  if (parameters.length !== 3 || !isTorchTensor(tensor))
    throw new Error("makes a parameter of something that is no tensor");
  requireEmpty(hooks, "hooks");
  return tensor;
}

/** @throws Error when any element of the tensor would lie outside of its storage. */
function requireInside({ storage, offset, shape, strides }: TorchTensor): void {
  const where = `makes a tensor of storage ${storage.key}`;
  const count = elementCount(shape);
  if (count === null || shape.length !== strides.length) throw new Error(`${where} without a valid shape`);
  if (!strides.every(isSize)) throw new Error(`${where} without valid strides`);
  const last = shape.reduce(
    (sum, side, index) => sum + BigInt(Math.max(0, side - 1)) * BigInt(strides[index]!),
    BigInt(offset),
  );
  const end = count === 0 ? BigInt(offset) : last + 1n;
  if (end > BigInt(storage.elements)) {
    throw new Error(`${where} that reaches to element ${end} of ${storage.elements}`);
  }
}

function requireEmpty(value: unknown, what: string): void {
  if (value === null || (value instanceof Map && value.size === 0)) return;
  throw new Error(`makes a tensor with ${what}, which are not read`);
}

function isStorage(value: unknown): value is TorchStorage {
  return isOfKind(value, "storage");
}

/** Lists, dicts and tuples of a pickle have no `kind`, whatever is in them. */
function isOfKind(value: unknown, kind: string): boolean {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === kind;
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
