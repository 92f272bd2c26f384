import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { Header } from "tar";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { inspectArtifact } from "../../catalog/inspect-artifact.js";
import { packArtifact } from "../../catalog/pack-artifact.js";
import { aBuild, anArtifact, aPictureFolder, readFiles } from "../support/a-catalog-build.js";
import { aFolder } from "../support/a-folder.js";
import { changeManifest, copyArtifact } from "../support/artifact-changes.js";
import { buildCatalog } from "../support/compiled-catalog.js";

let good: string;
beforeAll(async () => {
  good = (await anArtifact({ thumbnails: 32, index: "auto" })).artifact.folder;
});

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => "it worked",
    (error: Error) => error.message,
  );

describe("packing", () => {
  test("gives the same bytes whatever the times and permissions of the files", async () => {
    const folder = await aFolder();
    const copy = await copyArtifact(good);
    for (const path of (await readFiles(copy)).keys()) {
      await chmod(join(copy, path), 0o600);
      await utimes(join(copy, path), 1, 1);
    }
    const first = await packArtifact(good, join(folder, "first.tar.gz"));
    const second = await packArtifact(copy, join(folder, "second.tar.gz"));
    const bytes = await readFile(first.file);
    expect(bytes.equals(await readFile(second.file))).toBe(true);
    expect(first).toMatchObject({ bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") });
    // The gzip header has no time and no file name.
    expect([...bytes.subarray(3, 8)]).toEqual([0, 0, 0, 0, 0]);
  });

  test("puts plain files at the root, in order, owned by nobody", async () => {
    const file = join(await aFolder(), "deep/er/model.tar.gz");
    await packArtifact(good, file);
    const listed = execFileSync("tar", ["--numeric-owner", "-tvzf", file], { encoding: "utf8" }).trim().split("\n");
    const expected = [...(await readFiles(good)).keys()].sort();
    expect(listed.map((line) => line.split(/\s+/).at(-1))).toEqual(expected);
    for (const line of listed) expect(line).toMatch(/^-rw-r--r-- 0\/0 +\d+ 1980-01-01 00:00 /);
    expect(await readdir(dirname(file))).toEqual(["model.tar.gz"]);
  });

  test("leaves out what is not part of the artifact", async () => {
    const copy = await copyArtifact(good);
    await writeFile(join(copy, "notes.txt"), "mine");
    const { sha256 } = await packArtifact(copy, join(dirname(copy), "model.tar.gz"));
    expect(sha256).toBe((await packArtifact(good, join(dirname(copy), "again.tar.gz"))).sha256);
  });

  test("is refused for a broken artifact, and writes nothing", async () => {
    const copy = await copyArtifact(good);
    await changeManifest(copy, () => ({ version: 3 }));
    expect(await failureOf(packArtifact(copy, join(dirname(copy), "model.tar.gz")))).toContain("manifest.json");
    expect(await readdir(dirname(copy))).toEqual(["artifact"]);
    expect(await failureOf(packArtifact(good, join(good, "model.tar.gz")))).toContain("must not lie inside");
  });
});

describe("inspecting", () => {
  test("tells the same of the folder and of its package", async () => {
    const { file, artifactDigest } = await packArtifact(good, join(await aFolder(), "model.tar.gz"));
    const packed = await inspectArtifact(file);
    expect(packed).toEqual(await inspectArtifact(good));
    expect(packed).toMatchObject({ digest: artifactDigest, unlisted: [], unmapped: [] });
    expect(packed.manifest.counts.categories).toEqual({ bottomwear_pants: 2, footwear_heels: 2, upperwear_shirt: 2 });
  });

  test("and packing take a store of generations for its current one", async () => {
    const store = join(await aFolder(), "store");
    await buildCatalog(await aBuild(await aPictureFolder(1), { outFolder: store, keep: 1 }));
    const current = join(store, "current");
    expect(await inspectArtifact(store)).toEqual(await inspectArtifact(current));
    const [one, other] = [join(dirname(store), "one.tar.gz"), join(dirname(store), "other.tar.gz")];
    expect((await packArtifact(store, one)).sha256).toBe((await packArtifact(current, other)).sha256);
    // Nobody reads the generation any more.
    expect(await readdir(join(store, "holds"))).toEqual([]);
  });

  test("takes a package that another tool made, and names what it adds", async () => {
    const copy = await copyArtifact(good);
    await writeFile(join(copy, "inference.py"), "import os");
    const file = join(dirname(copy), "other.tar.gz");
    execFileSync("tar", ["-czf", file, "-C", copy, "."]);
    expect((await inspectArtifact(file)).unlisted).toEqual(["inference.py"]);
  });

  type Entry = Readonly<{ path: string; type?: "File" | "SymbolicLink" | "Link" | "FIFO"; linkpath?: string }>;

  /** A tar.gz that no honest tool would make. */
  async function anArchive(entries: readonly Entry[]): Promise<string> {
    const blocks = entries.map(({ path, type = "File", linkpath = "" }) => {
      const header = new Header({ path, type, linkpath, size: 0, mode: 0o644, mtime: new Date(0) });
      const block = Buffer.alloc(512);
      header.encode(block, 0);
      return block;
    });
    const file = join(await aFolder(), "hostile.tar.gz");
    await writeFile(file, gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)])));
    return file;
  }

  const hostile: readonly (readonly [string, readonly Entry[], string])[] = [
    ["a link out of it", [{ path: "encoder", type: "SymbolicLink", linkpath: "/etc" }], '"encoder" is a SymbolicLink'],
    ["a hard link", [{ path: "rules.json", type: "Link", linkpath: "/etc/passwd" }], '"rules.json" is a Link'],
    ["a pipe", [{ path: "rules.json", type: "FIFO" }], '"rules.json" is a FIFO'],
    ["a path upwards", [{ path: "../rules.json" }], '"../rules.json" leads out of it'],
    ["a path upwards within", [{ path: "encoder/../../x" }], '"encoder/../../x" leads out of it'],
    ["an absolute path", [{ path: "/etc/x" }], '"/etc/x" leads out of it'],
    ["a file twice", [{ path: "rules.json" }, { path: "./rules.json" }], '"./rules.json" is in it twice'],
    ["nothing", [], "it is not a whole tar.gz"],
  ];
  test.each(hostile)("refuses an archive with %s, and leaves nothing behind", async (_what, entries, problem) => {
    const file = await anArchive(entries);
    vi.stubEnv("TMPDIR", await aFolder());
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await failureOf(inspectArtifact(file))).toContain(`cannot be unpacked: ${problem}`);
    expect(await readdir(tmpdir())).toEqual([]);
  });

  test("refuses what is no archive, and what is not there", async () => {
    const file = join(await aFolder(), "model.tar.gz");
    expect(await failureOf(inspectArtifact(file))).toBe(`${file} does not exist`);
    await writeFile(file, "hello");
    expect(await failureOf(inspectArtifact(file))).toContain(`${file} cannot be unpacked: it is`);
    await writeFile(file, gzipSync(Buffer.from("hello ".repeat(1000))));
    expect(await failureOf(inspectArtifact(file))).toContain(`${file} cannot be unpacked: it is`);
    const cut = (await readFile((await packArtifact(good, file)).file)).subarray(0, 5000);
    await writeFile(file, cut);
    expect(await failureOf(inspectArtifact(file))).toContain(`${file} cannot be unpacked: it is`);
  });
});
