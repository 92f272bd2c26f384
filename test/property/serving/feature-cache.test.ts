import fc from "fast-check";
import { expect, test } from "vitest";
import { createLruStore } from "../../../src/adapters/lru-store.js";
import { createFeatureCache, type Entry, type FeatureKey } from "../../../src/serving/feature-cache.js";

const question = fc.record({
  picture: fc.integer({ min: 0, max: 4 }),
  urgency: fc.constantFrom("interactive" as const, "batch" as const),
  leaves: fc.boolean(),
});
const limits = fc.record({ entries: fc.integer({ min: 0, max: 4 }), bytes: fc.integer({ min: 500, max: 5000 }) });

test("every caller gets its own picture's features, and no bound is passed, in any interleaving", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(question, { maxLength: 25 }),
      limits,
      fc.uniqueArray(fc.integer({ min: 0, max: 20 }), { maxLength: 4 }),
      async (scheduler, questions, { entries, bytes }, failing) => {
        const store = createLruStore<Entry<number>>({ entries, bytes, now: () => 1 });
        let computations = 0;
        const underWay = new Map<string, number>();
        const cache = createFeatureCache<number>({ store, ttlMs: 1000, bytesOf: (picture) => picture * 100 });
        const asked = questions.map(async ({ picture, urgency, leaves }, i) => {
          await scheduler.schedule(Promise.resolve(), `ask ${i}`);
          const caller = new AbortController();
          if (leaves) void scheduler.schedule(Promise.resolve(), `leave ${i}`).then(() => caller.abort("left"));
          const compute = async (signal: AbortSignal): Promise<number> => {
            const name = `${urgency} ${picture}`;
            const number = computations++;
            // Only one that everybody has left may still be going on beside it.
            expect(underWay.get(name) ?? 0).toBe(0);
            underWay.set(name, 1);
            signal.addEventListener("abort", () => underWay.set(name, 0), { once: true });
            await scheduler.schedule(Promise.resolve(), `compute ${number}`);
            if (!signal.aborted) underWay.set(name, 0);
            if (failing.includes(number)) throw new Error(`picture ${picture}`);
            return picture;
          };
          const request = { key: `picture ${picture}` as FeatureKey, urgency, signal: caller.signal, compute };
          const outcome = await cache.get(request).catch((error: unknown) => ({ error }));
          if ("features" in outcome) expect(outcome.features).toBe(picture);
          else if (outcome.error === "left") expect(leaves).toBe(true);
          else expect(outcome.error).toEqual(new Error(`picture ${picture}`));
          expect(store.entries()).toBeLessThanOrEqual(entries);
          expect(store.bytes()).toBeLessThanOrEqual(bytes);
        });
        await scheduler.waitFor(Promise.all(asked));
        expect(computations).toBeLessThanOrEqual(questions.length);
      },
    ),
    { numRuns: 300 },
  );
});
