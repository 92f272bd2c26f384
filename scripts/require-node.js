// Imported first by every script: an old Node should end in one clear line, not in a syntax error further down.
import { readFileSync } from "node:fs";

const { engines } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const [neededMajor, neededMinor] = engines.node.replace(">=", "").split(".").map(Number);
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < neededMajor || (major === neededMajor && minor < neededMinor)) {
  console.error(`stygig needs Node ${neededMajor}.${neededMinor} or newer; this is ${process.version}.`);
  process.exit(1);
}
