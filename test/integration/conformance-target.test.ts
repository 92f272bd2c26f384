import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { aFolder } from "../support/a-folder.js";
import { startOwnServer } from "../support/contract-target.js";
import { projectFolder } from "../support/project-files.js";

type Report = Readonly<{
  numFailedTests: number;
  testResults: readonly Readonly<{
    assertionResults: readonly Readonly<{ status: string; fullName: string }>[];
  }>[];
}>;

/** The quickest files among those of the numbered checks, and one whose checks all need a server of their own. */
const files = ["start", "invocations", "stop"].map((name) => `test/integration/contract-${name}.test.ts`);

it("the numbered checks ask the server at TARGET_URL, and skip by name what must start one", async () => {
  const { server, url } = await startOwnServer();
  const report = join(await aFolder(), "report.json");
  const vitest = join(projectFolder, "node_modules/vitest/vitest.mjs");
  const run = spawn(process.execPath, [vitest, "run", "--reporter=json", `--outputFile=${report}`, ...files], {
    cwd: projectFolder,
    env: { PATH: process.env.PATH ?? "", TARGET_URL: `${url}/` },
    stdio: "ignore",
  });
  expect(await once(run, "close")).toEqual([0, null]);
  const { numFailedTests, testResults } = JSON.parse(await readFile(report, "utf8")) as Report;
  const results = testResults.flatMap(({ assertionResults }) => assertionResults);
  const namesOf = (status: string) => results.filter((each) => each.status === status).map(({ fullName }) => fullName);
  expect([numFailedTests, namesOf("passed").length > 40]).toEqual([0, true]);
  const skipped = namesOf("skipped");
  expect(skipped.filter((name) => name.includes("check 14: "))).toHaveLength(5);
  for (const name of skipped) expect(name).toMatch(/check \d+: .* skipped: needs to start the server itself$/);
  // It was this one that answered.
  const answered = server
    .stdout()
    .split("\n")
    .filter((line) => line.includes('"event":"request_finished"'));
  expect(answered.length).toBeGreaterThan(40);
});
