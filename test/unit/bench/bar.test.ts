import { expect, test } from "vitest";
import { atLeast, atMost } from "../../bench/harness/bar.js";

test("a limit is on the good side, and says which side that is", () => {
  expect(atLeast("speed", 2, 2)).toEqual({ name: "speed", value: 2, limit: 2, limitIs: "least", pass: true });
  expect(atMost("time", 2, 2)).toEqual({ name: "time", value: 2, limit: 2, limitIs: "most", pass: true });
  expect(atLeast("speed", 1.99, 2).pass).toBe(false);
  expect(atMost("time", 2.01, 2).pass).toBe(false);
});

test("what was not measured passes nothing", () => {
  expect(atLeast("speed", Number.NaN, 2).pass).toBe(false);
  expect(atMost("time", Number.NaN, 2).pass).toBe(false);
});
