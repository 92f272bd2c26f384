import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { aFolder } from "./a-folder.js";
import { type ServerProcess, startProcess } from "./server-process.js";
import { unlessSkipped } from "./skip-by-name.js";
import { writeTinyArtifact } from "./tiny-artifact.js";
import type { TinyModel } from "./tiny-model.js";

// The checks of `sagemaker-contract.md`, section 8, ask a server as the platform does. Without TARGET_URL it is one of our
// own, as the container starts it; with it whatever answers there, and checks that must start or end one are left out.

const targetUrl = process.env.TARGET_URL?.replace(/\/$/, "");

/** A ready server of our own. */
export type OwnServer = Readonly<{ server: ServerProcess; url: string }>;

export type ContractTarget = Readonly<{
  url: () => string;
  /** Null when the target is somebody else's. */
  own: () => ServerProcess | null;
}>;

const started: ServerProcess[] = [];
afterAll(async () => {
  for (const { child } of started) child.kill("SIGKILL");
  await Promise.all(started.splice(0).map(({ ended }) => ended));
});

/** A process that may never become ready; it ends with the test file at the latest. */
export function spawnServer(...[env, options]: Parameters<typeof startProcess>): ServerProcess {
  const server = startProcess(env, options);
  started.push(server);
  return server;
}

/** A server of our own over a tiny artifact, unless `STYGIG_MODEL_DIR` names another one. */
export async function startOwnServer(
  env: Readonly<Record<string, string>> = {},
  options: Parameters<typeof startProcess>[1] = {},
): Promise<OwnServer> {
  const server = spawnServer({ STYGIG_MODEL_DIR: env.STYGIG_MODEL_DIR ?? (await artifactOf()), ...env }, options);
  await server.until("server_ready");
  const { port } = await server.until("server_listening");
  return { server, url: `http://127.0.0.1:${port}` };
}

const artifacts = new Map<string, Promise<string>>();

/** The folder of an artifact with such a model, made once for each test file. */
export function artifactOf(model: Partial<TinyModel> = {}): Promise<string> {
  const key = JSON.stringify(model);
  const known = artifacts.get(key) ?? aFolder().then((folder) => writeTinyArtifact(folder, model));
  artifacts.set(key, known);
  return known;
}

/** Declares the hook that starts our own target, or waits up to half a minute for the other one. */
export function useContractTarget(env: Readonly<Record<string, string>> = {}): ContractTarget {
  let own: OwnServer | null = null;
  beforeAll(async () => {
    if (targetUrl === undefined) own = await startOwnServer(env);
    else await vi.waitFor(async () => expect((await fetch(`${targetUrl}/ping`)).status).toBe(200), { timeout: 30_000 });
  });
  return { url: () => targetUrl ?? own?.url ?? expect.fail("asked before the start"), own: () => own?.server ?? null };
}

/** One check of a server that it starts itself; skipped by its name with TARGET_URL, or for a reason of its own. */
export function ownCheck(name: string, test: () => Promise<void>, reason: string | null = null): void {
  const needsOwn = targetUrl === undefined ? null : "needs to start the server itself";
  unlessSkipped(name, needsOwn ?? reason, () => void it(name, test));
}
