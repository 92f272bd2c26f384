const lineFeed = 10;

/** A line without its line feed; null when it was longer than the limit. */
export type Line = Uint8Array | null;

/**
 * The lines of a body in order, in whatever pieces it comes. Every line feed ends a line, an empty one too; what follows
 * the last line feed is a line if there is any of it. So there are as many as the platform cuts, and a blank line keeps
 * its place among them. One over the limit is thrown away as it comes: no more than the limit is ever held.
 */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Line> {
  let parts: Uint8Array[] = [];
  let size = 0;
  const keep = (part: Uint8Array): void => {
    size += part.length;
    if (size <= maxBytes) parts.push(part);
    else parts = [];
  };
  const finish = (): Line => {
    const line = size <= maxBytes ? Buffer.concat(parts) : null;
    parts = [];
    size = 0;
    return line;
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
