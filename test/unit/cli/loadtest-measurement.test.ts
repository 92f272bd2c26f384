import { join } from "node:path";
import { expect, it } from "vitest";
import { findCapacity } from "../../../deploy/load/find-capacity.js";
import { toReport } from "../../../deploy/load/report.js";
import { type LoadParts, runLoad } from "../../../deploy/load/run-load.js";
import { addMeasurement, readMeasurements } from "../../../deploy/planner/measurement-file.js";
import { type Found, findDoubts, toMeasurement } from "../../../src/cli/loadtest-measurement.js";
import { aFolder } from "../../support/a-folder.js";
import { createLanes, createVirtualTime, type VirtualTime } from "../../support/virtual-time.js";

type Ask = (time: VirtualTime) => LoadParts["ask"];

/** What is found of four lanes of 20 ms, or of something else. */
async function find(toAsk: Ask = ({ waiting }) => createLanes(waiting, 4, 20), maxRequests = 1e6): Promise<Found> {
  const time = createVirtualTime();
  const { waiting } = time;
  const parts = { ask: toAsk(time), waiting, signal: new AbortController().signal };
  const bounds = { durationMs: 60_000, maxRequests, maxInFlight: 1e6, drainMs: 5000 };
  const run: Parameters<typeof findCapacity>[0]["run"] = (arrivals, itsBounds) => runLoad(arrivals, itsBounds, parts);
  const capacity = await time.play(findCapacity({ run, spacing: "constant", bounds, mostP99Ms: null }));
  const thresholds = { maxP99Ms: null, maxP95Ms: null, maxErrors: null, minPerSecond: null };
  const facts = {
    target: "looks",
    startedAt: "2026-01-02T03:04:05.000Z",
    version: "0",
    pictures: "one",
    ownCpuShare: 0,
  };
  const report = toReport(capacity.held ?? capacity.idle, capacity, thresholds, facts);
  const flags = {
    instanceType: "ml.c7i.xlarge",
    lanes: "4",
    commit: "abcdef0",
    arrivals: "constant",
  } as Found["flags"];
  return { report, capacity, flags };
}

function answering(answer: Partial<Awaited<ReturnType<LoadParts["ask"]>>>): Ask {
  return ({ waiting }) => {
    const lanes = createLanes(waiting, 4, 20);
    return async (signal) => ({ ...(await lanes(signal)), ...answer });
  };
}

it("what a machine bears becomes the planner's row, in its file", async () => {
  const found = await find();
  expect(findDoubts(found)).toEqual([]);
  const row = toMeasurement(found);
  expect(row).toMatchObject({
    ...{ kind: "measured", machine: "ml.c7i.xlarge", instanceType: "ml.c7i.xlarge", mode: "sync", precision: "int8" },
    ...{ lanes: 4, utilization: 0.7, arrivals: "constant", date: "2026-01-02", commit: "abcdef0" },
  });
  expect(row.sustainedRps / 200).toBeGreaterThan(0.9);
  expect(row.sustainedRps / 200).toBeLessThan(1.05);
  expect([row.idleP50Ms, row.p50Ms, row.p99Ms].map((ms) => Math.round(ms!))).toEqual([20, 20, 20]);
  const file = join(await aFolder(), "measurements.json");
  await addMeasurement(file, row);
  expect(await readMeasurements(file)).toEqual({ value: [row] });
});

it.each<[string, Promise<Found>, RegExp]>([
  ["answers from memory", find(answering({ cache: "hit" })), /memory/],
  ["a service that does not say what it runs in", find(answering({ precision: null })), /precision/],
  ["too few requests", find(undefined, 30), /no rate that is borne/],
])("what %s show is not for the planner", async (_what, found, doubt) => {
  expect(findDoubts(await found).join("\n")).toMatch(doubt);
});

it("an interrupted search is not for the planner", async () => {
  const { report, ...rest } = await find();
  expect(findDoubts({ ...rest, report: { ...report, ended: "interrupted" } })).toEqual(["it was interrupted"]);
});
