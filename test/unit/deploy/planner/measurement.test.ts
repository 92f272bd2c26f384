import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { Measurement } from "../../../../deploy/planner/measurement.js";
import { parseMeasurement } from "../../../../deploy/planner/measurement.js";
import { addMeasurement, readMeasurements } from "../../../../deploy/planner/measurement-file.js";
import { referenceMeasurement, shippedMeasurements } from "../../../../deploy/planner/shipped-measurements.js";

const row: Measurement = {
  ...referenceMeasurement,
  machine: "ml.c7i.xlarge",
  instanceType: "ml.c7i.xlarge",
};

describe("a measurement", () => {
  test.each(shippedMeasurements)("that ships is one: $machine", (shipped) => {
    expect(parseMeasurement(shipped)).toEqual({ value: shipped });
  });

  test.each([
    ["no rate", { ...row, sustainedRps: 0 }, "sustainedRps"],
    ["a rate that is no number", { ...row, sustainedRps: Number.NaN }, "sustainedRps"],
    ["p99 under p50", { ...row, p99Ms: 1 }, "p50Ms must not exceed p99Ms"],
    ["p95 over p99", { ...row, p95Ms: 1000 }, "p95Ms must lie between"],
    ["a date that is none", { ...row, date: "2026-02-30" }, "date"],
    ["a measured row without its commit", { ...row, commit: undefined }, "commit"],
    ["an estimate without its formula", { ...row, kind: "estimated", commit: undefined, note: undefined }, "formula"],
    ["a field that nobody knows", { ...row, p42Ms: 1 }, "p42Ms"],
    ["something else", 7, "expected object"],
  ])("with %s is refused", (_what, bad, told) => {
    const parsed = parseMeasurement(bad);
    expect("problems" in parsed && parsed.problems.join("; ")).toContain(told);
  });
});

describe("the measurement file", () => {
  let file: string;

  beforeEach(async () => {
    file = join(await mkdtemp(join(tmpdir(), "measurements-")), "folder", "measurements.json");
  });

  test("begins with the first row and grows by each", async () => {
    await addMeasurement(file, row);
    await addMeasurement(file, { ...row, sustainedRps: 80 });
    expect(await readMeasurements(file)).toEqual({ value: [row, { ...row, sustainedRps: 80 }] });
    expect(await readdir(join(file, ".."))).toEqual(["measurements.json"]);
  });

  test("is left as it was when the row is bad", async () => {
    await addMeasurement(file, row);
    const before = await readFile(file, "utf8");
    await expect(addMeasurement(file, { ...row, p50Ms: -1 })).rejects.toThrow("not a measurement: p50Ms");
    expect(await readFile(file, "utf8")).toBe(before);
  });

  test("is left as it was when it is corrupt, and says so", async () => {
    await addMeasurement(file, row);
    await writeFile(file, '{"measurements": [');
    await expect(addMeasurement(file, row)).rejects.toThrow("is not JSON");
    expect(await readFile(file, "utf8")).toBe('{"measurements": [');
    await writeFile(file, JSON.stringify({ measurements: [row, { ...row, lanes: 0 }] }));
    expect(await readMeasurements(file)).toEqual({ problems: [expect.stringMatching(/row 2: lanes/)] });
    await writeFile(file, "[]");
    expect(await readMeasurements(file)).toEqual({ problems: [expect.stringContaining('is not {"measurements"')] });
  });

  test("loses no row to a writer at the same time: each is written or refused", async () => {
    const writers = Array.from({ length: 8 }, (_, index) => addMeasurement(file, { ...row, sustainedRps: index + 1 }));
    const outcomes = await Promise.allSettled(writers);
    const refused = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [String(outcome.reason)] : []));
    for (const reason of refused) expect(reason).toContain("is being written by another");
    const read = await readMeasurements(file);
    expect("value" in read && read.value).toHaveLength(outcomes.length - refused.length);
    await addMeasurement(file, row);
  });

  test("names a lock that a killed writer left", async () => {
    await addMeasurement(file, row);
    await writeFile(`${file}.lock`, "");
    await expect(addMeasurement(file, row)).rejects.toThrow(`remove ${file}.lock`);
  });
});
