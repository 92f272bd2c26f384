/** Pieces of a pickle: opcodes as text of one character a byte, so that a test reads like a disassembly. */
export type PicklePiece = string | Uint8Array | readonly PicklePiece[];

/** A whole pickle of protocol 2 around these pieces. */
export function aPickle(...pieces: readonly PicklePiece[]): Uint8Array<ArrayBuffer> {
  return rawPickle("\x80\x02", pieces, ".");
}

/** The pieces and nothing more. */
export function rawPickle(...pieces: readonly PicklePiece[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(toBytes(pieces));
}

function toBytes(piece: PicklePiece): Buffer {
  if (typeof piece === "string") return Buffer.from(piece, "latin1");
  return piece instanceof Uint8Array ? Buffer.from(piece) : Buffer.concat(piece.map(toBytes));
}

/** BINUNICODE. */
export function text(value: string): PicklePiece {
  const bytes = Buffer.from(value);
  return ["X", little(bytes.length, 4), bytes];
}

/** BININT, or LONG1 of eight bytes where that is too small. */
export function whole(value: number): PicklePiece {
  if (value === (value | 0)) return ["J", little(value >>> 0, 4)];
  return ["\x8a\x08", little(value, 8)];
}

/** MARK ... TUPLE. */
export function tuple(...items: readonly PicklePiece[]): PicklePiece {
  return ["(", items, "t"];
}

/** A dict of the pairs, by EMPTY_DICT, MARK ... SETITEMS. */
export function dict(...pairs: readonly (readonly [key: PicklePiece, value: PicklePiece])[]): PicklePiece {
  return ["}(", pairs.flat(), "u"];
}

/** GLOBAL. */
export function named(module: string, name: string): PicklePiece {
  return `c${module}\n${name}\n`;
}

/** GLOBAL, tuple, REDUCE. */
export function call(module: string, name: string, ...parameters: readonly PicklePiece[]): PicklePiece {
  return [named(module, name), tuple(...parameters), "R"];
}

/** How a pickle of `torch.save` refers to a storage. */
export function storage(type: string, key: string, elements: number): PicklePiece {
  return [tuple(text("storage"), named("torch", type), text(key), text("cpu"), whole(elements)), "Q"];
}

export type ViewToWrite = Readonly<{ offset?: number; shape: readonly number[]; strides: readonly number[] }>;

/** A view of a storage, as `torch.save` writes it. */
export function tensor(of: PicklePiece, { offset = 0, shape, strides }: ViewToWrite): PicklePiece {
  const sizes = (values: readonly number[]) => tuple(...values.map(whole));
  const hooks = call("collections", "OrderedDict");
  return call("torch._utils", "_rebuild_tensor_v2", of, whole(offset), sizes(shape), sizes(strides), "\x89", hooks);
}

export function little(value: number, bytes: number): Uint8Array {
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64LE(BigInt(value));
  return buffer.subarray(0, bytes);
}
