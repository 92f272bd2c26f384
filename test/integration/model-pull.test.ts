import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readModelLock } from "../../models/hub/model-lock.js";
import { aFolder } from "../support/a-folder.js";
import { aPull, digestsIn, sha256Of, someBytes, someFiles, someRepository, someWeights } from "../support/a-pull.js";
import { startHub } from "../support/hub-server.js";

const lockName = "model.lock.json";
const { "config.json": config, "preprocessor_config.json": preprocessor } = someFiles;

async function aHub(files = someFiles) {
  const hub = await startHub();
  return { hub, commit: hub.publish(someRepository, "main", files) };
}

describe("a pull", () => {
  test("brings description and weights, checked, and says in its lock what they are", async () => {
    const { hub, commit } = await aHub();
    const { folder, report, progress } = await aPull(hub);
    const files = await digestsIn(folder);
    expect(Object.keys(files)).toEqual(["config.json", lockName, "model.safetensors", "preprocessor_config.json"]);
    expect(files["model.safetensors"]).toBe(sha256Of(someWeights));
    expect(JSON.parse(await readFile(join(folder, lockName), "utf8"))).toEqual({
      format: "stygig-model-lock",
      version: 1,
      repository: someRepository,
      endpoint: hub.endpoint,
      revision: "main",
      commit,
      license: "mit",
      files: {
        "config.json": {
          bytes: config!.length,
          sha256: sha256Of(config!),
          declared: { algorithm: "git-blob-sha1", hex: expect.stringMatching(/^[0-9a-f]{40}$/) },
        },
        "preprocessor_config.json": expect.objectContaining({ sha256: sha256Of(preprocessor!) }),
        "model.safetensors": {
          bytes: someWeights.length,
          sha256: sha256Of(someWeights),
          declared: { algorithm: "sha256", hex: sha256Of(someWeights) },
        },
      },
    });
    expect(report).toMatchObject({ commit, license: "mit", weights: "model.safetensors" });
    expect(report!.files.map(({ source }) => source)).toEqual(["downloaded", "downloaded", "downloaded"]);
    const total = someWeights.length + config!.length + preprocessor!.length;
    expect(progress.at(-1)).toEqual({ done: total, total });
  });

  test.each([
    { has: ["config.json", "pytorch_model.bin"], takes: ["config.json", "pytorch_model.bin"] },
    {
      has: ["open_clip_config.json", "open_clip_model.safetensors", "open_clip_pytorch_model.bin"],
      takes: ["open_clip_config.json", "open_clip_model.safetensors"],
    },
    {
      has: ["config.json", "open_clip_config.json", "open_clip_pytorch_model.bin"],
      takes: ["config.json", "open_clip_config.json", "open_clip_pytorch_model.bin"],
    },
  ])("of a repository with $has takes $takes", async ({ has, takes }) => {
    const { hub } = await aHub(Object.fromEntries(has.map((name, index) => [name, someBytes(1_500, index)])));
    const { report } = await aPull(hub);
    expect(report!.files.map(({ file }) => file)).toEqual(takes);
  });

  test("asks for the ref it was told, and keeps the commit that it meant", async () => {
    const { hub } = await aHub();
    const commit = hub.publish(someRepository, "refs/pr/15", { ...someFiles, "model.safetensors": someBytes(5_000) });
    const { report } = await aPull(hub, { revision: "refs/pr/15" });
    expect(report).toMatchObject({ revision: "refs/pr/15", commit });
    expect(hub.requests[0]!.path).toBe(`/api/models/${someRepository}/revision/refs%2Fpr%2F15`);
    expect(
      hub.requests
        .slice(1)
        .filter(({ at }) => at === "hub")
        .every(({ path }) => path.includes(commit)),
    ).toBe(true);
  });

  test("follows a repository to its new name", async () => {
    const { hub } = await aHub();
    hub.rename("someone/old-clip", someRepository);
    expect((await aPull(hub, { id: "someone/old-clip" })).report).toMatchObject({ repository: "someone/old-clip" });
  });

  test("takes files that are there already for what they are, and overwrites no others", async () => {
    const { hub } = await aHub();
    const folder = await aFolder();
    await writeFile(join(folder, "model.safetensors"), someWeights);
    const first = await aPull(hub, { folder });
    expect(first.report!.files.map(({ source }) => source)).toEqual(["downloaded", "downloaded", "present"]);
    const other = await aFolder();
    await writeFile(join(other, "config.json"), "mine");
    const second = await aPull(hub, { folder: other });
    expect(second.error?.message).toBe(
      `${join(other, "config.json")} is there already, and not from a pull: choose another --out`,
    );
    expect(await readFile(join(other, "config.json"), "utf8")).toBe("mine");
  });
});

