// `npm test [-- vitest arguments]` runs everything but the suites that take long, `npm run test:aws`,
// `npm run test:browser`, `npm run test:faiss` and `npm run test:fuzz` those. Two arguments are our own: --no-system-packages, and --report=FILE for vitest's JSON report.
// STYGIG_FORBID_SKIPS=1 fails the run when a test was skipped.
import "./require-node.js";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { projectFolder, runScript, ScriptFailure } from "./project.js";
import { setUp } from "./set-up.js";
import { readReport } from "./test-report.js";

/** Suites with a folder and a vitest configuration of their own, by the first argument. */
const ownSuites = ["aws", "browser", "faiss", "fuzz"];

function parseParameters(given) {
  const parameters = { suite: [], systemPackages: true, report: null, forVitest: [] };
  for (const [position, parameter] of given.entries()) {
    if (position === 0 && ownSuites.includes(parameter)) {
      parameters.suite = ["--config", `test/${parameter}/vitest.config.ts`];
    } else if (parameter === "--no-system-packages") parameters.systemPackages = false;
    else if (parameter.startsWith("--report=")) parameters.report = resolve(parameter.slice("--report=".length));
    else parameters.forVitest.push(parameter);
  }
  return parameters;
}

/** Runs vitest with its usual output, and its JSON report beside it; returns its exit code. */
function runVitest(parameters, reportFile) {
  const vitest = join(projectFolder, "node_modules/vitest/vitest.mjs");
  // The server refuses variables of our prefix that it does not know, so this one must not reach those that tests start.
  const { STYGIG_FORBID_SKIPS: _, ...environment } = process.env;
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`];
  const { status, error } = spawnSync(process.execPath, [vitest, "run", ...reporters, ...parameters], {
    cwd: projectFolder,
    stdio: "inherit",
    env: environment,
  });
  if (error !== undefined) throw error;
  return status ?? 1;
}

await runScript(() => {
  const { suite, systemPackages, report, forVitest } = parseParameters(process.argv.slice(2));
  setUp({ systemPackages });
  const folder = mkdtempSync(join(tmpdir(), "stygig-test-"));
  const reportFile = report ?? join(folder, "report.json");
  try {
    process.exitCode = runVitest([...suite, ...forVitest], reportFile);
    if (!existsSync(reportFile)) throw new ScriptFailure("vitest ended without a report.");
    const { skipped } = readReport(reportFile);
    // Who picks tests by name knows that the others are left out.
    if (forVitest.some((parameter) => parameter === "-t" || parameter.startsWith("--testNamePattern"))) return;
    for (const name of skipped) console.log(`skipped: ${name}`);
    if (skipped.length > 0 && process.env.STYGIG_FORBID_SKIPS === "1") {
      throw new ScriptFailure(`${skipped.length} tests were skipped, and STYGIG_FORBID_SKIPS=1 forbids it.`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
