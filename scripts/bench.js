// `npm run bench -- NAME [--json] [--short] [arguments]`: sets the project up and runs one bench of test/bench. stdout is
// the report alone (with npm's own two lines before it, unless it is `npm run --silent bench`), everything else is stderr.
import "./require-node.js";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { projectFolder, runScript, ScriptFailure } from "./project.js";

function benchNames() {
  return readdirSync(join(projectFolder, "test/bench"))
    .filter((name) => name.endsWith(".ts"))
    .map((name) => basename(name, ".ts"))
    .sort();
}

/** In a process of its own, because its steps print what they do on stdout. @throws ScriptFailure */
function setUpAside(parameters) {
  const script = join(projectFolder, "scripts/bench-set-up.js");
  const { status } = spawnSync(process.execPath, [script, ...parameters], { stdio: ["inherit", 2, 2] });
  if (status !== 0) throw new ScriptFailure("The bench was not run: the project could not be set up.");
}

await runScript(async () => {
  const given = process.argv.slice(2);
  const isOurs = (parameter) => parameter === "--no-system-packages";
  const [name, ...parameters] = given.filter((parameter) => !isOurs(parameter));
  if (!benchNames().includes(name)) {
    console.error(
      `Usage: npm run bench -- NAME [--json] [--short] [--no-system-packages], NAME one of ${benchNames().join(", ")}`,
    );
    process.exitCode = 2;
    return;
  }
  setUpAside(given.filter(isOurs));
  const bench = join(projectFolder, "dist/test/bench", `${name}.js`);
  // The bench reads its own arguments, as when it is started by itself.
  process.argv = [process.execPath, bench, ...parameters];
  await import(pathToFileURL(bench).href);
});
