import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { aPictureFolder } from "../support/a-catalog-build.js";
import { aFolder } from "../support/a-folder.js";
import { runStygig } from "../support/run-stygig.js";
import { type ServerProcess, startProcess } from "../support/server-process.js";
import { writeTinyEncoder } from "../support/tiny-encoder.js";

const place = { store: "", first: "", second: "" };
const servers: ServerProcess[] = [];
afterEach(() => {
  for (const { child } of servers.splice(0)) child.kill("SIGKILL");
});

const stygig = async (...words: readonly string[]) => {
  const { exitCode, stdout, stderr } = await runStygig(["catalog", ...words]);
  expect(exitCode, stderr).toBe(0);
  return { words: stdout.trim().split("  "), stderr };
};

beforeAll(async () => {
  place.store = join(await aFolder(), "store");
  const [encoder, images] = [join(await aFolder(), "encoder"), await aPictureFolder(2)];
  await writeTinyEncoder(encoder);
  const build = async (pictures: string) => {
    const flags = ["--images", pictures, "--encoder", encoder, "--workers", "1", "--index", "none"];
    return (await stygig("build", ...flags, "--out", place.store, "--keep", "5")).words[0]!;
  };
  place.first = await build(images);
  place.second = await build(await aPictureFolder(1));
}, 60_000);

async function start() {
  const server = startProcess({ STYGIG_MODEL_DIR: join(place.store, "current") });
  servers.push(server);
  await server.until("server_ready");
  const { port } = await server.until("server_listening");
  const served = async () => {
    const health = await fetch(`http://127.0.0.1:${port}/health`);
    return ((await health.json()) as Readonly<{ catalog_digest: string }>).catalog_digest;
  };
  return { server, served };
}

describe("a server on a store of generations", () => {
  it("follows the switches it is told of, and has what it serves kept for as long as it serves it", async () => {
    const { server, served } = await start();
    expect(await served()).toBe(place.second);
    await stygig("rollback", place.store);
    // It has not been told: what it serves is no longer the current one, and must stay all the same.
    expect((await stygig("compact", place.store, "--keep", "0")).stderr).toContain(
      `note: ${place.second} stays: somebody reads it`,
    );
    server.child.kill("SIGHUP");
    await expect.poll(served, { timeout: 20_000 }).toBe(place.first);
    await server.until("artifact_closed");
    await expect.poll(() => readdir(join(place.store, "holds"))).toHaveLength(1);
    expect((await stygig("compact", place.store, "--keep", "0")).stderr).toBe(`removed ${place.second}\n`);
    server.child.kill("SIGTERM");
    expect(await server.ended).toBe(0);
    expect(await readdir(join(place.store, "holds"))).toEqual([]);
  });
});
