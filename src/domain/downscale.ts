export type Size = Readonly<{ width: number; height: number }>;

/**
 * The size to shrink a picture to before anything else looks at it, its long side at most `max` pixels; null when it
 * is not larger. A long and narrow one stays as large as its short side needs to be for a model's view of `side`: what
 * was shrunk below that would only be blown up again.
 */
export function planDownscale({ width, height }: Size, max: number, side: number): Size | null {
  const scale = Math.max(max / Math.max(width, height), side / Math.min(width, height));
  if (scale >= 1) return null;
  const shrink = (length: number) => Math.max(1, Math.round(length * scale));
  return { width: shrink(width), height: shrink(height) };
}
