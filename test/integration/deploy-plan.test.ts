import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { addMeasurement } from "../../deploy/planner/measurement-file.js";
import { referenceMeasurement } from "../../deploy/planner/shipped-measurements.js";
import { parseLines, runStygig } from "../support/run-stygig.js";

const plan = (...args: readonly string[]) => runStygig(["deploy", "plan", "--region", "us-east-1", ...args]);
const usual = ["--rps", "20", "--p95-ms", "200"];

describe("stygig deploy plan", () => {
  test("shows the choice, its reason and the table on stdout, and nothing else", async () => {
    const { exitCode, stdout, stderr } = await plan(...usual);
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("is the cheapest for 20 looks a second with 95 % within 200 ms");
    for (const part of ["USD/month", "USD/1,000", "USD/1 M", "serverless", "Where a GPU begins to pay", "Not quoted"]) {
      expect(stdout).toContain(part);
    }
  });

  test("gives the whole plan as JSON, also when nothing can be had", async () => {
    const { exitCode, stdout } = await plan(...usual, "--json");
    const [whole] = parseLines(stdout);
    expect([exitCode, whole.chosen.name, whole.demand.rps]).toEqual([0, whole.quotes[0].name, 20]);
    const refused = await plan("--rps", "20", "--p95-ms", "1", "--json");
    expect([refused.exitCode, parseLines(refused.stdout)[0].chosen]).toEqual([1, null]);
  });

  test.each([
    [
      "a target that nothing holds",
      ["--rps", "20", "--p95-ms", "1"],
      /^stygig: nothing serves 20 looks.*the target is 1 ms\n$/,
    ],
    [
      "a budget that nothing fits",
      [...usual, "--budget-usd", "9"],
      /^stygig: nothing serves.*more than the budget of 9\n$/,
    ],
    [
      "V4's choice over the budget",
      [...usual, "--policy", "v4", "--environment", "production", "--budget-usd", "9"],
      /^stygig: V4's choice.*budget of 9\n$/,
    ],
    [
      "a measurement file that is not there",
      [...usual, "--measurements", "/nowhere/rows.json"],
      /^stygig: --measurements cannot be read: ENOENT.*\n$/,
    ],
  ])("ends with 1 and one line for %s", async (_what, args, told) => {
    const { exitCode, stdout, stderr } = await plan(...args);
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(told);
  });

  test("ends with 2 and every problem of its flags", async () => {
    const { exitCode, stdout, stderr } = await plan("--mode", "fast", "--policy", "v5", "--environment", "test");
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr.trimEnd().split("\n")).toHaveLength(6);
  });

  test("takes V4's table on request, and says what it leaves out", async () => {
    const { exitCode, stdout } = await plan(...usual, "--policy", "v4", "--environment", "production");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("V4's table takes ml.g4dn.xlarge (production)");
    expect(stdout).toContain("does not look at the rate");
  });

  test("believes a file of measurements, and refuses a corrupt one", async () => {
    const file = join(await mkdtemp(join(tmpdir(), "plan-")), "rows.json");
    const type = "ml.m5.large";
    await addMeasurement(file, { ...referenceMeasurement, machine: type, instanceType: type, sustainedRps: 500 });
    const { stdout } = await plan(...usual, "--measurements", file, "--json");
    expect(parseLines(stdout)[0].chosen).toMatchObject({ name: type, count: 1, basis: "measured" });
    await addMeasurement(file, { ...referenceMeasurement, instanceType: "ml.m9.huge" });
    expect((await plan(...usual, "--measurements", file)).stderr).toContain("ml.m9.huge is left out");
    await writeFile(file, '{"measurements": [{}]}');
    const corrupt = await plan(...usual, "--measurements", file);
    expect([corrupt.exitCode, corrupt.stdout]).toEqual([1, ""]);
    expect(corrupt.stderr).toContain("row 1: kind");
  });
});
