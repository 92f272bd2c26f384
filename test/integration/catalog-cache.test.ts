import { spawnSync } from "node:child_process";
import { appendFile, mkdir, readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import type { BuildOptions } from "../../catalog/build-catalog.js";
import { aBuild, aPictureFolder, colorOf, readFiles, writePicture } from "../support/a-catalog-build.js";
import { aFolder } from "../support/a-folder.js";
import { buildCatalog } from "../support/compiled-catalog.js";
import { runStygig } from "../support/run-stygig.js";

const compiled = new URL("../../dist/catalog/build-catalog.js", import.meta.url);

/** A build in a process of its own that is killed when it has looked at `pictures` pictures and some milliseconds more. */
function killBuild({ signal: _, now: __, categoryMap: ___, ...options }: BuildOptions, pictures: number, more: number) {
  const script = `
    import(${JSON.stringify(compiled.href)}).then(({ buildCatalog }) => buildCatalog({
      ...${JSON.stringify(options)},
      categoryMap: new Map(),
      now: () => 0,
      signal: new AbortController().signal,
      progress: ({ done }) => { if (done === ${pictures}) setTimeout(() => process.kill(process.pid, "SIGKILL"), ${more}); },
    }));`;
  return spawnSync(process.execPath, ["--eval", script], { encoding: "utf8" });
}

/** The files that hold what was seen. */
async function seenFiles(cacheFolder: string): Promise<readonly string[]> {
  const entries = await readdir(cacheFolder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

async function aCachedBuild(changes: Parameters<typeof aBuild>[1] = {}) {
  const [images, cacheFolder] = [await aPictureFolder(4), join(await aFolder(), "cache")];
  const options = await aBuild(images, { ...changes, cacheFolder });
  const build = async () => {
    const outFolder = join(await aFolder(), "artifact");
    const { reused } = await buildCatalog({ ...options, outFolder });
    return { reused, files: await readFiles(outFolder) };
  };
  const { cacheFolder: _, ...plain } = options;
  const outFolder = join(await aFolder(), "plain");
  await buildCatalog({ ...plain, outFolder });
  return { images, options, cacheFolder, build, expected: await readFiles(outFolder) };
}

describe("a build that keeps what it saw", () => {
  it.each([{ thumbnails: null }, { thumbnails: 32 }])(
    "gives the same bytes without looking twice: %o",
    async (changes) => {
      const { build, expected } = await aCachedBuild(changes);
      expect(await build()).toEqual({ reused: 0, files: expected });
      expect(await build()).toEqual({ reused: 12, files: expected });
    },
  );

  it("takes up where it was killed, to the same bytes, at twenty moments", async () => {
    const { options, build, expected, cacheFolder } = await aCachedBuild({ thumbnails: 16 });
    for (let round = 0; round < 20; round++) {
      const cache = join(cacheFolder, String(round));
      const killed = killBuild({ ...options, cacheFolder: cache }, round % 12, (round * 7) % 10);
      // The last ones may be done before they are killed.
      expect([null, "SIGKILL"]).toContain(killed.signal);
      const outFolder = join(await aFolder(), "artifact");
      const { reused } = await buildCatalog({ ...options, cacheFolder: cache, outFolder });
      // What was reported as done before the kill is not looked at again.
      expect(reused).toBeGreaterThanOrEqual(round % 12);
      expect(await readFiles(outFolder)).toEqual(expected);
    }
    expect((await build()).reused).toBe(0);
  });

  it("looks at new and changed pictures alone", async () => {
    const { images, build } = await aCachedBuild();
    await build();
    await writePicture(images, "accessories/hat/new.png", { color: colorOf(77) });
    await writePicture(images, "upperwear/shirt/0.png", { color: colorOf(78) });
    expect((await build()).reused).toBe(11);
    expect((await build()).reused).toBe(13);
  });

  it("knows nothing of other thumbnails", async () => {
    const { options, build } = await aCachedBuild();
    await build();
    const { reused } = await buildCatalog({ ...options, thumbnails: 24 });
    expect(reused).toBe(0);
  });

  it("may share its folder with another one at the same time", async () => {
    const { options, expected, build } = await aCachedBuild();
    const outFolders = await Promise.all([0, 1, 2].map(async () => join(await aFolder(), "artifact")));
    await Promise.all(outFolders.map((outFolder) => buildCatalog({ ...options, outFolder })));
    for (const outFolder of outFolders) expect(await readFiles(outFolder)).toEqual(expected);
    expect((await build()).reused).toBe(12);
  });
});

describe("stygig catalog see", () => {
  it("does a part of the work each, and a build with all parts gives the same bytes", async () => {
    const { images, options, expected } = await aCachedBuild();
    const folders = await Promise.all([1, 2, 3].map(() => aFolder()));
    const flags = ["--images", images, "--encoder", options.encoderFolder, "--workers", "1"];
    for (const [i, folder] of folders.entries()) {
      const { exitCode, stdout, stderr } = await runStygig([
        "catalog",
        "see",
        ...flags,
        "--cache",
        folder,
        "--shard",
        `${i + 1}/3`,
      ]);
      expect([exitCode, stderr]).toEqual([0, ""]);
      expect(stdout).toMatch(/^4 pictures, 0 known already, 0 skipped, in [\d.]+ s\n$/);
    }
    const together = await aFolder();
    for (const [i, folder] of folders.entries()) {
      for (const file of await seenFiles(folder)) {
        const name = join(together, relative(folder, dirname(file)), `${i}.seen`);
        await mkdir(dirname(name), { recursive: true });
        await writeFile(name, await readFile(file));
      }
    }
    const outFolder = join(await aFolder(), "artifact");
    const { reused } = await buildCatalog({ ...options, cacheFolder: together, outFolder });
    expect(reused).toBe(12);
    expect(await readFiles(outFolder)).toEqual(expected);
  });

  it("says every problem at once", async () => {
    const { exitCode, stderr } = await runStygig(["catalog", "see", "--shard", "4/3"]);
    expect([exitCode, stderr.trim().split("\n").length]).toEqual([2, 3]);
  });
});

describe("what was kept", () => {
  it("counts up to where it is damaged", async () => {
    const { build, expected, cacheFolder } = await aCachedBuild();
    await build();
    const [file] = await seenFiles(cacheFolder);
    const whole = await readFile(file!);
    for (const [bytes, least, most] of [
      [whole.length - 1, 11, 11],
      [Math.floor(whole.length / 2), 5, 6],
      [20, 0, 0],
      [3, 0, 0],
    ]) {
      for (const each of await seenFiles(cacheFolder)) await truncate(each, 0);
      await writeFile(file!, whole.subarray(0, bytes));
      const { reused, files } = await build();
      expect(reused).toBeGreaterThanOrEqual(least!);
      expect(reused).toBeLessThanOrEqual(most!);
      expect(files).toEqual(expected);
    }
    for (const each of await seenFiles(cacheFolder)) await truncate(each, 0);
    const flipped = Buffer.from(whole);
    flipped[whole.length - 40]! ^= 1;
    await writeFile(file!, flipped);
    expect(await build()).toEqual({ reused: 11, files: expected });
    for (const each of await seenFiles(cacheFolder)) await truncate(each, 0);
    await appendFile(file!, Buffer.concat([whole, Buffer.from("something else behind it")]));
    expect(await build()).toEqual({ reused: 12, files: expected });
  });

  it("is refused where it cannot be kept", async () => {
    const { options } = await aCachedBuild();
    const file = join(await aFolder(), "file");
    await writeFile(file, "");
    await expect(buildCatalog({ ...options, cacheFolder: file })).rejects.toThrow(
      /file cannot keep what pictures show \(E[A-Z]+\)$/,
    );
  });
});
