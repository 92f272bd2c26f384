import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { freePort } from "../support/free-port.js";
import { projectFolder } from "../support/project-files.js";

declare module "vitest" {
  interface ProvidedContext {
    /** Where moto listens, or why it does not. */
    moto: Readonly<{ url: string } | { missing: string }>;
  }
}

const requirements = join(projectFolder, "test/aws/requirements.txt");

/** Installs the pinned moto under `build/` once and starts it for the suite. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const installed = install();
  if ("missing" in installed) {
    project.provide("moto", installed);
    return async () => {};
  }
  const port = await freePort();
  const server = spawn("python3", ["-m", "moto.server", "-p", String(port)], {
    env: { ...process.env, PYTHONPATH: installed.folder },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  server.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString("utf8");
  });
  const url = `http://127.0.0.1:${port}`;
  while (!(await answers(url))) {
    if (server.exitCode !== null) throw new Error(`moto ended with ${server.exitCode}: ${stderr.slice(-2000)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  project.provide("moto", { url });
  return async () => {
    server.kill();
    await new Promise((resolve) => server.once("exit", resolve));
  };
}

async function answers(url: string): Promise<boolean> {
  return fetch(`${url}/moto-api/`).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** The folder of the pinned releases, named by their list; a half-made one is never taken for whole. */
function install(): Readonly<{ folder: string } | { missing: string }> {
  const digest = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 12);
  const folder = join(projectFolder, "build/moto", digest);
  if (existsSync(folder)) return { folder };
  const half = `${folder}.${process.pid}`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(join(projectFolder, "build/moto"), { recursive: true });
  const parameters = [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--disable-pip-version-check",
    "--target",
    half,
    "-r",
    requirements,
  ];
  const { status, error, stderr } = spawnSync("python3", parameters, { encoding: "utf8" });
  if (status !== 0) {
    rmSync(half, { recursive: true, force: true });
    return { missing: `moto cannot be installed: ${error?.message ?? stderr.trim().split("\n").at(-1)}` };
  }
  renameSync(half, folder);
  return { folder };
}
