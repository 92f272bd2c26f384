import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, existsSync } from "node:fs";
import { chmod, cp, mkdir, readdir, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { aFolder } from "../support/a-folder.js";
import { copiesOf, environmentOf, parseDockerfile, type Stage, textsOf } from "../support/dockerfile.js";
import { projectFolder, readProjectFile } from "../support/project-files.js";
import { tinyPicture, writeTinyArtifact } from "../support/tiny-artifact.js";

// There is no Docker where these tests run. What can be known without it: the file's form, and that what a run stage
// copies is all that the server needs, for a user who may write nothing.

const stages = parseDockerfile(readProjectFile("Dockerfile"));
const stageNamed = (name: string): Stage => stages.find((stage) => stage.name === name)!;
const runStages = ["cpu", "gpu"].map(stageNamed);
const installed = "/opt/stygig";

describe.each(runStages)("the $name image", (stage) => {
  const listOf = (keyword: string): unknown => JSON.parse(textsOf(stage, keyword)[0] ?? "null");

  test("starts the command itself and takes `serve` in place of CMD", () => {
    expect(listOf("ENTRYPOINT")).toEqual(["node", `${installed}/bin/stygig`]);
    expect(listOf("CMD")).toEqual(["serve"]);
  });

  test("runs as whoever the platform says", () => {
    expect(textsOf(stage, "USER")).toEqual([]);
  });

  test("insists on FAISS and carries what it is linked against", () => {
    expect(environmentOf(stage)).toMatchObject({ NODE_ENV: "production", INDEX: "faiss" });
    expect(textsOf(stage, "RUN").join()).toMatch(/apt-get install .*libgomp1 libopenblas0 libstdc\+\+6/);
  });
});

test("both images hold the same files, but for the CUDA provider and Node itself", () => {
  const [cpu, gpu] = runStages.map((stage) => copiesOf(stage).map(({ source, target }) => `${source} ${target}`));
  expect(gpu).toEqual(["/usr/local/bin/node /usr/local/bin/node", ...cpu!]);
});

test("the image for CUDA runs on CUDA or not at all", () => {
  expect(environmentOf(stageNamed("gpu")).EXECUTION_PROVIDERS).toBe("cuda");
  expect(stageNamed("gpu").base).toMatch(/^nvidia\/cuda:13\.[\d.]+-cudnn-runtime-ubuntu24\.04$/);
});

test("the build stage finds what it copies, and .dockerignore lets it through", () => {
  const sources = copiesOf(stageNamed("build")).map(({ source }) => source);
  const allowed = readProjectFile(".dockerignore")
    .split("\n")
    .filter((line) => line.startsWith("!"));
  expect(sources.filter((source) => !existsSync(join(projectFolder, source)))).toEqual([]);
  expect(sources.map((source) => `!${source}`).sort()).toEqual([...allowed].sort());
});

test("the container's Node is the one that .ci/run tests on", () => {
  const [, tested] = /^container_node=(.*)$/m.exec(readProjectFile(".ci/run"))!;
  expect(stageNamed("build").base).toBe(`node:${tested}-bookworm`);
  expect(stageNamed("cpu").base).toBe(`node:${tested}-bookworm-slim`);
});

/** Of node_modules, what `npm ci --omit=dev` and the line after it leave. */
async function copyProductionPackages(target: string): Promise<void> {
  const { packages }: Readonly<{ packages: Readonly<Record<string, { dev?: boolean }>> }> = JSON.parse(
    readProjectFile("package-lock.json"),
  );
  const otherPlatform = new RegExp(`onnxruntime-node/bin/[^/]+/(?!linux/${process.arch}(/|$)|linux$)[^/]+`);
  for (const [path, { dev }] of Object.entries(packages)) {
    const source = join(projectFolder, path);
    if (!path.startsWith("node_modules/") || dev === true || !existsSync(source)) continue;
    await cp(source, join(target, relative("node_modules", path)), {
      recursive: true,
      // A package inside another comes by its own entry.
      filter: (file) => !file.slice(source.length).includes("/node_modules") && !otherPlatform.test(file),
    });
  }
}

/** What the build stage compiles: the folders that it copies, and nothing of the tests. */
async function copyCompiled(target: string): Promise<void> {
  for (const { source } of copiesOf(stageNamed("build"))) {
    const compiled = join(projectFolder, "dist", source);
    if (existsSync(compiled)) await cp(compiled, join(target, source), { recursive: true });
  }
}

const addon = "native/faiss/build/stygig_faiss.node";
const isAddonBuilt = existsSync(join(projectFolder, addon));

/** Lays out below `root` what the stage's COPY lines would lay out below `/`, and the Node that runs it. */
async function replayCopies(stage: Stage, root: string): Promise<void> {
  const workdir = textsOf(stage, "WORKDIR")[0]!;
  for (const { source, target } of copiesOf(stage)) {
    const path = relative(installed, source);
    const place = join(root, workdir, target);
    if (path === "node_modules") await copyProductionPackages(place);
    else if (path === "dist") await copyCompiled(place);
    else if (path !== addon || isAddonBuilt) await cp(join(projectFolder, path), place, { recursive: true });
  }
  await mkdir(join(root, "usr/local/bin"), { recursive: true });
  // By its copy, because the original may lie where another user must not look.
  copyFileSync(process.execPath, join(root, "usr/local/bin/node"));
}

/** Everybody may read all of it, nobody may write; `writable` turns that back for the removal. */
async function setModes(folder: string, writable: boolean): Promise<void> {
  for (const entry of [folder, ...(await readdir(folder, { recursive: true })).map((name) => join(folder, name))]) {
    const { mode } = await stat(entry);
    await chmod(entry, writable ? mode | 0o200 : (mode | 0o444 | (mode & 0o100 ? 0o111 : 0)) & ~0o222);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilReady(address: string): Promise<void> {
  await expect
    .poll(async () => (await fetch(`${address}/ping`).catch(() => null))?.status, { timeout: slowMachineMs / 2 })
    .toBe(200);
}

/** A hundred megabytes are copied first, and a build machine may have a slow disk. */
const slowMachineMs = 120_000;

const isRoot = process.getuid?.() === 0;
const user = isRoot ? { uid: 12_345, gid: 12_345 } : {};
const asWhom = isRoot ? "as user 12345" : "as oneself, since only root may be somebody else";
const withIndex = isAddonBuilt ? "with FAISS" : "with INDEX=exact, since the FAISS addon is not built here";

describe(`what the cpu image copies, ${asWhom}, ${withIndex}`, () => {
  const stage = stageNamed("cpu");
  let root = "";
  let port = 0;

  function start(command: readonly string[]): { child: ChildProcess; output: () => string; ended: Promise<unknown> } {
    const [program, ...parameters] = command.map((word) => word.replace(installed, join(root, installed)));
    const child = spawn(join(root, "usr/local/bin", program!), parameters, {
      ...user,
      cwd: "/",
      // No HOME, and nothing else that a developer's shell would add.
      env: {
        PATH: join(root, "usr/local/bin"),
        ...environmentOf(stage),
        ...(isAddonBuilt ? {} : { INDEX: "exact" }),
        SAGEMAKER_BIND_TO_PORT: String(port),
        STYGIG_MODEL_DIR: join(root, "opt/ml/model"),
      },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (output += chunk));
    return { child, output: () => output, ended: new Promise((resolve) => child.once("close", resolve)) };
  }

  beforeAll(async () => {
    root = join(await aFolder(), "image");
    await mkdir(join(root, "opt/ml"), { recursive: true });
    await replayCopies(stage, root);
    await cp(await writeTinyArtifact(await aFolder()), join(root, "opt/ml/model"), { recursive: true });
    await setModes(root, false);
    await chmod(dirname(root), 0o755);
    port = await freePort();
  }, slowMachineMs);

  afterAll(() => setModes(root, true));

  test(
    "is all that the server needs",
    async () => {
      const entryPoint: readonly string[] = JSON.parse(textsOf(stage, "ENTRYPOINT")[0]!);
      const { child, output, ended } = start([...entryPoint, ...JSON.parse(textsOf(stage, "CMD")[0]!)]);
      try {
        const address = `http://127.0.0.1:${port}`;
        const died = ended.then((code) => Promise.reject(new Error(`exit code ${code}\n${output()}`)));
        await Promise.race([untilReady(address), died]);
        const response = await fetch(`${address}/invocations`, {
          method: "POST",
          headers: { "content-type": "image/png" },
          body: tinyPicture([200, 40, 40]),
        });
        expect(response.status, await response.text()).toBe(200);
        child.kill("SIGTERM");
        expect(await ended, output()).toBe(0);
      } finally {
        child.kill("SIGKILL");
      }
    },
    slowMachineMs,
  );

  test("is all that the other commands need to load", async () => {
    const { output, ended } = start(["node", `${installed}/bin/stygig`, "--help"]);
    expect(await ended, output()).toBe(0);
    expect(output()).toContain("serve");
  });
});
