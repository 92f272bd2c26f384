import { expect, test } from "vitest";
import { callsPerSecond, timeCalls } from "../../bench/harness/timing.js";

test("warm-up calls are made and not counted", async () => {
  let calls = 0;
  const times = await timeCalls(async () => void calls++, { warmUps: 2, timed: 3 });
  expect({ calls, times: times.length }).toEqual({ calls: 5, times: 3 });
  expect(times.every((time) => time >= 0)).toBe(true);
});

test("as many callers as asked are at work at once, and no call too many is made", async () => {
  let calls = 0;
  let atWork = 0;
  let most = 0;
  const call = async () => {
    calls++;
    most = Math.max(most, ++atWork);
    await new Promise((resolve) => setImmediate(resolve));
    atWork--;
  };
  expect(await callsPerSecond(call, 3, 10)).toBeGreaterThan(0);
  expect({ most, calls }).toEqual({ most: 3, calls: 13 });
});
