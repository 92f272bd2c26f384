import { rename, rm, symlink } from "node:fs/promises";
import { request } from "node:http";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { RunningServer } from "../../src/main.js";
import { aFolder } from "../support/a-folder.js";
import { changeManifest, copyArtifact } from "../support/artifact-changes.js";
import { captureLog, type LogLine } from "../support/captured-log.js";
import { serve } from "../support/compiled-main.js";
import { holdUpload, requestsInFlight } from "../support/held-upload.js";
import { type ServerProcess, startProcess } from "../support/server-process.js";
import { countOutcomes, startLoad } from "../support/steady-load.js";
import { tinyPicture, writeTinyArtifact } from "../support/tiny-artifact.js";

const shirt = tinyPicture([200, 30, 40]);
/** Two artifacts that differ in their digest, and one that is broken. */
const folders = { one: "", two: "", broken: "" };
beforeAll(async () => {
  folders.one = await writeTinyArtifact(await aFolder());
  folders.two = await copyArtifact(folders.one);
  // The same in other bytes: what names the artifact is the manifest's sha-256.
  await changeManifest(folders.two, () => ({}));
  folders.broken = await copyArtifact(folders.one);
  await rm(join(folders.broken, "embeddings.f32"));
});

let link = "";
beforeEach(async () => {
  link = join(await aFolder(), "artifact");
  await symlink(folders.one, link);
});
/** Puts another artifact behind the link in one step. */
async function switchTo(name: keyof typeof folders): Promise<void> {
  await symlink(folders[name], `${link}.next`);
  await rename(`${link}.next`, link);
}

