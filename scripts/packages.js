import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectFolder, runCommand } from "./project.js";

function lockedPackages(file) {
  const { packages } = JSON.parse(readFileSync(join(projectFolder, file), "utf8"));
  return Object.entries(packages).filter(([path]) => path !== "");
}

/**
 * Whether node_modules holds what the lock file asks for. npm's own note of what it installed is compared, so that an
 * `npm ci` typed by hand counts as well; npm writes it last, so that a broken-off installation does not.
 */
function arePackagesCurrent() {
  if (!existsSync(join(projectFolder, "node_modules/.package-lock.json"))) return false;
  const installed = new Map(lockedPackages("node_modules/.package-lock.json"));
  return lockedPackages("package-lock.json").every(([path, wanted]) => {
    const found = installed.get(path);
    // Optional packages for other platforms are in the lock file and rightly not installed.
    if (found === undefined) return wanted.optional === true;
    return found.version === wanted.version && found.integrity === wanted.integrity;
  });
}

/** Installs the locked packages unless they are there. @throws ScriptFailure */
export function installPackages() {
  if (arePackagesCurrent()) return;
  console.log("Installing the npm packages of package-lock.json ...");
  // Under `npm run` the same npm is used; on its own, the one on the PATH.
  const npmScript = process.env.npm_execpath;
  const [command, ...start] = npmScript?.endsWith("npm-cli.js") ? [process.execPath, npmScript] : ["npm"];
  // The compiler and the test runner are development packages: NODE_ENV=production must not leave them out.
  runCommand(command, [...start, "ci", "--include=dev"], "npm ci failed: is the npm registry reachable?");
}
