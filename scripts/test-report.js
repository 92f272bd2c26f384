import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { projectFolder } from "./project.js";

const skippedStates = ["skipped", "pending", "todo", "disabled"];

/**
 * What a run came to, by name: `{ passed, failed, skipped }`. Reads vitest's JSON report, and anything of the same shape.
 * A file that could not even be loaded counts as one failure, and so does an error outside of any test.
 */
export function readReport(file) {
  const report = JSON.parse(readFileSync(file, "utf8"));
  const outcome = { passed: [], failed: [], skipped: [] };
  for (const { name, status, assertionResults } of report.testResults) {
    const label = relative(projectFolder, name);
    for (const test of assertionResults) {
      const kind = test.status === "passed" ? "passed" : skippedStates.includes(test.status) ? "skipped" : "failed";
      outcome[kind].push(`${label} > ${test.fullName}`);
    }
    if (status === "failed" && !assertionResults.some((test) => test.status === "failed")) {
      outcome.failed.push(`${label} > could not be run`);
    }
  }
  if (!report.success && outcome.failed.length === 0) outcome.failed.push(`${file} > an error outside of any test`);
  return outcome;
}
