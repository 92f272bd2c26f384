import { type ChildProcess, spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { aFolder } from "../support/a-folder.js";
import { digestsIn, sha256Of, someFiles, someRepository, someWeights, testToken } from "../support/a-pull.js";
import { startHub } from "../support/hub-server.js";
import type { CommandResult } from "../support/run-stygig.js";

const bin = fileURLToPath(new URL("../../bin/stygig", import.meta.url));

/** `stygig model pull` in a folder of its own, with nothing in its environment but what is given. */
function startPull(cwd: string, args: readonly string[], env: Readonly<Record<string, string>>) {
  const child: ChildProcess = spawn(process.execPath, [bin, "model", "pull", ...args], { cwd, env, stdio: "pipe" });
  const output = { stdout: "", stderr: "" };
  child.stdout!.on("data", (chunk: Buffer) => {
    output.stdout += chunk.toString("utf8");
  });
  child.stderr!.on("data", (chunk: Buffer) => {
    output.stderr += chunk.toString("utf8");
  });
  const ended = new Promise<CommandResult>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => resolve({ exitCode, ...output }));
  });
  return { child, ended };
}

async function aHub() {
  const hub = await startHub();
  const commit = hub.publish(someRepository, "main", someFiles);
  return { hub, commit, env: { HF_ENDPOINT: `${hub.endpoint}/`, HF_TOKEN: testToken } };
}

test("model pull fetches into a folder named after the model, and tells the next command", async () => {
  const { hub, commit, env } = await aHub();
  const cwd = await aFolder();
  const { exitCode, stdout, stderr } = await startPull(cwd, [someRepository], env).ended;
  expect(stderr.trimEnd().split("\n")).toEqual([
    `pulled: ${someRepository} at main, commit ${commit}; license: mit`,
    "  config.json: 21 bytes, downloaded, digest verified",
    "  preprocessor_config.json: 17 bytes, downloaded, digest verified",
    "  model.safetensors: 300000 bytes, downloaded, digest verified",
    "next: stygig model convert some-clip --precision fp32,int8 --out some-clip-onnx",
  ]);
  expect(stdout).toContain(`${sha256Of(someWeights)}  some-clip/model.safetensors\n`);
  expect(exitCode).toBe(0);
  await hub.close();
  const again = await startPull(cwd, [someRepository, "--json"], env).ended;
  expect(JSON.parse(again.stdout)).toMatchObject({ repository: someRepository, commit, folder: "some-clip" });
  expect(again.stderr).toContain("already there: ");
  expect(again.exitCode).toBe(0);
});

test("model pull says what failed in one line, never with the token", async () => {
  const { hub, env } = await aHub();
  const headers = { "x-error-message": `unknown token ${testToken}` };
  hub.fail(/GET \/api/, { kind: "reply", status: 401, headers });
  const { exitCode, stdout, stderr } = await startPull(await aFolder(), [someRepository], env).ended;
  expect(stderr).toBe(
    `stygig: the hub does not accept HF_TOKEN for ${someRepository} (the hub says: unknown token <HF_TOKEN>)\n`,
  );
  expect([exitCode, stdout]).toEqual([1, ""]);
});

test("model pull ends on Ctrl-C with what it has, and goes on the next time", async () => {
  const { hub, env } = await aHub();
  const folder = join(await aFolder(), "model");
  hub.fail(/GET \/blobs/, { kind: "stall", afterBytes: 100_000 });
  const arrival = hub.arrival(/GET \/blobs/);
  const { child, ended } = startPull(folder.replace(/\/model$/, ""), [someRepository, "--out", "model"], env);
  await arrival;
  child.kill("SIGINT");
  const { exitCode, stderr } = await ended;
  expect(stderr).toBe("stygig: interrupted; the same command goes on where this one stopped\n");
  expect(exitCode).toBe(130);
  expect((await readdir(folder)).filter((name) => !name.endsWith(".partial"))).toEqual([]);
  const again = await startPull(folder, [someRepository, "--out", "."], env).ended;
  expect(again.exitCode).toBe(0);
  expect((await digestsIn(folder))["model.safetensors"]).toBe(sha256Of(someWeights));
});

test("model pull goes on after one that was killed", async () => {
  const { hub, env } = await aHub();
  const cwd = await aFolder();
  hub.fail(/GET \/blobs/, { kind: "stall", afterBytes: 100_000 });
  const arrival = hub.arrival(/GET \/blobs/);
  const { child, ended } = startPull(cwd, [someRepository], env);
  await arrival;
  child.kill("SIGKILL");
  await ended;
  const folder = join(cwd, "some-clip");
  expect(await readdir(folder)).toContain(".pull.lock");
  expect((await startPull(cwd, [someRepository], env).ended).exitCode).toBe(0);
  expect(Object.keys(await digestsIn(folder)).filter((name) => name.startsWith("."))).toEqual([]);
});

test("model pull --list shows every known model with revision and license", async () => {
  const cwd = await aFolder();
  const { stdout } = await startPull(cwd, ["--list"], {}).ended;
  expect(stdout).toMatch(/clip-vit-base-patch32.*openai\/clip-vit-base-patch32.*b33cedfd0df4.*model\.safetensors.*MIT/);
  const { stdout: json } = await startPull(cwd, ["--list", "--json"], {}).ended;
  expect(JSON.parse(json).map(({ name }: { name: string }) => name)).toContain("fashion-clip");
});

test.each([
  { args: [], env: {}, says: "MODEL is missing" },
  { args: ["clip"], env: {}, says: '"clip" is neither OWNER/NAME of the hub nor one of clip-vit-base-patch32, ' },
  { args: ["a/b", "--revision", "../x"], env: {}, says: '--revision "../x" is no branch, tag, ref or commit' },
  { args: ["a/b", "--out", ""], env: {}, says: "--out is empty" },
  { args: ["a/b"], env: { HF_ENDPOINT: "hub" }, says: "HF_ENDPOINT is no http or https address" },
  { args: ["a/b"], env: { HF_TOKEN: "two words" }, says: "HF_TOKEN is no token" },
])("model pull $args with $env is refused as wrongly asked", async ({ args, env, says }) => {
  const { exitCode, stderr } = await startPull(await aFolder(), args, env as Record<string, string>).ended;
  expect(stderr.startsWith(`stygig: ${says}`)).toBe(true);
  expect(exitCode).toBe(2);
});
