import { expect, test } from "vitest";
import { watchOthers } from "../../bench/harness/others.js";

test("what others had is what the cores did beyond the measured process", async () => {
  let busy = 1000;
  const { during, share } = watchOthers(() => busy, 1e-9);
  expect(share()).toBeNull();
  expect(await during(async () => ({ cpuMs: 40, figures: "its own" }))).toEqual({ cpuMs: 40, figures: "its own" });
  // The clocks of the cores are coarser than that of a process: less than nothing is nothing.
  expect(share()).toBe(0);
  await during(async () => {
    busy += 100;
    return { cpuMs: 40 };
  });
  expect(share()).toBe(1);
});

test("a machine that does nothing else gives others next to nothing of many cores", async () => {
  const { during, share } = watchOthers(() => 0, 1000);
  await during(async () => ({ cpuMs: 0 }));
  expect(share()).toBe(0);
});
