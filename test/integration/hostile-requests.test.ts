import { beforeAll, expect, it } from "vitest";
import { families } from "../fuzz/corpus/families.js";
import { type FuzzedServer, startFuzzedServer } from "../fuzz/fuzzed-server.js";
import { type HostileRun, runHostile } from "../fuzz/hostile-run.js";

// A few of those that `npm run test:fuzz` sends by the thousand; the slow ones wait for limits and are left to it.
const quick = families.filter(({ pace }) => pace === "quick");
const count = 200;
const seed = 20_261_121;

let fuzzed: FuzzedServer;
let run: HostileRun;
beforeAll(async () => {
  fuzzed = await startFuzzedServer();
  run = await runHostile(fuzzed, { families: quick, count, seed });
});

it(`answers ${count} hostile requests of ${quick.length} kinds as it should`, () => {
  expect(new Set(run.outcomes.map(({ family }) => family)).size).toBe(quick.length);
  expect(run.outcomes.filter(({ problems }) => problems.length > 0)).toEqual([]);
});

it("says nothing on stderr, and answers a picture as before", () => {
  expect(fuzzed.server.stderr()).toBe("");
  for (const { well } of run.looks) expect(well).toEqual(run.looks[0]!.well);
});
