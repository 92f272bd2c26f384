/** Work in steps of a millisecond or two: a server that takes another catalog answers others between them. */
export type Turns<T> = Generator<undefined, T, undefined>;

/** Looked at in one step. */
export const itemsATurn = 8192;
/** Sorting takes several looks at each. */
const sortedATurn = 2048;

/** For whoever has nobody waiting. */
export function inOneGo<T>(turns: Turns<T>): T {
  for (;;) {
    const step = turns.next();
    if (step.done) return step.value;
  }
}

/** From 0 to `count`, by blocks [from, to) that are a step each. */
export function* eachBlock(count: number, look: (from: number, to: number) => void): Turns<void> {
  for (let from = 0; from < count; from += itemsATurn) {
    look(from, Math.min(count, from + itemsATurn));
    yield;
  }
}

/** These in order, those that compare as equal in the order they had. Memory of `values` is used for it. */
export function* sortInTurns<T extends Int32Array | Float64Array>(
  values: T,
  compare: (one: number, other: number) => number,
): Turns<T> {
  for (let from = 0; from < values.length; from += sortedATurn) {
    values.subarray(from, from + sortedATurn).sort(compare);
    yield;
  }
  let source: T = values;
  let target = values.slice() as T;
  for (let width = sortedATurn; width < values.length; width *= 2) {
    yield* mergeNeighbors(source, target, width, compare);
    [source, target] = [target, source];
  }
  return source;
}

/** Of runs this wide, each in order, every two become one. */
function* mergeNeighbors<T extends Int32Array | Float64Array>(
  source: T,
  target: T,
  width: number,
  compare: (one: number, other: number) => number,
): Turns<void> {
  let [left, right, middle, end] = [0, 0, 0, 0];
  yield* eachBlock(source.length, (from, to) => {
    for (let at = from; at < to; at++) {
      if (at === end) {
        left = at;
        right = middle = Math.min(source.length, at + width);
        end = Math.min(source.length, at + 2 * width);
      }
      const isLeft = left < middle && (right === end || compare(source[left]!, source[right]!) <= 0);
      target[at] = source[isLeft ? left++ : right++]!;
    }
  });
}
