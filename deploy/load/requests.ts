import { type Question, toWireRequest, type WireRequest } from "../../client/question.js";

export type RequestSource = Readonly<{
  pictures: readonly Uint8Array[];
  options: Omit<Question, "image">;
  /**
   * Whether each request's bytes shall be its own. A service that remembers pictures answers the same bytes from
   * memory, which is another load.
   */
  areDistinct: boolean;
  /** In [0, 1). */
  random: () => number;
}>;

const markBytes = 12;

/**
 * Gives the next request, the pictures by turns. What makes bytes distinct stands behind the picture's end, where no
 * decoder looks: a number, and one of the run, so that a second run does not meet the memory of the first.
 */
export function createRequests({ pictures, options, areDistinct, random }: RequestSource): () => WireRequest {
  if (pictures.length === 0) throw new RangeError("a load test needs a picture");
  const run = Math.floor(random() * 2 ** 32);
  let count = 0;
  return () => {
    const picture = pictures[count % pictures.length]!;
    const image = areDistinct ? mark(picture, run, count) : picture;
    count += 1;
    return toWireRequest({ ...options, image }, "header");
  };
}

function mark(picture: Uint8Array, run: number, count: number): Uint8Array {
  const marked = new Uint8Array(picture.length + markBytes);
  marked.set(picture);
  const view = new DataView(marked.buffer, picture.length);
  view.setUint32(0, run);
  view.setBigUint64(4, BigInt(count));
  return marked;
}
