import { cp, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { faissAvailability } from "../../src/adapters/faiss-index.js";
import { aFolder } from "../support/a-folder.js";
import { holdUpload, requestsInFlight } from "../support/held-upload.js";
import { projectFolder } from "../support/project-files.js";
import { runStygig } from "../support/run-stygig.js";
import { type ServerProcess, serverWithoutFaiss, startProcess } from "../support/server-process.js";
import { unlessSkipped } from "../support/skip-by-name.js";
import { tinyPicture, writeTinyArtifact } from "../support/tiny-artifact.js";

const picture = tinyPicture([200, 30, 40]);
let artifactFolder = "";
/** The same pictures seen by the encoder that ships, which takes its time to open. */
let liteArtifactFolder = "";
const started: ServerProcess[] = [];

beforeAll(async () => {
  const folder = await aFolder();
  artifactFolder = await writeTinyArtifact(folder);
  liteArtifactFolder = join(folder, "lite");
  const built = await runStygig(["catalog", "build", "--images", join(folder, "images"), "--out", liteArtifactFolder]);
  expect(built.exitCode).toBe(0);
});
afterEach(() => {
  for (const { child } of started.splice(0)) child.kill("SIGKILL");
});

function start(...[env, options]: Partial<Parameters<typeof startProcess>>): ServerProcess {
  const server = startProcess({ STYGIG_MODEL_DIR: artifactFolder, ...env }, options);
  started.push(server);
  return server;
}

async function urlOf(server: ServerProcess): Promise<string> {
  const { port } = await server.until("server_listening");
  return `http://127.0.0.1:${port}`;
}

describe("a server process", () => {
  it("serves on the platform's port, whatever parameters come with `serve`", async () => {
    const port = await freePort();
    const env = { SAGEMAKER_BIND_TO_PORT: String(port), PORT: "1", SAGEMAKER_SAFE_PORT_RANGE: "1-2" };
    const server = start(env, { parameters: ["--x", "y"] });
    await server.until("server_ready");
    const headers = { "content-type": "image/png" };
    const response = await fetch(`http://127.0.0.1:${port}/invocations`, { method: "POST", headers, body: picture });
    expect(response.status).toBe(200);
    expect(await server.until("artifact_loaded")).toMatchObject({ index: "exact", items: 18, provider: "cpu" });
  });

  it("listens where --port says, whatever the environment does", async () => {
    const port = await freePort();
    const script = join(projectFolder, "dist/src/cli/main.js");
    const server = start({ PORT: "1" }, { script, parameters: ["--port", String(port)] });
    expect(await server.until("server_listening")).toMatchObject({ port });
  });

  it("does not start where --port is none", async () => {
    const { exitCode, stderr } = await runStygig(["serve", "--artifact", artifactFolder, "--port", "65536"]);
    expect([exitCode, stderr.trim()]).toEqual([
      2,
      'stygig: --port must be a whole number from 0 to 65535, not "65536"',
    ]);
  });

  it("finishes accepted work after SIGTERM, refuses new work meanwhile, and ends with 0", async () => {
    const server = start();
    await server.until("server_ready");
    const url = await urlOf(server);
    const held = [1, 2, 3].map(() => holdUpload(url, picture));
    await expect.poll(() => requestsInFlight(url)).toBe(3);
    server.child.kill("SIGTERM");
    await expect.poll(async () => (await fetch(`${url}/ping`)).status).toBe(503);
    const late = await fetch(`${url}/invocations`, {
      method: "POST",
      headers: { "content-type": "image/png" },
      body: picture,
    });
    expect(late.status).toBe(503);
    expect(await late.json()).toMatchObject({ error: { code: "shutting_down" } });
    for (const upload of held) upload.finish();
    const replies = await Promise.all(held.map((upload) => upload.reply));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await server.ended).toBe(0);
    expect(server.stderr()).toBe("");
  });

  it("cuts off what outlives the drain limit, and still ends with 0", async () => {
    const server = start({ STYGIG_DRAIN_TIMEOUT_MS: "200" });
    await server.until("server_ready");
    const url = await urlOf(server);
    const held = holdUpload(url, picture);
    await expect.poll(() => requestsInFlight(url)).toBe(1);
    server.child.kill("SIGTERM");
    expect(await server.ended).toBe(0);
    await expect(held.reply).rejects.toThrow();
    expect(await server.until("server_stopped")).toMatchObject({ requests_cut: 1 });
  });

  it("ends at once at the second SIGTERM", async () => {
    const server = start();
    await server.until("server_ready");
    const url = await urlOf(server);
    holdUpload(url, picture);
    await expect.poll(() => requestsInFlight(url)).toBe(1);
    server.child.kill("SIGTERM");
    await server.until("server_stopping");
    server.child.kill("SIGTERM");
    expect(await server.ended).toBe("SIGTERM");
  });

  // A session cut off while it opens aborts the process. Nothing outside tells when it opens, and a connection would keep
  // the server from ending, so here the moments themselves are spread over the loading.
  it.each([0, 40, 80, 120, 160, 240])("ends with 0 when it is stopped %i ms into its loading", async (milliseconds) => {
    const server = start({ STYGIG_MODEL_DIR: liteArtifactFolder });
    await server.until("server_listening");
    await setTimeout(milliseconds);
    server.child.kill("SIGTERM");
    expect(await server.ended).toBe(0);
  });
});

