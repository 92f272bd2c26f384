/** One size of a thing, and what it cost. */
export type GrowthPoint = Readonly<{ size: number; cost: number }>;

/**
 * The exponent of the power of the size that the cost grows with, by least squares over the logarithms of both: 1 where twice
 * the size costs twice as much. @throws RangeError for fewer than two sizes, or what has no logarithm
 */
export function fitExponent(points: readonly GrowthPoint[]): number {
  if (new Set(points.map(({ size }) => size)).size < 2) throw new RangeError("one size shows no growth");
  if (points.some(({ size, cost }) => !(size > 0 && cost > 0))) throw new RangeError("sizes and costs are above 0");
  const logarithms = points.map(({ size, cost }) => ({ x: Math.log(size), y: Math.log(cost) }));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [middleX, middleY] = [mean(logarithms.map(({ x }) => x)), mean(logarithms.map(({ y }) => y))];
  const spread = logarithms.reduce((sum, { x }) => sum + (x - middleX) ** 2, 0);
  return logarithms.reduce((sum, { x, y }) => sum + (x - middleX) * (y - middleY), 0) / spread;
}