const servers: RunningServer[] = [];
const processes: ServerProcess[] = [];
afterEach(async () => {
  for (const { child } of processes.splice(0)) child.kill("SIGKILL");
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

type Started = Readonly<{ server: RunningServer; url: string; admin: string; lines: readonly LogLine[] }>;

async function start(env: Readonly<Record<string, string>> = {}): Promise<Started> {
  const { log, lines } = captureLog();
  const usual = { PORT: "0", INDEX: "exact", STYGIG_ENCODER_WORKERS: "1", STYGIG_MODEL_DIR: link };
  const server = await serve({ log, env: { ...usual, STYGIG_ADMIN_PORT: "0", ...env } });
  servers.push(server);
  await server.ready;
  const admin = `http://127.0.0.1:${server.adminPort}`;
  return { server, url: `http://127.0.0.1:${server.port}`, admin, lines };
}

const reload = (admin: string) => fetch(`${admin}/admin/reload`, { method: "POST" });
const digestIn = (body: string) => (JSON.parse(body) as Readonly<{ catalog_digest: string }>).catalog_digest;
const digestServed = async (url: string) =>
  ((await (await fetch(`${url}/health`)).json()) as Readonly<{ catalog_digest: string }>).catalog_digest;
const metricsOf = async (url: string) => (await fetch(`${url}/metrics`)).text();
const openOf = async (url: string) => /^stygig_generations_open (\d+)$/m.exec(await metricsOf(url))?.[1];

describe("a reload", () => {
  it("under load fails no request, and every answer is of one generation or the other", async () => {
    const { url, admin } = await start();
    const digests = [await digestServed(url)];
    const load = startLoad(url, 6);
    for (let round = 0; round < 6; round++) {
      const before = load.outcomes.length;
      await expect.poll(() => load.outcomes.length - before, { timeout: 20_000 }).toBeGreaterThan(10);
      await switchTo(round % 2 === 0 ? "two" : "one");
      const answer = await reload(admin);
      const { status, catalog_digest, previous_catalog_digest } = (await answer.json()) as Record<string, unknown>;
      expect([answer.status, status, previous_catalog_digest]).toEqual([200, "reloaded", digests.at(-1)]);
      expect(await digestServed(url)).toBe(catalog_digest);
      digests.push(String(catalog_digest));
    }
    await load.stop();
    expect(Object.keys(countOutcomes(load.outcomes))).toEqual(["200"]);
    expect(new Set(digests).size).toBe(2);
    const answered = load.outcomes.map((outcome) => ("reply" in outcome ? digestIn(outcome.reply.body) : null));
    expect(new Set(answered)).toEqual(new Set(digests));
    await expect.poll(() => openOf(url)).toBe("1");
    expect(await metricsOf(url)).toMatch(/^stygig_reloads_total\{outcome="reloaded"\} 6$/m);
    expect((await metricsOf(url)).match(/^stygig_served_info\{.*$/gm)).toHaveLength(1);
  });

  it("lets a request in progress finish on the generation that it began with, which is closed then", async () => {
    const { url, admin, lines } = await start();
    const old = await digestServed(url);
    const held = holdUpload(url, shirt);
    await expect.poll(() => requestsInFlight(url)).toBe(1);
    await switchTo("two");
    expect((await reload(admin)).status).toBe(200);
    expect(await openOf(url)).toBe("2");
    held.finish();
    const { status, body } = await held.reply;
    expect([status, digestIn(body)]).toEqual([200, old]);
    await expect.poll(() => openOf(url)).toBe("1");
    expect(lines.filter(({ event }) => event === "artifact_closed").map(({ fields }) => fields)).toEqual([
      { catalog_digest: old },
    ]);
  });

  it("keeps the generation in use when the new one does not verify, and says why everywhere", async () => {
    const { url, admin, lines } = await start();
    const old = await digestServed(url);
    await switchTo("broken");
    const answer = await reload(admin);
    const text = await answer.text();
    expect(answer.status).toBe(422);
    const reason = expect.stringMatching(/^embeddings\.f32 /);
    expect(JSON.parse(text)).toMatchObject({
      error: { code: "reload_failed", retryable: false, details: { reason, catalog_digest: old } },
    });
    expect(text).not.toContain(folders.broken);
    expect(lines.find(({ event }) => event === "reload_failed")).toMatchObject({ level: "error", fields: { reason } });
    expect(await metricsOf(url)).toMatch(/^stygig_reloads_total\{outcome="kept"\} 1$/m);
    expect((await fetch(`${url}/ping`)).status).toBe(200);
    const load = startLoad(url, 1);
    await load.stop();
    expect(load.outcomes.map((outcome) => ("reply" in outcome ? digestIn(outcome.reply.body) : null))).toEqual([old]);
  });

  it("keeps it when there is nothing where the artifact was, and takes a folder put there by renaming", async () => {
    const { url, admin } = await start();
    await rm(link);
    const gone = await reload(admin);
    expect(await gone.json()).toMatchObject({ error: { details: { reason: "manifest.json does not exist" } } });
    await rename(await copyArtifact(folders.two), link);
    expect((await reload(admin)).status).toBe(200);
    await expect.poll(() => openOf(url)).toBe("1");
  });

  it("is refused while another one is under way, and while the server stops", async () => {
    const { server, url, admin } = await start();
    const answers = await Promise.all([reload(admin), reload(admin)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const held = holdUpload(url, shirt);
    const waiting = holdUpload(admin, shirt);
    await expect.poll(() => requestsInFlight(url)).toBe(1);
    const stopped = server.stop();
    // The port stays open for as long as the drain takes.
    expect((await reload(admin)).status).toBe(503);
    waiting.leave();
    held.finish();
    expect((await held.reply).status).toBe(200);
    await stopped;
  });

  it("that is under way when the server stops ends before it, and leaves nothing open", async () => {
    const { server, admin, lines } = await start();
    const answer = reload(admin).catch(() => null);
    await expect.poll(() => lines.filter(({ event }) => event === "artifact_loaded").length).toBe(2);
    await server.stop();
    await answer;
    expect(lines.filter(({ event }) => event === "artifact_closed")).toHaveLength(2);
  });
});

describe("the admin routes", () => {
  it("are nowhere unless they are asked for, and never on the platform's port", async () => {
    const { server } = await start({ STYGIG_ADMIN_PORT: "" });
    expect(server.adminPort).toBeNull();
    const { url } = await start();
    expect((await reload(url)).status).toBe(404);
    expect((await fetch(`${url}/admin/config`)).status).toBe(404);
  });

  it("listen on the loopback address alone", async () => {
    const { server } = await start();
    const others = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
    for (const { address } of others.filter(({ family, internal }) => family === "IPv4" && !internal)) {
      expect((await fetch(`http://${address}:${server.port}/ping`)).status).toBe(200);
      await expect(fetch(`http://${address}:${server.adminPort}/admin/config`)).rejects.toThrow();
    }
  });

  it("take no path and no order from a request", async () => {
    const { url, admin } = await start();
    const body = JSON.stringify({ path: folders.two, artifact: folders.two });
    const headers = { "content-type": "application/json" };
    const asked = `${admin}/admin/reload?path=${encodeURIComponent(folders.two)}`;
    const old = await digestServed(url);
    expect((await fetch(asked, { method: "POST", headers, body })).status).toBe(200);
    expect(await digestServed(url)).toBe(old);
    expect((await fetch(`${admin}/admin/reload`)).status).toBe(405);
  });

  it.each([
    [{ host: "attacker.example" }, 404],
    [{ host: "127.0.0.1", origin: "http://attacker.example" }, 404],
    [{ host: "localhost:80" }, 200],
  ] as const)("answer a browser that was led there by %j with %i", async (headers, expected) => {
    const { server } = await start();
    const status = await new Promise((resolve, reject) => {
      request({ port: server.adminPort, path: "/admin/config", headers }, (response) => {
        response.resume().once("end", () => resolve(response.statusCode));
      })
        .once("error", reject)
        .end();
    });
    expect(status).toBe(expected);
  });

  it("show every setting and where it comes from, and nothing else of the environment", async () => {
    const { admin } = await start({ SOMEBODYS_SECRET: "hidden" });
    const text = await (await fetch(`${admin}/admin/config`)).text();
    const { config } = JSON.parse(text) as Readonly<{ config: Readonly<Record<string, unknown>> }>;
    expect(config).toMatchObject({
      modelDir: { value: link, from: "STYGIG_MODEL_DIR" },
      adminPort: { value: 0, from: "STYGIG_ADMIN_PORT" },
      drainTimeoutMs: { from: "default" },
    });
    expect(text).not.toContain("hidden");
  });

  it("stop the start when their port is taken, and leave the platform's port free", async () => {
    const { server } = await start();
    const env = { PORT: "0", STYGIG_MODEL_DIR: link, STYGIG_ADMIN_PORT: String(server.adminPort) };
    await expect(serve({ log: captureLog().log, env })).rejects.toThrow(`port ${server.adminPort} is already in use`);
  });
});

describe("SIGHUP", () => {
  it("reloads, and once more when it comes again meanwhile", async () => {
    const server = startProcess({ STYGIG_MODEL_DIR: link });
    processes.push(server);
    await server.until("server_ready");
    const { port } = await server.until("server_listening");
    const old = await digestServed(`http://127.0.0.1:${port}`);
    server.child.kill("SIGHUP");
    await switchTo("two");
    server.child.kill("SIGHUP");
    await expect.poll(() => digestServed(`http://127.0.0.1:${port}`)).not.toBe(old);
    await switchTo("broken");
    server.child.kill("SIGHUP");
    expect(await server.until("reload_failed")).toMatchObject({ reason: expect.stringMatching(/^embeddings\.f32 /) });
    server.child.kill("SIGTERM");
    expect(await server.ended).toBe(0);
    expect(server.stderr()).toBe("");
  });
});