describe("a second pull", () => {
  test("without a network does nothing but check the files", async () => {
    const { hub } = await aHub();
    const { folder } = await aPull(hub);
    const before = await digestsIn(folder);
    await hub.close();
    const { report, error } = await aPull(hub, { folder });
    expect(error).toBeNull();
    expect(report!.files.map(({ source }) => source)).toEqual(["present", "present", "present"]);
    expect(await digestsIn(folder)).toEqual(before);
    const { report: byCommit } = await aPull(hub, { folder, revision: report!.commit });
    expect(byCommit).toMatchObject({ commit: report!.commit });
  });

  test("fetches a damaged file again, at the commit of the lock", async () => {
    const { hub, commit } = await aHub();
    const { folder } = await aPull(hub);
    const before = await digestsIn(folder);
    const damaged = Uint8Array.from(someWeights);
    damaged[1234]! ^= 1;
    await writeFile(join(folder, "model.safetensors"), damaged);
    hub.publish(someRepository, "main", { ...someFiles, "model.safetensors": someBytes(4_000, 9) });
    hub.requests.length = 0;
    const { report, lines } = await aPull(hub, { folder });
    expect(lines).toEqual([`model.safetensors in ${folder} is missing or damaged: fetching it again`]);
    expect(report).toMatchObject({ commit });
    expect(report!.files.map(({ source }) => source)).toEqual(["present", "present", "downloaded"]);
    expect(await digestsIn(folder)).toEqual(before);
    expect(hub.requests.every(({ path }) => path.includes("model.safetensors") || path.startsWith("/blobs/"))).toBe(
      true,
    );
  });

  test("of another revision leaves nothing of the one before", async () => {
    const { hub } = await aHub({ "config.json": config!, "pytorch_model.bin": someBytes(2_000) });
    const { folder } = await aPull(hub);
    const commit = hub.publish(someRepository, "v2", { "config.json": config!, "model.safetensors": someWeights });
    expect((await aPull(hub, { folder, revision: "v2" })).report).toMatchObject({ commit });
    expect(Object.keys(await digestsIn(folder))).toEqual(["config.json", lockName, "model.safetensors"]);
    expect(await readModelLock(folder)).toMatchObject({ revision: "v2", commit });
  });

  test("that fails leaves the model before it as it was", async () => {
    const { hub } = await aHub();
    const { folder } = await aPull(hub);
    const before = await digestsIn(folder);
    hub.publish(someRepository, "v2", { "config.json": Buffer.from("{}"), "model.safetensors": someBytes(5_000) });
    hub.fail(/GET \/blobs\//, { kind: "corrupt" }, 2);
    expect((await aPull(hub, { folder, revision: "v2" })).error?.message).toContain("but the hub declares");
    const visible = Object.entries(await digestsIn(folder)).filter(([name]) => !name.startsWith("."));
    expect(Object.fromEntries(visible)).toEqual(before);
  });

  test("of another repository into the same folder is refused", async () => {
    const { hub } = await aHub();
    const { folder } = await aPull(hub);
    hub.publish("someone/other", "main", someFiles);
    const { error } = await aPull(hub, { folder, id: "someone/other" });
    expect(error?.message).toBe(`${folder} holds ${someRepository}: choose another --out`);
  });

  test.each([
    { content: "", says: "it must be an object" },
    { content: '{"format":"stygig-model-lock"}', says: "version must be 1" },
  ])("refuses a damaged lock ($content)", async ({ content, says }) => {
    const { hub } = await aHub();
    const { folder } = await aPull(hub);
    await writeFile(join(folder, lockName), content);
    const { error } = await aPull(hub, { folder });
    expect(error?.message).toContain(`${lockName} is damaged: `);
    expect(error?.message).toContain(says);
  });

  test("refuses a lock that names files outside", async () => {
    const { hub } = await aHub();
    const { folder } = await aPull(hub);
    const lock = JSON.parse(await readFile(join(folder, lockName), "utf8"));
    lock.files["../config.json"] = lock.files["config.json"];
    await writeFile(join(folder, lockName), JSON.stringify(lock));
    expect((await aPull(hub, { folder })).error?.message).toContain("files lists a name that no pull writes");
  });
});

describe("two pulls into one folder", () => {
  test("at once: one does it, the other says so, nothing is damaged", async () => {
    const { hub } = await aHub();
    const folder = join(await aFolder(), "model");
    const results = await Promise.all([1, 2, 3].map(() => aPull(hub, { folder })));
    const failed = results.filter(({ error }) => error !== null);
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.length).toBeLessThan(3);
    for (const { error } of failed) expect(error?.message).toContain(`is filling ${folder}`);
    expect((await digestsIn(folder))["model.safetensors"]).toBe(sha256Of(someWeights));
    expect((await aPull(hub, { folder })).report!.files.every(({ source }) => source === "present")).toBe(true);
  });

  test("after one that was killed: its lock is taken over", async () => {
    const { hub } = await aHub();
    const folder = await aFolder();
    // No process has this number: they end at four million.
    await symlink(`4194999@${hostname()}`, join(folder, ".pull.lock"));
    expect((await aPull(hub, { folder })).error).toBeNull();
    expect(Object.keys(await digestsIn(folder))).not.toContain(".pull.lock");
  });

  test("from two machines: who cannot know waits", async () => {
    const { hub } = await aHub();
    const folder = await aFolder();
    await symlink("4194999@elsewhere", join(folder, ".pull.lock"));
    const { error } = await aPull(hub, { folder });
    expect(error?.message).toBe(
      `another pull (process 4194999@elsewhere) is filling ${folder}: wait for it, or remove ${join(folder, ".pull.lock")}`,
    );
  });
});

describe("a place that cannot be written", () => {
  test("is named", async () => {
    const { hub } = await aHub();
    const file = join(await aFolder(), "file");
    await writeFile(file, "");
    const inside = await aPull(hub, { folder: join(file, "model") });
    expect(inside.error?.message).toBe(`${join(file, "model")}: a part of the path is a file (ENOTDIR)`);
    expect((await aPull(hub, { folder: file })).error?.message).toBe(
      `${file}: there is a file in the folder's place (EEXIST)`,
    );
    const folder = await aFolder();
    await mkdir(join(folder, "config.json"));
    expect((await aPull(hub, { folder })).error?.message).toContain("is there already");
  });

  test("for want of room is noticed before anything is fetched", async () => {
    const { hub } = await aHub();
    const linked = { "x-linked-size": "900000000000000", "x-linked-etag": `"${"a".repeat(64)}"` };
    hub.fail(/HEAD .*safetensors/, {
      kind: "reply",
      status: 302,
      headers: { ...linked, location: "http://localhost/" },
    });
    const { error, folder } = await aPull(hub);
    expect(error?.message).toMatch(/ has room for \d+ bytes, but 9000000000\d+ have to come$/);
    expect(await digestsIn(folder)).toEqual({});
  });
});
