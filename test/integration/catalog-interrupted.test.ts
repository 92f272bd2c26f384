import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { BuildOptions } from "../../catalog/build-catalog.js";
import { readArtifact } from "../../src/adapters/artifact-files.js";
import { aBuild, aPictureFolder, readFiles, writePicture } from "../support/a-catalog-build.js";
import { aFolder } from "../support/a-folder.js";
import { buildCatalog } from "../support/compiled-catalog.js";

const compiled = new URL("../../dist/catalog/build-catalog.js", import.meta.url);

/** A build in a process of its own that is killed as soon as it has looked at `pictures` pictures. */
function killBuildAfter(pictures: number, { signal: _, now: __, categoryMap: ___, ...options }: BuildOptions) {
  const script = `
    import(${JSON.stringify(compiled.href)}).then(({ buildCatalog }) => buildCatalog({
      ...${JSON.stringify(options)},
      categoryMap: new Map(),
      now: () => 0,
      signal: new AbortController().signal,
      progress: ({ done }) => { if (done === ${pictures}) process.kill(process.pid, "SIGKILL"); },
    }));`;
  return spawnSync(process.execPath, ["--eval", script], { encoding: "utf8" });
}

const besideOf = async ({ outFolder }: BuildOptions) =>
  (await readdir(dirname(outFolder))).filter((name) => name !== "encoder" && name !== basename(outFolder));

describe("a build that is killed", () => {
  test("leaves no artifact, and the next build clears its remains away", async () => {
    const options = await aBuild(await aPictureFolder(), { thumbnails: 32 });
    expect(killBuildAfter(4, options).signal).toBe("SIGKILL");
    expect(existsSync(options.outFolder)).toBe(false);
    expect(await besideOf(options)).toEqual([expect.stringMatching(/^\.artifact\.building-\d+-0$/)]);
    await buildCatalog(options);
    expect(await besideOf(options)).toEqual([]);
    expect((await readArtifact(options.outFolder)).catalog.items).toHaveLength(6);
  });

  test("leaves the artifact before it as it was", async () => {
    const images = await aPictureFolder();
    const options = await aBuild(images);
    await buildCatalog(options);
    const before = await readFiles(options.outFolder);
    await writePicture(images, "accessories/hat/new.png");
    expect(killBuildAfter(7, options).signal).toBe("SIGKILL");
    expect(await readFiles(options.outFolder)).toEqual(before);
    await buildCatalog(options);
    expect((await readArtifact(options.outFolder)).catalog.items).toHaveLength(7);
    expect(await besideOf(options)).toEqual([]);
  });

  test("between moving the old artifact away and the new one in: the old one comes back", async () => {
    const images = await aPictureFolder(1);
    const options = await aBuild(images);
    await buildCatalog(options);
    const before = await readFiles(options.outFolder);
    const { pid } = spawnSync(process.execPath, ["--eval", ""]);
    await rename(options.outFolder, join(dirname(options.outFolder), `.artifact.replaced-${pid}-`));
    const broken = await aFolder();
    await writePicture(broken, "shirt/1.jpg", Buffer.from("text"));
    await expect(buildCatalog({ ...options, imagesFolder: broken })).rejects.toThrow("there is no picture");
    expect(await readFiles(options.outFolder)).toEqual(before);
    expect(await besideOf(options)).toEqual([]);
  });
});

describe("a build that is interrupted", () => {
  test("leaves nothing behind and says so", async () => {
    const interruption = new AbortController();
    const options = await aBuild(await aPictureFolder(4), {
      signal: interruption.signal,
      progress: ({ done }) => {
        if (done === 2) interruption.abort(new Error("interrupted"));
      },
    });
    await expect(buildCatalog(options)).rejects.toThrow("interrupted");
    expect(existsSync(options.outFolder)).toBe(false);
    expect(await besideOf(options)).toEqual([]);
  });
});

describe("the remains of other builds", () => {
  test("stay while their process is alive", async () => {
    const options = await aBuild(await aPictureFolder(1));
    const parent = dirname(options.outFolder);
    // Process 1 is always alive, and never this one.
    const theirs = join(parent, ".artifact.building-1-0");
    await mkdir(theirs, { recursive: true });
    await writeFile(join(theirs, "items.jsonl"), "");
    await buildCatalog(options);
    expect(await besideOf(options)).toEqual([".artifact.building-1-0"]);
  });

  test("do not keep two builds in one process from the same place", async () => {
    const options = await aBuild(await aPictureFolder(1));
    const reports = await Promise.all([buildCatalog(options), buildCatalog(options)]);
    expect(new Set(reports.map(({ artifact }) => artifact.digest)).size).toBe(1);
    expect(await besideOf(options)).toEqual([]);
  });
});
