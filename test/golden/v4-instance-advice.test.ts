import { expect, test } from "vitest";
import { adviseAsV4, type V4Workload } from "../../deploy/planner/policy-v4.js";
import { readProjectFile } from "../support/project-files.js";

type Case = V4Workload & Readonly<{ instanceTypes: readonly string[] }>;
const { cases } = JSON.parse(readProjectFile("test/golden/data/v4-instance-advice.json")) as { cases: readonly Case[] };

test("the table has all its branches here", () => {
  expect(cases).toHaveLength(13);
});

test.each(cases)("V4 advises $instanceTypes for $kind, $environment, $p95Ms ms", ({ instanceTypes, ...workload }) => {
  expect(adviseAsV4(workload).instanceTypes).toEqual(instanceTypes);
});
