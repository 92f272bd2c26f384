import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, watch } from "node:fs";
import { copyFile, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { aPictureFolder, writePicture } from "../support/a-catalog-build.js";
import { aFolder } from "../support/a-folder.js";
import { writeTinyEncoder } from "../support/tiny-encoder.js";

const projectFolder = fileURLToPath(new URL("../..", import.meta.url));
function start(args: readonly string[]) {
  const child = spawn(process.execPath, ["bin/stygig", "catalog", ...args], { cwd: projectFolder });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  const ended = once(child, "close").then(([code]) => ({ code: code as number, stdout, stderr }));
  return { child, ended };
}

const run = (...args: readonly string[]) => start(args).ended;

async function aPlace(imagesFolder: string) {
  const folder = await aFolder();
  await writeTinyEncoder(join(folder, "encoder"));
  const out = join(folder, "artifact");
  return { folder, out, flags: ["--images", imagesFolder, "--out", out, "--encoder", join(folder, "encoder")] };
}

describe("stygig catalog build", () => {
  test("builds, and says on stdout what the artifact is called", async () => {
    const images = await aPictureFolder(1);
    await writeFile(join(images, "notes.txt"), "");
    const { out, flags } = await aPlace(images);
    const { code, stdout, stderr } = await run("build", ...flags);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(new RegExp(`^[0-9a-f]{64}  ${out}\n$`));
    expect(stderr.split("\n")).toEqual([
      "skipped notes.txt: not a picture format that is read: .txt",
      `built ${out}: 3 items in 3 categories, 1 skipped`,
      "  bottomwear_pants 1",
      "  footwear_heels 1",
      "  upperwear_shirt 1",
      expect.stringMatching(/^\d+\.\d s, \d+\.\d images\/s, encoder tiny fp32, index (faiss|none), \d+ bytes$/),
      "",
    ]);
  });

  test("reports as JSON, with the map and the items applied", async () => {
    const images = await aFolder();
    for (const name of ["dress/1.png", "dress/2.png", "hats/1.png"]) await writePicture(images, name);
    const { folder, flags } = await aPlace(images);
    await writeFile(join(folder, "map.json"), JSON.stringify({ dress: "one-piece_dress" }));
    await writeFile(join(folder, "items.jsonl"), '{"id":"a","path":"dress/1.png"}\n{"id":"b","path":"hats/1.png"}\n');
    const more = [
      "--category-map",
      join(folder, "map.json"),
      "--items",
      join(folder, "items.jsonl"),
      "--index",
      "none",
    ];
    const { code, stdout, stderr } = await run("build", ...flags, ...more, "--json");
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      items: 2,
      categories: { hats: 1, "one-piece_dress": 1 },
      skipped: [{ path: "dress/2.png", reason: "no item line names it" }],
      reused: 0,
      unmapped: [{ category: "hats", items: 1, family: null }],
      warnings: [],
      compaction: null,
      seconds: expect.any(Number),
      images_per_second: expect.any(Number),
      model: { name: "fp32", notes: [] },
      artifact: {
        folder: expect.any(String),
        digest: expect.stringMatching(/^[0-9a-f]{64}$/),
        encoder: "tiny",
        index: "none",
        bytes: expect.any(Number),
      },
    });
    expect(stderr).toContain("unmapped category hats (1 items): no rule knows it; --category-map can rename it");
  });

  test("tells every mistake in its flags at once, and touches nothing", async () => {
    const folder = await aFolder();
    await writeFile(join(folder, "map.json"), '{"dress": 7}');
    const files = ["--images", join(folder, "none"), "--items", folder, "--category-map", join(folder, "map.json")];
    const numbers = ["--thumbnails", "1e3", "--workers", "0", "--index", "hnsw", "--rules", "fancy"];
    const precision = ["--precision", "fp16"];
    const { code, stdout, stderr } = await run("build", ...files, ...numbers, ...precision);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr.trim().split("\n")).toEqual([
      'stygig: --index must be auto, flat, codes, none, not "hnsw"',
      'stygig: --precision must be auto, fp32, int8, not "fp16"',
      `stygig: --images: ${folder}/none is not a folder`,
      `stygig: --items: ${folder} is not a file`,
      "stygig: --out is missing: the folder for the artifact",
      expect.stringContaining('stygig: the category map: "dress" must name a text of 1 to 100'),
      expect.stringContaining('stygig: rules "fancy" are neither a readable file nor one of standard'),
      'stygig: --thumbnails must be a whole number from 16 to 2048, not "1e3"',
      'stygig: --workers must be a whole number from 1 to 256, not "0"',
    ]);
  });

  test("takes no flag that it does not know", async () => {
    const { code, stdout, stderr } = await run("build", "--image", "photos");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("unknown option '--image'");
  });

  test("fails with a line for each file when nothing can be built", async () => {
    const images = await aFolder();
    await writePicture(images, "shirt/1.jpg", Buffer.from("text"));
    const { out, flags } = await aPlace(images);
    const { code, stdout, stderr } = await run("build", ...flags);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toBe(
      "stygig: there is no picture to build a catalog from\nstygig: shirt/1.jpg: not a readable picture\n",
    );
    expect(existsSync(out)).toBe(false);
  });

  test("ends on Ctrl-C without leaving anything", async () => {
    const images = await aFolder();
    await mkdir(join(images, "shirt"));
    await writePicture(images, "one.jpg", { width: 2000, height: 2000 });
    for (let i = 0; i < 150; i++) await copyFile(join(images, "one.jpg"), join(images, `shirt/${i}.jpg`));
    const { folder, flags } = await aPlace(images);
    const { child, ended } = start(["build", ...flags, "--workers", "1"]);
    const watcher = watch(folder, (_event, name) => {
      if (!name?.startsWith(".artifact.building")) return;
      // Once: the second one would kill.
      watcher.close();
      child.kill("SIGINT");
    });
    const { code, stdout, stderr } = await ended;
    expect({ code, stdout, stderr }).toEqual({ code: 130, stdout: "", stderr: "stygig: interrupted\n" });
    expect(await readdir(folder)).toEqual(["encoder"]);
  });
});

