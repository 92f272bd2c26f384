/** Wire types of protocol buffers that ONNX files need. */
const varintType = 0;
const lengthDelimitedType = 2;
const fixed32Type = 5;

/** Variable-length integer, seven bits a byte; a negative number takes the ten bytes of its 64-bit form. */
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

const key = (field: number, type: number) => varint((field << 3) | type);

/** A whole number, also negative, of at most 53 bits. */
export function integerField(field: number, value: number): Buffer {
  return Buffer.concat([key(field, varintType), varint(value)]);
}

/** A 32-bit float. */
export function floatField(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([key(field, fixed32Type), bytes]);
}

/** Text as UTF-8. */
export function textField(field: number, value: string): Buffer {
  return bytesField(field, Buffer.from(value));
}

/** Bytes, or a message that is already encoded. */
export function bytesField(field: number, value: Uint8Array): Buffer {
  return Buffer.concat([bytesHead(field, value.length), value]);
}

/** A message of fields that are already encoded. */
export function messageField(field: number, fields: readonly Buffer[]): Buffer {
  return bytesField(field, Buffer.concat(fields));
}

/** What comes before `length` bytes that are written separately. */
export function bytesHead(field: number, length: number): Buffer {
  return Buffer.concat([key(field, lengthDelimitedType), varint(length)]);
}
