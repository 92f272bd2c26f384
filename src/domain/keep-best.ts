/** Puts an item in its place in a list that is in order, and drops what then is beyond the `count` first. */
export function keepBest<Item>(
  best: Item[],
  item: Item,
  count: number,
  compare: (first: Item, second: Item) => number,
): void {
  let at = best.length;
  // From the end, where a newcomer's place most often is; sorting anew would copy the list each time.
  while (at > 0 && compare(item, best[at - 1]!) < 0) at--;
  if (at >= count) return;
  best.splice(at, 0, item);
  if (best.length > count) best.pop();
}