describe("stygig catalog pack and inspect", () => {
  test("pack what was built, and tell what is in it", async () => {
    const { folder, out, flags } = await aPlace(await aPictureFolder(1));
    const digest = (await run("build", ...flags)).stdout.slice(0, 64);
    const file = join(folder, "model.tar.gz");
    const packed = await run("pack", "--artifact", out, "--out", file);
    expect(packed.code, packed.stderr).toBe(0);
    expect(packed.stdout).toMatch(new RegExp(`^[0-9a-f]{64}  ${file}\n$`));
    const again = await run("pack", "--artifact", out, "--out", file, "--json");
    expect(JSON.parse(again.stdout)).toEqual({
      file,
      bytes: expect.any(Number),
      sha256: packed.stdout.slice(0, 64),
      artifact: { digest },
    });
    const shown = await run("inspect", file);
    expect(shown.code, shown.stderr).toBe(0);
    for (const part of [
      digest,
      "3 in 3 categories",
      "tiny, 8 values",
      "clip-exact-224",
      "standard",
      "upperwear_shirt",
    ]) {
      expect(shown.stdout).toContain(part);
    }
    const json = JSON.parse((await run("inspect", out, "--json")).stdout);
    expect(json).toMatchObject({ digest, items: 3, skipped: 0, unlisted: [], rules: { name: "standard" } });
    expect(Object.keys(json.files)).toContain("items.jsonl");
  });

  test("refuse in one line what is broken", async () => {
    const { folder, out, flags } = await aPlace(await aPictureFolder(1));
    await run("build", ...flags);
    await rm(join(out, "rules.json"));
    const refusal = `stygig: ${out}/rules.json does not exist\n`;
    expect(await run("inspect", out)).toEqual({ code: 1, stdout: "", stderr: refusal });
    const file = join(folder, "model.tar.gz");
    expect(await run("pack", "--artifact", out, "--out", file)).toEqual({ code: 1, stdout: "", stderr: refusal });
    expect((await readdir(folder)).sort()).toEqual([basename(out), "encoder"].sort());
  });

  test("pack tells both missing flags", async () => {
    const { code, stderr } = await run("pack");
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: "stygig: --artifact is missing\nstygig: --out is missing\n",
    });
  });
});

describe("stygig catalog sample", () => {
  test("draws a catalog that can be built, and never over somebody's own", async () => {
    const out = join(await aFolder(), "sample");
    const drawn = await run("sample", "--out", out);
    expect(drawn, drawn.stderr).toMatchObject({ code: 0, stdout: `${out}\n` });
    const { flags } = await aPlace(join(out, "images"));
    const built = await run("build", ...flags, "--items", join(out, "items.jsonl"), "--json");
    expect(built.code, built.stderr).toBe(0);
    const { items, categories, skipped, unmapped, warnings } = JSON.parse(built.stdout);
    expect({ items, skipped, unmapped, warnings }).toEqual({ items: 130, skipped: [], unmapped: [], warnings: [] });
    expect(Object.keys(categories)).toHaveLength(13);
    expect(await run("sample", "--out", out)).toEqual({ code: 1, stdout: "", stderr: `stygig: ${out} is not empty\n` });
    expect((await run("sample")).code).toBe(2);
  }, 120_000);
});
