import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TensorType, tensorTypeBits } from "../../models/checkpoint/tensor-type.js";
import { aFolder } from "./a-folder.js";

/** `values` in row-major order. F16 and BF16 are rounded to nearest; of other types than the floats give whole numbers. */
export type TensorToWrite = Readonly<{
  name: string;
  dtype: TensorType;
  shape: readonly number[];
  values: ArrayLike<number>;
}>;

/** A safetensors file, tensors in the order given. */
export function toSafetensorsBytes(
  tensors: readonly TensorToWrite[],
  metadata?: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const parts = tensors.map(toElementBytes);
  let begin = 0;
  const fields = tensors.map(({ name, dtype, shape }, index) => {
    const end = begin + parts[index]!.length;
    const field = { dtype, shape, data_offsets: [begin, end] };
    begin = end;
    return [name, field] as const;
  });
  const header = JSON.stringify({
    ...(metadata === undefined ? {} : { __metadata__: metadata }),
    ...Object.fromEntries(fields),
  });
  return fileBytes(header, parts);
}

/** Header text and data as they are, for files that are wrong on purpose. `declaredLength` defaults to the true one. */
export function fileBytes(
  header: string,
  parts: readonly Uint8Array[],
  declaredLength?: bigint,
): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(header);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, declaredLength ?? BigInt(text.length), true);
  return new Uint8Array(Buffer.concat([length, text, ...parts]));
}

/** The tensors as a file in a folder of its own; gives its path. */
export async function aSafetensorsFile(
  tensors: readonly TensorToWrite[],
  metadata?: Readonly<Record<string, string>>,
): Promise<string> {
  const path = join(await aFolder(), "model.safetensors");
  await writeFile(path, toSafetensorsBytes(tensors, metadata));
  return path;
}

function toElementBytes({ name, dtype, shape, values }: TensorToWrite): Uint8Array {
  const count = shape.reduce((product, side) => product * side, 1);
  if (count !== values.length) throw new RangeError(`${name}: ${values.length} values for a shape of ${count}`);
  const bytes = new Uint8Array((count * tensorTypeBits[dtype]) / 8);
  const view = new DataView(bytes.buffer);
  const width = bytes.length / Math.max(1, count);
  const write = writers[dtype];
  if (write === undefined) throw new RangeError(`${name}: ${dtype} is not written here`);
  for (let index = 0; index < count; index++) write(view, index * width, values[index]!);
  return bytes;
}

type Write = (view: DataView, at: number, value: number) => void;

const writers: Partial<Readonly<Record<TensorType, Write>>> = {
  F32: (view, at, value) => view.setFloat32(at, value, true),
  F64: (view, at, value) => view.setFloat64(at, value, true),
  F16: (view, at, value) => view.setUint16(at, nearestHalf(value), true),
  BF16: (view, at, value) => view.setUint16(at, nearestBfloat16(value), true),
  I64: (view, at, value) => view.setBigInt64(at, BigInt(value), true),
  I32: (view, at, value) => view.setInt32(at, value, true),
  U8: (view, at, value) => view.setUint8(at, value),
  BOOL: (view, at, value) => view.setUint8(at, value),
};

/** Bits of the nearest half-precision number, ties to even. */
export function nearestHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(size)) return 0x7e00;
  if (size >= 65_520) return sign | 0x7c00;
  const exponent = Math.max(-14, Math.floor(Math.log2(Math.max(size, 2 ** -30))));
  // Steps of 2^(exponent - 10) count up through subnormals, normals and the next exponent alike.
  const steps = roundHalfToEven(size / 2 ** (exponent - 10));
  return sign | ((exponent + 14) * 1024 + steps);
}

/** Bits of the nearest bfloat16, ties to even. */
export function nearestBfloat16(value: number): number {
  const bits = new Uint32Array(new Float32Array([value]).buffer)[0]!;
  if (Number.isNaN(value)) return 0x7fc0;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
