/**
 * Positions of the `count` largest values, largest first, equal values by lower position; all of them when there are
 * fewer. No value is NaN.
 */
export function selectBest(values: Float32Array, count: number): number[] {
  const isWorse = (left: number, right: number) =>
    values[left]! < values[right]! || (values[left] === values[right] && left > right);
  // A heap of the best so far with the worst on top: one comparison for each value that does not make it.
  const heap: number[] = [];
  for (let at = 0; at < values.length; at++) {
    if (heap.length < count) {
      heap.push(at);
      rise(heap, isWorse);
    } else if (count > 0 && isWorse(heap[0]!, at)) {
      heap[0] = at;
      sink(heap, isWorse);
    }
  }
  return heap.sort((left, right) => (isWorse(left, right) ? 1 : -1));
}

type Compare = (left: number, right: number) => boolean;

function rise(heap: number[], isAbove: Compare): void {
  let at = heap.length - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isAbove(heap[at]!, heap[parent]!)) return;
    swap(heap, at, parent);
    at = parent;
  }
}

function sink(heap: number[], isAbove: Compare): void {
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    const right = left + 1;
    let top = at;
    if (left < heap.length && isAbove(heap[left]!, heap[top]!)) top = left;
    if (right < heap.length && isAbove(heap[right]!, heap[top]!)) top = right;
    if (top === at) return;
    swap(heap, at, top);
    at = top;
  }
}

function swap(heap: number[], first: number, second: number): void {
  const held = heap[first]!;
  heap[first] = heap[second]!;
  heap[second] = held;
}
