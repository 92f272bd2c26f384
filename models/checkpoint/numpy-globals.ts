import { shown } from "../../src/domain/json-fields.js";
import { isPickleName, isPickleTuple, type PickleGlobal, type PickleRules } from "./pickle.js";

/** A NumPy array of numbers, row by row. */
export type NumpyArray = Readonly<{ kind: "numpy-array"; shape: readonly number[]; values: readonly number[] }>;

export function isNumpyArray(value: unknown): value is NumpyArray {
  return isOfKind(value, "numpy-array");
}

type Dtype = Readonly<{ kind: "numpy-dtype"; code: string }>;
type Reader = Readonly<{ bytes: number; read: (view: DataView, at: number) => number | bigint }>;

/** By the name without its byte order, which must be the little one. */
const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["b1", { bytes: 1, read: (view, at) => view.getUint8(at) }],
  ["u1", { bytes: 1, read: (view, at) => view.getUint8(at) }],
  ["i1", { bytes: 1, read: (view, at) => view.getInt8(at) }],
  ["u2", { bytes: 2, read: (view, at) => view.getUint16(at, true) }],
  ["i2", { bytes: 2, read: (view, at) => view.getInt16(at, true) }],
  ["u4", { bytes: 4, read: (view, at) => view.getUint32(at, true) }],
  ["i4", { bytes: 4, read: (view, at) => view.getInt32(at, true) }],
  ["u8", { bytes: 8, read: (view, at) => view.getBigUint64(at, true) }],
  ["i8", { bytes: 8, read: (view, at) => view.getBigInt64(at, true) }],
  ["f4", { bytes: 4, read: (view, at) => view.getFloat32(at, true) }],
  ["f8", { bytes: 8, read: (view, at) => view.getFloat64(at, true) }],
]);

const makers: Readonly<Record<string, PickleGlobal>> = {
  "multiarray.scalar": { call: toScalar },
  "multiarray._reconstruct": { call: emptyArray, takesAttributes: fillArray },
  "numeric._frombuffer": { call: arrayOfBuffer },
};

/** Numbers and arrays of numbers as NumPy pickles them (1 and 2 name their places differently), and nothing beside them. */
export const numpyRules: PickleRules = {
  globals: new Map<string, PickleGlobal>([
    ["numpy.ndarray", {}],
    ["numpy.dtype", { call: toDtype, takesAttributes: requireLittle }],
    ...Object.entries(makers).flatMap(([name, maker]): [string, PickleGlobal][] => [
      [`numpy.core.${name}`, maker],
      [`numpy._core.${name}`, maker],
    ]),
  ]),
};

function toDtype([code]: readonly unknown[]): Dtype {
  if (typeof code !== "string" || !readers.has(code))
    throw new Error(`has the NumPy type ${shown(code)}, which is not read`);
  return { kind: "numpy-dtype", code };
}

/** The attributes of a type are (version, byte order, ...). */
function requireLittle(_made: object, attributes: unknown): void {
  const order = isPickleTuple(attributes) ? attributes.tuple[1] : undefined;
  if (order !== "<" && order !== "|") throw new Error(`has a NumPy type of byte order ${shown(order)}`);
}

function toScalar([dtype, bytes]: readonly unknown[]): number | bigint {
  const [value, ...more] = toNumbers(dtype, bytes);
  if (value === undefined || more.length > 0) throw new Error("makes a NumPy number of something else than its bytes");
  return value;
}

function emptyArray([type, shape]: readonly unknown[]): NumpyArray {
  const isEmpty = isPickleTuple(shape) && shape.tuple.length === 1 && shape.tuple[0] === 0;
  if (!isPickleName(type) || type.global !== "numpy.ndarray" || !isEmpty) {
    throw new Error("makes a NumPy array of something else than an empty one");
  }
  return { kind: "numpy-array", shape: [0], values: [] };
}

/** The attributes of an array are (version, shape, type, is Fortran's order, bytes). */
function fillArray(made: object, attributes: unknown): void {
  const [, shape, dtype, isFortran, bytes] = isPickleTuple(attributes) ? attributes.tuple : [];
  Object.assign(made, toArray({ shape, dtype, bytes, isRowByRow: isFortran === false }));
}

function arrayOfBuffer([bytes, dtype, shape, order]: readonly unknown[]): NumpyArray {
  return toArray({ shape, dtype, bytes, isRowByRow: order === "C" });
}

type ArrayParts = Readonly<{ shape: unknown; dtype: unknown; bytes: unknown; isRowByRow: boolean }>;

function toArray({ shape, dtype, bytes, isRowByRow }: ArrayParts): NumpyArray {
  const sides: readonly unknown[] = isPickleTuple(shape) ? shape.tuple : [null];
  if (!sides.every(isSide)) throw new Error("has a NumPy array without a shape");
  if (!isRowByRow && sides.length > 1) throw new Error("has a NumPy array in Fortran's order, which is not read");
  const values = toNumbers(dtype, bytes).map(Number);
  const count = sides.reduce((product, side) => product * side, 1);
  if (count !== values.length)
    throw new Error(`has a NumPy array of ${values.length} values where its shape has ${count}`);
  return { kind: "numpy-array", shape: sides, values };
}

function toNumbers(dtype: unknown, bytes: unknown): readonly (number | bigint)[] {
  const reader = isOfKind(dtype, "numpy-dtype") ? readers.get((dtype as Dtype).code) : undefined;
  if (reader === undefined || !(bytes instanceof Uint8Array)) throw new Error("has NumPy values without type or bytes");
  if (bytes.length % reader.bytes !== 0) throw new Error("has NumPy values that end within one");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / reader.bytes }, (_, index) => reader.read(view, index * reader.bytes));
}

function isSide(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isOfKind(value: unknown, kind: string): boolean {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === kind;
}
