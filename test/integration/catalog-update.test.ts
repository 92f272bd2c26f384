import { cp, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffArtifacts } from "../../catalog/diff-artifacts.js";
import type { UpdateOptions } from "../../catalog/update-catalog.js";
import { faissAvailability } from "../../src/adapters/faiss-index.js";
import { aBuild, aPictureFolder, colorOf, readFiles, writePicture } from "../support/a-catalog-build.js";
import { aFolder } from "../support/a-folder.js";
import { buildCatalog, updateCatalog } from "../support/compiled-catalog.js";
import { runStygig } from "../support/run-stygig.js";

type Changes = Partial<UpdateOptions> & Pick<UpdateOptions, "artifactFolder">;

async function update(changes: Changes) {
  return updateCatalog({
    outFolder: join(await aFolder(), "artifact"),
    ...{ imagesFolder: null, itemsFile: null, categoryMap: new Map(), removed: new Set() },
    ...{ index: "same", workers: 1, sumsBytesExactly: true, now: () => 0, signal: new AbortController().signal },
    ...changes,
  });
}

/** A built artifact of a folder of pictures, and what a build of another folder with the same encoder gives. */
async function aCatalog(changes: Parameters<typeof aBuild>[1] = {}) {
  const images = await aPictureFolder();
  const options = await aBuild(images, changes);
  await buildCatalog(options);
  const built = async (imagesFolder: string) => {
    const outFolder = join(await aFolder(), "artifact");
    await buildCatalog({ ...options, imagesFolder, outFolder });
    return readFiles(outFolder);
  };
  return { images, folder: options.outFolder, built };
}

describe("an updated catalog", () => {
  it.each([{ thumbnails: null }, { thumbnails: 32 }, { index: "faiss" as const }])(
    "has the very bytes that a build of all its pictures has: %o",
    async (changes) => {
      if (changes.index === "faiss" && !faissAvailability().available) changes = { thumbnails: null };
      const { images, folder, built } = await aCatalog(changes);
      const [added, all] = [await aFolder(), await aFolder()];
      await writePicture(added, "accessories/hat/new.png", { color: colorOf(7) });
      await writePicture(added, "upperwear/shirt/0.png", { color: colorOf(8) });
      await writePicture(added, "upperwear/shirt/z.png", { color: colorOf(9) });
      await cp(images, all, { recursive: true });
      await cp(added, all, { recursive: true });
      for (const path of ["footwear/heels/1.png", "bottomwear/pants/0.png"]) await rm(join(all, path));
      const report = await update({
        artifactFolder: folder,
        imagesFolder: added,
        removed: new Set(["footwear/heels/1", "bottomwear/pants/0", "nobody"]),
      });
      expect(report).toMatchObject({
        items: 6,
        added: ["accessories/hat/new", "upperwear/shirt/z"],
        replaced: ["upperwear/shirt/0"],
        removed: ["bottomwear/pants/0", "footwear/heels/1"],
        unknown: ["nobody"],
        newCategories: [{ category: "accessories_hat", items: 1 }],
        skipped: [],
      });
      expect(await readFiles(report.artifact.folder)).toEqual(await built(all));
    },
  );

  it("has them after any sequence of updates", async () => {
    const { images, folder, built } = await aCatalog();
    const paths = ["upperwear/shirt", "bottomwear/pants", "footwear/heels"].flatMap((each) => [
      `${each}/0`,
      `${each}/9`,
    ]);
    const step = fc.record({
      path: fc.constantFrom(...paths),
      color: fc.integer({ min: 0, max: 250 }),
      removes: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (steps) => {
        const all = await aFolder();
        await cp(images, all, { recursive: true });
        let artifactFolder = folder;
        for (const { path, color, removes } of steps) {
          const added = await aFolder();
          if (removes) await rm(join(all, `${path}.png`), { force: true });
          else for (const each of [added, all]) await writePicture(each, `${path}.png`, { color: colorOf(color) });
          const wishes = removes ? { removed: new Set([path]) } : { imagesFolder: added };
          ({ folder: artifactFolder } = (await update({ artifactFolder, ...wishes })).artifact);
        }
        expect(await readFiles(artifactFolder)).toEqual(await built(all));
      }),
      { numRuns: 12 },
    );
  });

  it("may take the old one's place", async () => {
    const { folder } = await aCatalog();
    const { artifact } = await update({
      artifactFolder: folder,
      outFolder: folder,
      removed: new Set(["footwear/heels/1"]),
    });
    expect(artifact.folder).toBe(folder);
    expect([...(await readFiles(folder)).keys()]).toContain("manifest.json");
    const again = await update({ artifactFolder: folder, removed: new Set(["footwear/heels/1"]) });
    expect([again.items, again.unknown, again.artifact.digest]).toEqual([5, ["footwear/heels/1"], artifact.digest]);
  });

  it("keeps an item whose new picture cannot be read, and says so", async () => {
    const { folder } = await aCatalog();
    const added = await aFolder();
    await writePicture(added, "upperwear/shirt/0.png", Buffer.from("not a picture"));
    const report = await update({ artifactFolder: folder, imagesFolder: added });
    expect(report).toMatchObject({ items: 6, added: [], replaced: [] });
    expect(report.skipped).toEqual([{ path: "upperwear/shirt/0.png", reason: "not a readable picture" }]);
    expect(await diffArtifacts(folder, report.artifact.folder)).toMatchObject({ same: 6, parts: [] });
  });
});

