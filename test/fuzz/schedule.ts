import { createRandom } from "../../catalog/sample/seeded-random.js";
import type { Family, HostileRequest } from "./corpus/hostile-request.js";

export type Scheduled = Readonly<{ number: number; family: Family; request: HostileRequest }>;

/** The slow ones begin in this part of the run: what they wait for passes meanwhile. */
const slowShare = 0.2;

/**
 * The families of a run in order, each as often as its share says and once at least; the seed decides the order.
 * There are `count` or, with many families, a few more.
 */
export function planFamilies(families: readonly Family[], count: number, seed: number): readonly Family[] {
  const random = createRandom(`order ${seed}`);
  const total = families.reduce((sum, { share }) => sum + share, 0);
  const rest = Math.max(0, count - families.length);
  const places = families.flatMap((family) =>
    Array.from({ length: 1 + Math.ceil((rest * family.share) / total) }, () => ({
      family,
      at: random() * (family.pace === "slow" ? slowShare : 1),
    })),
  );
  return places.sort((one, other) => one.at - other.at).map(({ family }) => family);
}

/** The request of a place in the run; the same seed and number give the same bytes. */
export function schedule(family: Family, number: number, seed: number): Scheduled {
  return { number, family, request: family.make(createRandom(`${seed} ${number}`)) };
}
