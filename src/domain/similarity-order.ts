/** Rows in V4's order of candidates: most similar first, equal similarities by the higher row. */
export function toV4Order(similarities: Float32Array): readonly number[] {
  const rows = Array.from(similarities, (_, row) => row);
  return rows.sort((first, second) => similarities[second]! - similarities[first]! || second - first);
}
