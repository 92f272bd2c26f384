/** A line without its end, numbered from 1; or why it is none. */
export type TextLine = Readonly<{ line: number; text: string } | { line: number; problem: string }>;

const lineFeed = 10;
const carriageReturn = 13;
/** More than any item says of itself, an embedding included; without it a file without lines would fill the memory. */
const maxLineBytes = 16 * 2 ** 20;

/**
 * The lines of a UTF-8 file in order, in whatever pieces it comes: it is never in memory whole. LF or CRLF ends a line,
 * what follows the last one is a line if there is any of it, and a byte order mark before the first is no part of it.
 */
export async function* readTextLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TextLine> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let [line, size] = [0, 0];
  let parts: Uint8Array[] = [];
  const keep = (part: Uint8Array): void => {
    size += part.length;
    if (size <= maxLineBytes) parts.push(part);
    else parts = [];
  };
  const finish = (): TextLine => {
    const [bytes, length] = [parts.length === 1 ? parts[0]! : Buffer.concat(parts), size];
    [parts, size] = [[], 0];
    line += 1;
    return length > maxLineBytes ? { line, problem: `it has more than ${maxLineBytes} bytes` } : decode(bytes, line);
  };
  const decode = (bytes: Uint8Array, line: number): TextLine => {
    const end = bytes.at(-1) === carriageReturn ? -1 : bytes.length;
    try {
      const text = decoder.decode(bytes.subarray(0, end));
      return { line, text: line === 1 ? text.replace(/^\uFEFF/, "") : text };
    } catch {
      return { line, problem: "it is not UTF-8 text" };
    }
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(lineFeed); at >= 0; at = chunk.indexOf(lineFeed, from)) {
      keep(chunk.subarray(from, at));
      yield finish();
      from = at + 1;
    }
    if (from < chunk.length) keep(chunk.subarray(from));
  }
  if (size > 0) yield finish();
}
