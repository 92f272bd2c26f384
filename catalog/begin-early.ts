/** A source at work, and how to be done with it, whether or not anybody asked for what it gives. */
export type Begun<T> = Readonly<{ pieces: AsyncIterable<T>; end: () => Promise<void> }>;

/**
 * Asks a source for its first piece at once, so that what it begins with goes on beside other work. What goes wrong with that
 * piece is thrown to whoever takes it.
 */
export function beginEarly<T>(source: AsyncGenerator<T, void>): Begun<T> {
  const first = source.next();
  // Thrown where it is awaited below; until then nobody may be there yet.
  first.catch(() => {});
  async function* pieces(): AsyncGenerator<T> {
    const { done, value } = await first;
    if (done !== true) yield value;
    yield* source;
  }
  return {
    pieces: pieces(),
    end: async () => {
      // A source under way ends after its piece; one whose first piece failed has ended.
      await source.return();
    },
  };
}
