import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { projectFolder } from "./project.js";

const systemPackages = ["libfaiss-dev", "libopenblas-dev", "g++"];
const addonFile = join(projectFolder, "native/faiss/build/stygig_faiss.node");
// Remembers that apt-get had no success here, so that each later start does not wait for it again. `npm ci` forgets it.
const refusalFile = join(projectFolder, "node_modules/.stygig/faiss-packages-refused");

function succeeds(command, parameters) {
  return spawnSync(command, parameters, { stdio: "ignore" }).status === 0;
}

function isInstalled(name) {
  const { status, stdout } = spawnSync("dpkg", ["--status", name], { encoding: "utf8" });
  return status === 0 && stdout.includes("Status: install ok installed");
}

/** What goes before `apt-get` to be allowed to install: nothing for root, sudo where it asks no password, else null. */
function installPrivilege() {
  if (process.getuid?.() === 0) return [];
  return succeeds("sudo", ["-n", "true"]) ? ["sudo", "-n"] : null;
}

function aptGet(privilege, parameters) {
  const [command, ...rest] = [...privilege, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", ...parameters];
  return spawnSync(command, rest, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
}

/** @returns the last words of apt-get when it failed, or null */
function install(privilege, names) {
  // A machine without a network should learn it in seconds, and another apt-get may be at work.
  const options = [
    "-y",
    "-o",
    "Acquire::Retries=1",
    "-o",
    "Acquire::http::Timeout=20",
    "-o",
    "DPkg::Lock::Timeout=120",
  ];
  const installation = [...options, "--no-install-recommends", "install", ...names];
  // A fresh image has no package lists, and a list of last week names files that are gone: ask first, refresh, ask again.
  if (aptGet(privilege, installation).status === 0) return null;
  aptGet(privilege, [...options, "update"]);
  const { status, stderr, error } = aptGet(privilege, installation);
  if (status === 0) return null;
  return error?.message ?? stderr.trim().split("\n").at(-1) ?? "no reason given";
}

/**
 * Installs what the FAISS addon is built from where this is allowed and possible. Never fails: without FAISS the exact
 * index serves, and the addon's build says so and how to get FAISS.
 */
export function installFaissPackages({ allowed }) {
  if (existsSync(addonFile) || existsSync(refusalFile)) return;
  if (!succeeds("dpkg", ["--version"]) || !succeeds("apt-get", ["--version"])) return;
  const names = systemPackages.filter((name) => !isInstalled(name));
  if (names.length === 0) return;
  if (!allowed) {
    console.log(`FAISS: not installing ${names.join(", ")} because of --no-system-packages.`);
    return;
  }
  const privilege = installPrivilege();
  if (privilege === null) {
    console.log(`FAISS: ${names.join(", ")} can only be installed as root or with a sudo that asks no password.`);
    return;
  }
  console.log(`FAISS: installing ${names.join(", ")} with apt-get (--no-system-packages forbids it) ...`);
  const problem = install(privilege, names);
  if (problem === null) return;
  console.log(`FAISS: apt-get had no success: ${problem}`);
  mkdirSync(dirname(refusalFile), { recursive: true });
  writeFileSync(refusalFile, `${problem}\nRemove this file to let the next start try again.\n`);
}