describe("an update is refused, and nothing is written,", () => {
  it("where nothing would be left", async () => {
    const { folder } = await aCatalog();
    const before = await readFiles(folder);
    const ids = ["upperwear/shirt", "bottomwear/pants", "footwear/heels"].flatMap((each) => [`${each}/0`, `${each}/1`]);
    await expect(update({ artifactFolder: folder, outFolder: folder, removed: new Set(ids) })).rejects.toThrow(
      "no item would be left in the catalog",
    );
    expect(await readFiles(folder)).toEqual(before);
  });

  it("where an id is to come and to go, pictures lie inside the artifact, or the artifact is broken", async () => {
    const { images, folder } = await aCatalog();
    const both = update({ artifactFolder: folder, imagesFolder: images, removed: new Set(["footwear/heels/1"]) });
    await expect(both).rejects.toThrow("footwear/heels/1 is to be added and to be removed");
    await expect(update({ artifactFolder: folder, imagesFolder: join(folder, "encoder") })).rejects.toThrow(
      "inside the other",
    );
    await writeFile(join(folder, "items.jsonl"), "{}\n");
    await expect(update({ artifactFolder: folder, removed: new Set(["x"]) })).rejects.toThrow("items.jsonl");
  });

  it.each(["encoder/model.onnx", "thumbnails/0.webp"])("where what it would share is damaged: %s", async (path) => {
    const { folder } = await aCatalog({ thumbnails: 32 });
    const file = join(folder, path);
    const { size } = await stat(file);
    await writeFile(file, Buffer.alloc(size));
    const outFolder = join(await aFolder(), "artifact");
    const removed = new Set(["upperwear/shirt/0"]);
    await expect(update({ artifactFolder: folder, outFolder, removed })).rejects.toThrow(`${path} has sha-256`);
    await expect(stat(outFolder)).rejects.toThrow("ENOENT");
  });
});

describe("stygig catalog update and diff", () => {
  it("change a catalog from the command line, and tell what was changed", async () => {
    const { folder } = await aCatalog();
    const [added, work] = [await aFolder(), await aFolder()];
    await writePicture(added, "accessories/hat/new.png", { color: colorOf(7) });
    await writePicture(added, "upperwear/shirt/0.png", { color: colorOf(8) });
    const out = join(work, "next");
    const flags = ["--artifact", folder, "--out", out, "--add", added, "--remove", "-"];
    const updated = await runStygig(["catalog", "update", ...flags], "footwear/heels/1\r\n\n");
    expect([updated.exitCode, updated.stdout], updated.stderr).toEqual([
      0,
      expect.stringMatching(/^[0-9a-f]{64} {2}\S+\n$/),
    ]);
    expect(updated.stderr).toContain("6 items: 1 added, 1 replaced, 1 removed, 0 skipped");
    const diff = await runStygig(["catalog", "diff", folder, out]);
    expect(diff.stdout.split("\n")).toEqual([
      ...["+ accessories/hat/new", "- footwear/heels/1"],
      "~ upperwear/shirt/0: mean_color, palette, vector",
      "",
    ]);
    expect(diff.stderr).toBe("1 added, 1 removed, 1 changed, 4 the same\n");
  });

  it("say every problem at once", async () => {
    const { exitCode, stderr } = await runStygig(["catalog", "update", "--items", "x", "--workers", "0"]);
    expect(exitCode).toBe(2);
    expect(stderr.trim().split("\n").length).toBeGreaterThanOrEqual(5);
    const missing = await runStygig(["catalog", "diff", "/nonexistent", "/nonexistent"]);
    expect([missing.exitCode, missing.stderr]).toEqual([
      1,
      expect.stringMatching(/^stygig: \S+manifest\.json [^\n]*\n$/),
    ]);
  });
});
