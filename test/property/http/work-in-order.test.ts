import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { expect, it } from "vitest";
import { workInOrder } from "../../../src/http/work-in-order.js";
import { inPieces } from "../../support/async-bytes.js";

const runs = { numRuns: 200 };

/** How many turns of the event loop each item takes at work, and to be put. */
const items = fc.array(fc.record({ work: fc.nat({ max: 6 }), put: fc.nat({ max: 2 }), size: fc.nat({ max: 5 }) }), {
  maxLength: 40,
});
type Numbered = Readonly<{ number: number; work: number; put: number; size: number }>;
const never = new AbortController().signal;

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await nextTurn();
}

it("keeps the order and the bounds, in whatever order the work ends", async () => {
  const bounds = fc.record({ atOnce: fc.integer({ min: 1, max: 6 }), maxSizeAtWork: fc.integer({ min: 1, max: 12 }) });
  await fc.assert(
    fc.asyncProperty(items, bounds, async (all, { atOnce, maxSizeAtWork }) => {
      const atWork = new Set<number>();
      const put: number[] = [];
      let isPutting = false;
      async function* numbered(): AsyncGenerator<Numbered> {
        for (const [number, item] of all.entries()) {
          const size = [...atWork].reduce((sum, each) => sum + all[each]!.size, 0);
          expect(atWork.size).toBeLessThan(atOnce);
          expect(size).toBeLessThan(maxSizeAtWork);
          // Those at work, those that wait for an earlier one, and this one.
          expect(number - put.length).toBeLessThanOrEqual(4 * atOnce);
          yield { ...item, number };
        }
      }
      await workInOrder<Numbered, number>({
        items: numbered,
        work: async ({ number, work }) => {
          atWork.add(number);
          await turns(work);
          atWork.delete(number);
          return number;
        },
        put: async (number) => {
          expect(isPutting).toBe(false);
          isPutting = true;
          await turns(all[number]!.put);
          isPutting = false;
          put.push(number);
        },
        ...{ atOnce, sizeOf: ({ size }) => size, maxSizeAtWork, signal: never },
      });
      expect(put).toEqual(all.map((_, number) => number));
    }),
    runs,
  );
});

it("ends with the first failure, wherever it is, and with nothing left at work", async () => {
  const place = fc.constantFrom("items", "work", "put", "signal");
  const sized = items.filter((all) => all.length > 0);
  await fc.assert(
    fc.asyncProperty(sized, fc.nat(), place, async (all, at, where) => {
      const failing = at % all.length;
      const failure = new Error(`the ${where} failed`);
      const leaving = new AbortController();
      const put: number[] = [];
      let left = 0;
      async function* numbered(): AsyncGenerator<Numbered> {
        for (const [number, item] of all.entries()) {
          if (where === "items" && number === failing) throw failure;
          yield { ...item, number };
        }
      }
      const work = workInOrder<Numbered, number>({
        items: numbered,
        work: async ({ number, work }, signal) => {
          left++;
          try {
            for (let i = 0; i < work; i++) {
              await nextTurn();
              signal.throwIfAborted();
            }
            if (where === "signal" && number === failing) leaving.abort(failure);
            if (where === "work" && number === failing) throw failure;
            return number;
          } finally {
            left--;
          }
        },
        put: async (number) => {
          if (where === "put" && number === failing) throw failure;
          put.push(number);
        },
        ...{ atOnce: 3, sizeOf: () => 0, maxSizeAtWork: 1, signal: leaving.signal },
      });
      await expect(work).rejects.toBe(failure);
      expect(left).toBe(0);
      expect(put).toEqual(all.slice(0, put.length).map((_, number) => number));
    }),
    runs,
  );
});

it("gives others a turn between any two items", async () => {
  let others = 0;
  let isOver = false;
  const count = async () => {
    for (; !isOver; others++) await nextTurn();
  };
  const counting = count();
  const hundred = Array.from({ length: 100 }, (_, i) => Uint8Array.of(i));
  await workInOrder({
    items: () => inPieces(hundred),
    work: async () => null,
    put: async () => {},
    ...{ atOnce: 8, sizeOf: () => 0, maxSizeAtWork: 1, signal: never },
  });
  isOver = true;
  await counting;
  expect(others).toBeGreaterThanOrEqual(99);
});
