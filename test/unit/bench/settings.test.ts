import { expect, test } from "vitest";
import { bestOf, nameOf, settingsFor } from "../../bench/encoder/settings.js";

test.each([
  [1, ["1 worker x 1 thread"]],
  [2, ["1 worker x 2 threads", "2 workers x 1 thread", "1 worker x 1 thread"]],
  [8, ["1 worker x 8 threads", "8 workers x 1 thread", "1 worker x 1 thread", "4 workers x 2 threads"]],
])("on %d cores, every setting once", (cores, names) => {
  expect(settingsFor(cores).map(nameOf)).toEqual(names);
});

const raw = {
  slow: { p50Ms: [9, 1, 9], rate: [10, 10, 10] },
  fast: { p50Ms: [5, 5, 5], rate: [20, 1, 20] },
};

test("the best is the best median, in the direction that is good for it", () => {
  const isTime = (figure: string) => figure === "p50Ms";
  expect(bestOf(raw, isTime, "least")).toEqual({ variant: "fast", figure: "p50Ms", raw: [5, 5, 5] });
  expect(bestOf(raw, (figure) => !isTime(figure), "most")).toEqual({
    variant: "fast",
    figure: "rate",
    raw: [20, 1, 20],
  });
});

test("there is no best of nothing", () => {
  expect(() => bestOf(raw, () => false, "least")).toThrow(RangeError);
});
