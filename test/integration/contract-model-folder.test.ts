import { spawnSync } from "node:child_process";
import { chmod, chown, cp, mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { aFolder } from "../support/a-folder.js";
import { anItemId, png, typed } from "../support/contract-bodies.js";
import { ask } from "../support/contract-request.js";
import { artifactOf, type OwnServer, ownCheck, spawnServer, startOwnServer } from "../support/contract-target.js";
import { projectFolder } from "../support/project-files.js";

// sagemaker-contract.md, section 8, check 7: where the model lies and what may be written.

const somebody = 12_345;
const asSomebody = ["setpriv", `--reuid=${somebody}`, `--regid=${somebody}`, "--clear-groups"] as const;
/** What follows runs on a file system where only the folder named first can be written, by anybody. */
const readOnlyBut = (folder: string) =>
  [
    "unshare",
    "--mount",
    "sh",
    "-ec",
    'mount -t tmpfs tmpfs "$0"; mount -o remount,bind,ro /; exec "$@"',
    folder,
  ] as const;

/** Why a command cannot be run on this machine, in a few words; null when it can. */
function whyNot(what: string, [command, ...parameters]: readonly string[]): string | null {
  const { status, error, stderr } = spawnSync(command!, parameters, { encoding: "utf8" });
  return status === 0 ? null : `${what}: ${error?.message ?? stderr.trim().split("\n")[0]}`;
}

const script = join(projectFolder, "dist/src/main.js");
const noOtherUser = whyNot("nobody else can run this program here", [
  ...asSomebody,
  process.execPath,
  "--check",
  script,
]);
const noNamespace = whyNot("no read-only file system can be had", [...readOnlyBut("/tmp"), "true"]);

type Tree = Readonly<Record<string, string>>;

/** Every path below a folder, the folder too, with its size and times of change. */
async function treeOf(folder: string): Promise<Tree> {
  const paths = ["", ...(await readdir(folder, { recursive: true }))].sort();
  const facts = paths.map(async (path) => {
    const { mode, size, mtimeMs, ctimeMs } = await stat(join(folder, path));
    return [path, `${mode.toString(8)} ${size} ${mtimeMs} ${ctimeMs}`] as const;
  });
  return Object.fromEntries(await Promise.all(facts));
}

/** Not there yet, and below nothing that another user must not look into. */
async function publicPath(name: string): Promise<string> {
  const parent = await aFolder();
  await chmod(parent, 0o755);
  return join(parent, name);
}

/** A copy of the artifact that its user may only read. */
async function readOnlyArtifact(): Promise<string> {
  const folder = await publicPath("model");
  await cp(await artifactOf(), folder, { recursive: true });
  for (const path of ["", ...(await readdir(folder, { recursive: true }))]) {
    const isFolder = (await stat(join(folder, path))).isDirectory();
    await chmod(join(folder, path), isFolder ? 0o555 : 0o444);
  }
  return folder;
}

/** Its work with the disk: a picture, and many answers at once, which wait in a file. */
async function work({ url }: OwnServer): Promise<void> {
  expect((await ask(url, { headers: typed("image/png"), body: png })).status).toBe(200);
  const line = JSON.stringify({ item_id: await anItemId(url) });
  const lines = await ask(url, { headers: typed("application/jsonlines"), body: `${line}\n`.repeat(600) });
  expect(lines.status).toBe(200);
  expect(lines.body.length).toBeGreaterThan(1024 * 1024);
}

async function end({ server }: OwnServer): Promise<void> {
  server.child.kill("SIGTERM");
  expect(await server.ended).toBe(0);
  expect(server.stderr()).toBe("");
}

describe("check 7", () => {
  ownCheck("check 7: the model lies in /opt/ml/model, which may be missing: one clear line", async () => {
    const server = spawnServer({});
    const { config } = await server.until("config_loaded");
    expect(config).toMatchObject({ modelDir: { value: "/opt/ml/model", from: "default" } });
    expect(await server.ended).toBe(1);
    expect(server.stderr()).toBe("stygig: /opt/ml/model/manifest.json does not exist\n");
  });

  ownCheck("check 7: an empty folder ends the start with one clear line", async () => {
    const folder = await aFolder();
    const server = spawnServer({ STYGIG_MODEL_DIR: folder });
    expect(await server.ended).toBe(1);
    expect(server.stderr()).toBe(`stygig: ${folder}/manifest.json does not exist\n`);
  });

  ownCheck(
    "check 7: as user 12345, over a folder that it may only read, it leaves every folder as it was",
    async () => {
      const [artifact, home, scratch] = [await readOnlyArtifact(), await aFolder(), await aFolder()];
      await chmod(home, 0o555);
      await chown(scratch, somebody, somebody);
      const watched = [artifact, home, join(projectFolder, "dist"), join(projectFolder, "native")];
      const before = await Promise.all(watched.map(treeOf));
      const env = { STYGIG_MODEL_DIR: artifact, HOME: home, TMPDIR: scratch };
      const own = await startOwnServer(env, { under: ["env", "-C", home, ...asSomebody] });
      await work(own);
      await end(own);
      expect(await Promise.all(watched.map(treeOf))).toEqual(before);
      // What waited in a file is gone with its request; ONNX Runtime leaves a file of its own here.
      expect((await readdir(scratch)).filter((name) => name.startsWith("stygig-"))).toEqual([]);
    },
    noOtherUser,
  );

  ownCheck(
    "check 7: on a read-only file system it needs nothing but a place for temporary files",
    async () => {
      const scratch = await publicPath("temporary");
      await mkdir(scratch);
      const under = readOnlyBut(scratch);
      const own = await startOwnServer({ TMPDIR: scratch }, { under });
      await work(own);
      await end(own);
    },
    noNamespace,
  );

  ownCheck(
    "check 7: on a read-only file system as user 12345, too",
    async () => {
      const scratch = await publicPath("temporary");
      await mkdir(scratch);
      const env = { TMPDIR: scratch, STYGIG_MODEL_DIR: await readOnlyArtifact() };
      const own = await startOwnServer(env, { under: [...readOnlyBut(scratch), ...asSomebody] });
      await work(own);
      await end(own);
    },
    noNamespace ?? noOtherUser,
  );
});
