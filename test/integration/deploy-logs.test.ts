import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { explainNoLogs, followLogs, type LogQuery, readLogs } from "../../deploy/logs.js";
import type { SendCall } from "../../deploy/planned-call.js";
import { senderTo } from "../support/apply-to.js";
import { type FakeAws, startFakeAws } from "../support/fake-aws.js";
import { answerLogEvents, type FakeLogEvent } from "../support/fake-aws-logs.js";
import { logEvents } from "../support/log-events.js";
import { aTwoVariantEndpoint } from "../support/two-variants.js";

let aws: FakeAws;
let sender: ReturnType<typeof senderTo>;
beforeEach(async () => {
  aws = await startFakeAws();
  sender = senderTo(aws);
});
afterEach(async () => {
  sender.close();
  await aws.close();
});

const group = "/aws/sagemaker/Endpoints/look";
const query: LogQuery = { endpointName: "look", sinceMs: 1000, filter: null };

async function messagesOf(more: Partial<LogQuery> = {}, untilMs = 9000): Promise<readonly string[]> {
  const messages: string[] = [];
  for await (const { message } of readLogs(sender.send, { ...query, ...more }, untilMs)) messages.push(message);
  return messages;
}

/** Follows until there have been so many rounds; before each of them something may happen. */
async function follow(send: SendCall, rounds: readonly (() => void)[], epochMs = () => 1e12) {
  const [lines, told]: [string[], string[]] = [[], []];
  const left = [...rounds];
  const sleep = async () => {
    const next = left.shift();
    if (next === undefined) throw new Error("enough");
    next();
  };
  const parts = { send, sleep, tell: (line: string) => void told.push(line) };
  try {
    for await (const { message } of followLogs(parts, query, epochMs)) lines.push(message);
  } catch (error) {
    if (!(error instanceof Error && error.message === "enough")) throw error;
  }
  return { lines, told };
}

describe("the log", () => {
  it("comes in order, page by page, from all instances, within the time", async () => {
    aws.world.logEvents.set(group, [
      ...logEvents({ early: 500, a: 1000, c: 3000, e: 5000, g: 7000, late: 9500 }),
      ...logEvents({ b: 2000, d: 4000, f: 6000 }, "AllTraffic/i-2"),
    ]);
    expect(await messagesOf()).toEqual(["a", "b", "c", "d", "e", "f", "g"]);
    expect(await messagesOf({ filter: "e" }, 1e6)).toEqual(["e", "late"]);
    expect(aws.received.every(({ operation }) => operation === "FilterLogEvents")).toBe(true);
  });

  it("is empty where nothing was printed", async () => {
    aws.world.logEvents.set(group, []);
    expect(await messagesOf()).toEqual([]);
  });

  it("says why there may be none", async () => {
    await expect(messagesOf()).rejects.toThrow("does not exist");
    expect(await explainNoLogs(sender.send, "look")).toBe(
      "there is neither an endpoint look nor its log group /aws/sagemaker/Endpoints/look",
    );
    aTwoVariantEndpoint(aws.world, "look", { old: [1, 1] });
    expect(await explainNoLogs(sender.send, "look")).toMatch(
      /^there is no log group .*, and look is InService: no container has started yet, or the endpoint's role lacks logs:/,
    );
  });
});

describe("following the log", () => {
  const add = (events: readonly FakeLogEvent[]) => () =>
    void aws.world.logEvents.set(group, [...(aws.world.logEvents.get(group) ?? []), ...events]);

  it("brings what is printed meanwhile, once, also what comes late", async () => {
    add(logEvents({ a: 200_000, b: 300_000 }))();
    const { lines, told } = await follow(sender.send, [
      add(logEvents({ c: 400_000 })),
      () => {},
      // Printed before c, and seen after it.
      add(logEvents({ "b, late": 310_000 }, "AllTraffic/i-2")),
      add(logEvents({ d: 400_000 }, "AllTraffic/i-2")),
    ]);
    expect([lines, told]).toEqual([["a", "b", "c", "b, late", "d"], []]);
  });

  it("goes on where a look fails in the middle, without a line lost or doubled", async () => {
    add(logEvents({ a: 1000, b: 2000, c: 3000, d: 4000, e: 5000 }))();
    let calls = 0;
    const send: SendCall = async (call) => {
      calls++;
      if (calls === 3) throw Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" });
      return sender.send(call);
    };
    const { lines, told } = await follow(send, [() => {}, () => {}]);
    expect(lines).toEqual(["a", "b", "c", "d", "e"]);
    expect(told).toEqual(["the log cannot be read right now: ThrottlingException: Rate exceeded"]);
  });

  it("looks again from the start where pages that are not in order break off", async () => {
    const pages = [logEvents({ new: 900_000 }), logEvents({ old: 1000 })];
    let calls = 0;
    const send: SendCall = async ({ input }) => {
      calls++;
      if (calls === 2) throw new Error("cut");
      const events = pages[Number(input.nextToken ?? 0)]!.filter(
        ({ timestamp }) => timestamp >= Number(input.startTime),
      );
      return { events, ...(input.nextToken === undefined ? { nextToken: "1" } : {}) };
    };
    expect((await follow(send, [() => {}])).lines).toEqual(["new", "old"]);
  });

  it("ends where it may not read, or the log group is deleted meanwhile", async () => {
    add(logEvents({ a: 1000 }))();
    await expect(follow(sender.send, [() => void aws.world.logEvents.clear()])).rejects.toThrow("does not exist");
    aws.fail("FilterLogEvents", { name: "AccessDeniedException", message: "not authorized" });
    await expect(follow(sender.send, [])).rejects.toThrow("not authorized");
  });

  it("is not led astray by a container whose clock is ahead", async () => {
    add(logEvents({ "from tomorrow": 90_000_000 }))();
    const { lines } = await follow(sender.send, [add(logEvents({ today: 500_000 }))], () => 600_000);
    expect(lines).toEqual(["from tomorrow", "today"]);
  });

  it("loses and doubles nothing, whenever lines arrive and looks fail", async () => {
    const round = fc.record({
      lines: fc.array(fc.integer({ min: 0, max: 110_000 }), { maxLength: 6 }),
      fails: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 12 }), async (rounds) => {
        const events: FakeLogEvent[] = [];
        let [count, failing] = [0, false];
        // Each round is five seconds later; each line up to 110 seconds old.
        const arrivals = rounds.map(({ lines, fails }, i) => () => {
          for (const age of lines) events.push(...logEvents({ [`line ${count++}`]: 1_000_000 + i * 5_000 - age }));
          failing = fails;
        });
        const send: SendCall = async ({ input }) => {
          if (failing && input.nextToken !== undefined && input.nextToken !== "0") throw new Error("cut");
          return answerLogEvents(new Map([[group, events]]), input);
        };
        const calm = () => {
          failing = false;
        };
        const { lines } = await follow(send, [...arrivals, calm]);
        expect(lines.toSorted()).toEqual(events.map(({ message }) => message.trim()).toSorted());
      }),
      { numRuns: 200 },
    );
  });
});
