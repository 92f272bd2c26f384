import { splitLines } from "../src/domain/split-lines.js";

/** A line without its end, numbered from 1; or why it is none. */
export type TextLine = Readonly<{ line: number; text: string } | { line: number; problem: string }>;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const carriageReturn = 13;
/** More than any item says of itself, an embedding included; without it a file without lines would fill the memory. */
const maxLineBytes = 16 * 2 ** 20;

/**
 * The lines of a UTF-8 file in order, in whatever pieces it comes: it is never in memory whole. LF or CRLF ends a line,
 * what follows the last one is a line if there is any of it, and a byte order mark before the first is no part of it.
 */
export async function* readTextLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TextLine> {
  let line = 0;
  for await (const bytes of splitLines(chunks, maxLineBytes)) {
    line += 1;
    yield bytes === null ? { line, problem: `it has more than ${maxLineBytes} bytes` } : decodeLine(bytes, line);
  }
}

function decodeLine(bytes: Uint8Array, line: number): TextLine {
  const end = bytes.at(-1) === carriageReturn ? -1 : bytes.length;
  try {
    const text = decoder.decode(bytes.subarray(0, end));
    return { line, text: line === 1 ? text.replace(/^\uFEFF/, "") : text };
  } catch {
    return { line, problem: "it is not UTF-8 text" };
  }
}
