/** Walks through bytes that may promise more than there are. */
export type PickleCursor = Readonly<{
  position: () => number;
  remaining: () => number;
  /** The next `length` bytes, as a view. @throws Error when there are fewer. */
  take: (length: number | bigint) => Uint8Array<ArrayBuffer>;
  view: (length: number) => DataView;
  /** Text up to the next line feed, which is passed over. */
  line: () => string;
  text: (length: number | bigint) => string;
}>;

export function createPickleCursor(bytes: Uint8Array<ArrayBuffer>): PickleCursor {
  let at = 0;
  const take = (length: number | bigint) => {
    if (length > bytes.length - at) throw new Error(`asks for ${length} bytes where ${bytes.length - at} are left`);
    at += Number(length);
    return bytes.subarray(at - Number(length), at);
  };
  const view = (length: number) => {
    const taken = take(length);
    return new DataView(taken.buffer, taken.byteOffset, length);
  };
  const line = () => {
    const end = bytes.indexOf(0x0a, at);
    if (end < 0) throw new Error("ends within a line");
    const taken = toText(take(end - at));
    at += 1;
    return taken;
  };
  return {
    position: () => at,
    remaining: () => bytes.length - at,
    take,
    view,
    line,
    text: (length) => toText(take(length)),
  };
}

function toText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new Error("has a text that is not UTF-8", { cause: error });
  }
}