describe("a server process that cannot serve", () => {
  it.each([
    [
      "a file that is not what the manifest promises",
      breakFile,
      /embeddings\.f32 has sha-256 .* but the manifest says/,
    ],
    ["a manifest that is none", breakManifest, /manifest\.json is not JSON/],
  ] as const)("ends with 1 and one line over %s", async (_what, breakIt, complaint) => {
    const folder = join(await aFolder(), "broken");
    await cp(artifactFolder, folder, { recursive: true });
    await breakIt(folder);
    const server = start({ STYGIG_MODEL_DIR: folder });
    expect(await server.ended).toBe(1);
    expect(server.stderr()).toMatch(new RegExp(`^stygig: .*${complaint.source}.*\n$`));
    expect(server.stdout()).not.toContain("server_ready");
  });

  it.each([
    ["an empty folder", async () => aFolder()],
    ["no folder", async () => join(await aFolder(), "none")],
  ] as const)("ends with 1 and one line over %s", async (_what, toFolder) => {
    const folder = await toFolder();
    const server = start({ STYGIG_MODEL_DIR: folder });
    expect(await server.ended).toBe(1);
    expect(server.stderr()).toMatch(/^stygig: .*manifest\.json.*\n$/);
    expect(server.stderr()).toContain(folder);
  });

  it("ends with 2 over a wrong environment, listing everything before it listens", async () => {
    const server = start({ PORT: "eighty", STYGIG_MAX_PIXLES: "5" });
    expect(await server.ended).toBe(2);
    expect(server.stderr().split("\n")).toEqual([
      'stygig: PORT must be a whole number from 0 to 65535, not "eighty".',
      "stygig: STYGIG_MAX_PIXLES is not a variable of this server.",
      "",
    ]);
    expect(server.stdout()).toBe("");
  });

  it("ends with 1 and one line when its port is taken", async () => {
    const other = createServer().listen(0, "0.0.0.0");
    const port = await portOf(other);
    const server = start({ PORT: String(port) });
    expect(await server.ended).toBe(1);
    expect(server.stderr()).toBe(`stygig: port ${port} is already in use\n`);
    other.close();
  });
});

describe("a server process without FAISS", () => {
  it("ends with 1 and one line when FAISS was asked for", async () => {
    const server = start({ INDEX: "faiss" }, { script: await serverWithoutFaiss(await aFolder()) });
    expect(await server.ended).toBe(1);
    expect(server.stderr()).toMatch(/^stygig: INDEX=faiss, but .*FAISS addon .*\n$/);
  });

  it("serves from the exact index otherwise, and says so", async () => {
    const server = start({ INDEX: "auto" }, { script: await serverWithoutFaiss(await aFolder()) });
    expect(await server.until("part_refused")).toMatchObject({ note: expect.stringContaining("exact index") });
    expect(await server.until("artifact_loaded")).toMatchObject({ index: "exact" });
  });
});

const faiss = faissAvailability();
unlessSkipped("a server process with FAISS", faiss.available ? null : faiss.reason, () => {
  it("serves from it", async () => {
    const server = start({ INDEX: "auto" });
    expect(await server.until("artifact_loaded")).toMatchObject({ index: "faiss" });
  });
});

async function breakFile(folder: string): Promise<void> {
  const file = join(folder, "embeddings.f32");
  const bytes = await readFile(file);
  bytes[0]! ^= 1;
  await writeFile(file, bytes);
}

function breakManifest(folder: string): Promise<void> {
  return writeFile(join(folder, "manifest.json"), "not JSON");
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  const port = await portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function portOf(server: ReturnType<typeof createServer>): Promise<number> {
  if (!server.listening) await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
