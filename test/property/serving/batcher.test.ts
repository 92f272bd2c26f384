import fc from "fast-check";
import { expect, test } from "vitest";
import { createBatcher, type Settled, type Urgency } from "../../../src/serving/batcher.js";

type Submission = Readonly<{ urgency: Urgency; leaves: boolean; isBad: boolean }>;

const submission: fc.Arbitrary<Submission> = fc.record({
  urgency: fc.constantFrom("interactive", "batch"),
  leaves: fc.boolean(),
  isBad: fc.boolean(),
});

const settings = fc.record({
  lanes: fc.integer({ min: 1, max: 4 }),
  maxBatch: fc.integer({ min: 1, max: 5 }),
  /** Which runs throw, by their number. */
  failingRuns: fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 4 }),
});

test("each caller gets its own answer and nobody's else, in any interleaving", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(submission, { maxLength: 25 }),
      settings,
      async (scheduler, submissions, { lanes, maxBatch, failingRuns }) => {
        let [running, most, runs, time] = [0, 0, 0, 0];
        const ran = new Set<number>();
        const run = async (items: readonly number[]): Promise<readonly Settled<number>[]> => {
          const number = runs++;
          running++;
          most = Math.max(most, running);
          expect(items.length).toBeGreaterThan(0);
          expect(items.length).toBeLessThanOrEqual(maxBatch);
          for (const item of items) {
            expect(ran.has(item)).toBe(false);
            ran.add(item);
          }
          await scheduler.schedule(Promise.resolve(), `run ${number}`);
          running--;
          if (failingRuns.includes(number)) throw new Error(`run ${number} of ${items}`);
          return items.map((item) =>
            submissions[item]!.isBad ? { error: new Error(`item ${item}`) } : { value: item * 10 },
          );
        };
        const batcher = createBatcher({ run, lanes: () => lanes, maxBatch: () => maxBatch, now: () => (time += 300) });
        const outcomes = submissions.map(async ({ urgency, leaves, isBad }, item) => {
          await scheduler.schedule(Promise.resolve(), `submit ${item}`);
          const caller = new AbortController();
          if (leaves) void scheduler.schedule(Promise.resolve(), `leave ${item}`).then(() => caller.abort("left"));
          const before = batcher.load().waiting;
          const answer = batcher.submit(item, caller.signal, urgency);
          expect(batcher.load().waiting).toBe(before + 1);
          const outcome = await answer.then(
            (value) => ({ value }),
            (error: unknown) => ({ error }),
          );
          if ("value" in outcome) {
            expect(outcome.value).toBe(item * 10);
            expect(isBad).toBe(false);
          } else if (outcome.error === "left") {
            expect(leaves).toBe(true);
          } else {
            // Its own error, or that of the very run it was in.
            expect((outcome.error as Error).message).toMatch(
              new RegExp(`^(item ${item}|run \\d+ of (\\d+,)*${item}(,\\d+)*)$`),
            );
          }
        });
        await scheduler.waitFor(Promise.all(outcomes));
        await scheduler.waitFor(batcher.close());
        expect(batcher.load()).toMatchObject({ waiting: 0, running: 0 });
        expect(most).toBeLessThanOrEqual(lanes);
        // Nobody who stayed was forgotten.
        for (const [item, { leaves }] of submissions.entries()) if (!leaves) expect(ran.has(item)).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});
