import { expect, test } from "vitest";
import { createProgressLines, toPace } from "../../../src/cli/progress-lines.js";

function lines() {
  const told: string[] = [];
  const clock = { ms: 0 };
  const show = createProgressLines({ tell: (line) => void told.push(line), now: () => clock.ms });
  return { told, clock, show };
}

test("a log gets ten lines of a long work, by its whole pace, and each work its own", () => {
  const { told, clock, show } = lines();
  for (let done = 0; done <= 2000; done++) {
    clock.ms = done * 10;
    show("pictures", done, 2000);
  }
  expect(told).toHaveLength(10);
  expect([told[0], told.at(-1)]).toEqual([
    "200 of 2000 pictures, 100.0/s, 0:18 left",
    "2000 of 2000 pictures, 100.0/s, 0:00 left",
  ]);
  show("verified", 0, 1000);
  clock.ms += 1000;
  show("verified", 350, 1000);
  show("verified", 360, 1000);
  expect(told.slice(10)).toEqual(["350 of 1000 verified, 350.0/s, 0:02 left"]);
});

test("a short work leaves no line", () => {
  const { told, show } = lines();
  for (let done = 0; done <= 999; done++) show("pictures", done, 999);
  expect(told).toEqual([]);
});

test("minutes are not cut at sixty", () => {
  expect(toPace(1, 7201, 1000)).toEqual({ rate: "1.0", left: "120:00" });
});
