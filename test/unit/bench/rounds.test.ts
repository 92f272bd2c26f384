import { expect, test } from "vitest";
import { measureInRounds, ratioOf, summarizeAll } from "../../bench/harness/rounds.js";

test("every second round runs the other way", async () => {
  const order: string[] = [];
  const raw = await measureInRounds(["a", "b", "c"], 3, async (name, round) => {
    order.push(`${name}${round}`);
    return { ms: order.length };
  });
  expect(order.join(" ")).toBe("a0 b0 c0 c1 b1 a1 a2 b2 c2");
  expect(raw).toEqual({ a: { ms: [1, 6, 7] }, b: { ms: [2, 5, 8] }, c: { ms: [3, 4, 9] } });
});

test("a variant that fails ends the bench", async () => {
  await expect(measureInRounds(["a"], 1, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
});

test("a summary is the median with every round", () => {
  expect(summarizeAll({ a: { ms: [3.00004, 1, 2] } })).toEqual({ a: { ms: { median: 2, raw: [3, 1, 2] } } });
});

test("a ratio is taken round by round: a machine that slows down in one of them does not change it", () => {
  expect(ratioOf([4, 40, 4], [2, 20, 2])).toBe(2);
  expect(() => ratioOf([1, 2], [1])).toThrow(RangeError);
});
