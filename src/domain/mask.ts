/** Where something is: one byte a pixel, row-major, 1 or 0. */
export type Mask = Readonly<{ width: number; height: number; inside: Uint8Array }>;

/** Parts smaller than this share of the largest one are specks, not the second shoe. */
const minPartShare = 0.1;

/** Below this share of itself, a shape is too thin to lose its edge. */
const minCoreShare = 0.3;

/** Pixels inside. */
export function countInside({ inside }: Mask): number {
  let total = 0;
  for (let place = 0; place < inside.length; place++) total += inside[place]!;
  return total;
}

/**
 * Visits places from `starts` on, from neighbor to neighbor (left, right, up, down), wherever `claim` says yes.
 * `claim` marks the place it accepts, so that it says yes to it only once; it is also asked about places beyond the
 * picture. Gives the number of claimed places.
 */
export function spread(width: number, starts: Iterable<number>, claim: (place: number) => boolean): number {
  const waiting: number[] = [];
  let claimed = 0;
  const visit = (place: number) => {
    if (!claim(place)) return;
    claimed++;
    waiting.push(place);
  };
  for (const start of starts) visit(start);
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    const x = place % width;
    if (x > 0) visit(place - 1);
    if (x < width - 1) visit(place + 1);
    visit(place - width);
    visit(place + width);
  }
  return claimed;
}

/** The mask without the connected parts that are small beside its largest one. */
export function largeParts({ width, height, inside }: Mask): Mask {
  const partOf = new Uint32Array(inside.length);
  const sizes = [0];
  let largest = 0;
  const claim = (place: number) => {
    if (place < 0 || place >= inside.length || inside[place] === 0 || partOf[place] !== 0) return false;
    partOf[place] = sizes.length;
    return true;
  };
  for (let place = 0; place < inside.length; place++) {
    if (inside[place] === 0 || partOf[place] !== 0) continue;
    const size = spread(width, [place], claim);
    sizes.push(size);
    largest = Math.max(largest, size);
  }
  const kept = new Uint8Array(inside.length);
  for (let place = 0; place < kept.length; place++) {
    kept[place] = inside[place] === 1 && sizes[partOf[place]!]! >= minPartShare * largest ? 1 : 0;
  }
  return { width, height, inside: kept };
}

/**
 * The mask less its outermost pixels, which are mixed with what lies behind; unchanged where it is too thin for that.
 */
export function withoutEdge(mask: Mask): Mask {
  const core = erode(mask);
  return countInside(core) > minCoreShare * countInside(mask) ? core : mask;
}

/** The pixels whose neighbors (left, right, up, down) are all inside; beyond the picture counts as inside. */
export function erode({ width, height, inside }: Mask): Mask {
  const core = new Uint8Array(inside.length);
  for (let y = 0, place = 0; y < height; y++) {
    for (let x = 0; x < width; x++, place++) {
      const isEdge =
        (x > 0 && inside[place - 1] === 0) ||
        (x < width - 1 && inside[place + 1] === 0) ||
        (y > 0 && inside[place - width] === 0) ||
        (y < height - 1 && inside[place + width] === 0);
      core[place] = isEdge ? 0 : inside[place]!;
    }
  }
  return { width, height, inside: core };
}
