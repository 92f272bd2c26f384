// `node scripts/tally.js FOLDER` adds up every JSON report in a folder. Its last line is `N passed, N failed, N skipped`;
// it exits 1 when anything failed.
import "./require-node.js";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readReport } from "./test-report.js";

const folder = process.argv[2];
const total = { passed: 0, failed: 0, skipped: 0 };

for (const file of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
  const outcome = readReport(join(folder, file));
  for (const kind of Object.keys(total)) total[kind] += outcome[kind].length;
  for (const kind of ["skipped", "failed"])
    for (const name of outcome[kind]) console.log(`${kind} in ${file}: ${name}`);
}

console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;
