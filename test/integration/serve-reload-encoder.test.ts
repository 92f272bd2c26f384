import { rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { aFolder } from "../support/a-folder.js";
import { changeManifest, copyArtifact } from "../support/artifact-changes.js";
import { type ServerProcess, startProcess } from "../support/server-process.js";
import { tinyPicture, writeTinyArtifact } from "../support/tiny-artifact.js";

const shirt = tinyPicture([200, 30, 40]);
const folders = { one: "", another: "" };
beforeAll(async () => {
  folders.one = await writeTinyArtifact(await aFolder());
  folders.another = await writeTinyArtifact(await aFolder(), { weightNoise: 0.01 });
});

const started: ServerProcess[] = [];
afterEach(() => {
  for (const { child } of started.splice(0)) child.kill("SIGKILL");
});

/** A server on a link, and what puts another folder behind it and waits until that is served alone. */
async function start(folder: string) {
  const link = join(await aFolder(), "artifact");
  await symlink(folder, link);
  const server = startProcess({ STYGIG_MODEL_DIR: link, STYGIG_DECODER_WORKERS: "1" }, { isDoomed: true });
  started.push(server);
  await server.until("server_ready");
  const { port } = await server.until("server_listening");
  const url = `http://127.0.0.1:${port}`;
  const metrics = async () => (await fetch(`${url}/metrics`)).text();
  let reloads = 0;
  const reloadTo = async (next: string) => {
    await symlink(next, `${link}.next`);
    await rename(`${link}.next`, link);
    server.child.kill("SIGHUP");
    reloads += 1;
    const done = new RegExp(`^stygig_reloads_total\\{outcome="reloaded"\\} ${reloads}$`, "m");
    await expect.poll(metrics, { timeout: 20_000 }).toMatch(done);
    await expect.poll(metrics).toMatch(/^stygig_generations_open 1$/m);
  };
  const ask = async () => {
    const answer = await fetch(`${url}/invocations`, {
      method: "POST",
      headers: { "content-type": "image/png" },
      body: shirt,
    });
    return answer.status;
  };
  const missesOf = async () => Number(/outcome="miss"\} (\d+)/.exec(await metrics())?.[1]);
  return { server, reloadTo, ask, missesOf };
}

/** The same items and encoder in a folder of their own, under another digest. */
async function anotherGeneration(): Promise<string> {
  const folder = await copyArtifact(folders.one);
  await changeManifest(folder, () => ({}));
  return folder;
}

describe("a generation with the encoder of the one before", () => {
  it("shares it, and what has been seen is known still", async () => {
    const { reloadTo, ask, missesOf } = await start(folders.one);
    expect(await ask()).toBe(200);
    const before = await missesOf();
    await reloadTo(await anotherGeneration());
    expect(await ask()).toBe(200);
    expect(await missesOf()).toBe(before);
    await reloadTo(folders.another);
    expect(await ask()).toBe(200);
    expect(await missesOf()).toBeGreaterThan(before);
  });

  it("needs nothing of the old folder, not even for a worker that replaces another", async () => {
    const old = await copyArtifact(folders.one);
    const { server, reloadTo, ask } = await start(old);
    await reloadTo(await anotherGeneration());
    await rm(old, { recursive: true });
    server.child.send({ pool: "encoder", how: "exit" });
    await server.until("worker_lost");
    await expect.poll(ask, { timeout: 20_000 }).toBe(200);
    server.child.kill("SIGTERM");
    expect(await server.ended).toBe(0);
  });
});
