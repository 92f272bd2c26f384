import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { aFolder } from "../support/a-folder.js";
import { runStygig } from "../support/run-stygig.js";
import { somePictures } from "../support/some-pictures.js";

const goldens = fileURLToPath(new URL("../golden/data/clip", import.meta.url));
const checkpoint = join(goldens, "hf-whole-quick-gelu-f32");

const convert = (...args: readonly string[]) => runStygig(["model", "convert", ...args]);
const newFolder = async () => join(await aFolder(), "encoder");
const readManifest = async (folder: string) => JSON.parse(await readFile(join(folder, "encoder.json"), "utf8"));

/** A copy of the small checkpoint, to break. */
async function aCopy(): Promise<string> {
  const folder = join(await aFolder(), "small-clip");
  await cp(checkpoint, folder, { recursive: true });
  return folder;
}

describe("stygig model convert", () => {
  test("writes an encoder that proves itself, from a folder or from the file in it", async () => {
    const [one, other] = [await newFolder(), await newFolder()];
    const first = await convert(checkpoint, "--out", one, "--json");
    expect(first).toMatchObject({ exitCode: 0 });
    const report = JSON.parse(first.stdout);
    expect(report).toMatchObject({ folder: one, preprocess: "clip-exact-32", outcomes: [] });
    expect(report.source).toMatchObject({
      architecture: "vit-2x32-8-32",
      checkpointSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect((await readdir(one)).sort()).toEqual(["encoder.json", "model.fp32.onnx", "model.int8.onnx"]);
    expect(await convert(join(checkpoint, "model.safetensors"), "--out", other)).toMatchObject({
      exitCode: 0,
      stdout: `${other}\n`,
    });
    expect((await readManifest(other)).models).toEqual((await readManifest(one)).models);
  });

  test("replaces an encoder, and nothing else", async () => {
    const folder = await newFolder();
    expect(await convert(checkpoint, "--out", folder, "--precision", "fp32,fp16")).toMatchObject({ exitCode: 0 });
    expect(await convert(checkpoint, "--out", folder, "--precision", "fp32")).toMatchObject({ exitCode: 0 });
    expect((await readdir(folder)).sort()).toEqual(["encoder.json", "model.fp32.onnx"]);
    await writeFile(join(folder, "thesis.txt"), "years of work");
    const refused = await convert(checkpoint, "--out", folder, "--precision", "fp32");
    expect(refused).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("holds thesis.txt, which is not part of an encoder"),
    });
    expect(await readFile(join(folder, "thesis.txt"), "utf8")).toBe("years of work");
  });

  test.each([
    ["no folder", [checkpoint], "--out is missing"],
    [
      "an unknown precision",
      [checkpoint, "--out", "x", "--precision", "int4"],
      '--precision must be fp32 or fp16 or int8 or int8-7bit, not "int4"',
    ],
    ["a precision twice", [checkpoint, "--out", "x", "--precision", "fp32,fp32"], "names one twice"],
    ["an unknown input", [checkpoint, "--out", "x", "--input", "float"], "--input must be"],
    ["unknown operators", [checkpoint, "--out", "x", "--operators", "best"], "--operators must be"],
    ["an unknown recipe", [checkpoint, "--out", "x", "--preprocess", "clip"], "--preprocess must be"],
    [
      "photos that are not there",
      [checkpoint, "--out", "x", "--images", "/nowhere"],
      "--images: /nowhere is not a folder",
    ],
    ["photos without a reference", [checkpoint, "--out", "x", "--precision", "int8", "--images", "."], "needs fp32"],
    ["a map without photos", [checkpoint, "--out", "x", "--category-map", "map.json"], "--category-map needs --images"],
  ])("exits 2 for %s", async (_, args, problem) => {
    expect(await convert(...args)).toMatchObject({ exitCode: 2, stdout: "", stderr: expect.stringContaining(problem) });
  });

  test.each([
    ["a place that is not there", async () => "/nowhere/clip", /\/nowhere\/clip does not exist/],
    ["a folder without weights", aFolder, /holds no weights: none of model\.safetensors, pytorch_model\.bin/],
    [
      "weights without a configuration",
      async () => {
        const folder = await aFolder();
        await cp(join(checkpoint, "model.safetensors"), join(folder, "model.safetensors"));
        return folder;
      },
      /holds neither config\.json nor open_clip_config\.json/,
    ],
    [
      "a configuration that is no JSON",
      async () => {
        const folder = await aCopy();
        await writeFile(join(folder, "config.json"), "{");
        return folder;
      },
      /config\.json is not JSON/,
    ],
    [
      "a configuration of another model",
      async () => {
        const folder = await aCopy();
        const config = JSON.parse(await readFile(join(folder, "config.json"), "utf8"));
        await writeFile(join(folder, "config.json"), JSON.stringify({ ...config, projection_dim: 999 }));
        return folder;
      },
      /model\.safetensors: tensor visual_projection\.weight is \[24,32\], and the configuration says \[999,32\]/,
    ],
    [
      "weights that are cut off",
      async () => {
        const folder = await aCopy();
        const bytes = await readFile(join(folder, "model.safetensors"));
        await writeFile(join(folder, "model.safetensors"), bytes.subarray(0, bytes.length - 100));
        return folder;
      },
      /model\.safetensors/,
    ],
  ])("exits 1 for %s, and leaves nothing behind", async (_, place, problem) => {
    const out = await newFolder();
    const result = await convert(await place(), "--out", out);
    expect(result).toMatchObject({ exitCode: 1, stdout: "", stderr: expect.stringMatching(problem) });
    expect(result.stderr).not.toMatch(/\n\s+at /);
    expect(await readdir(dirname(out))).toEqual([]);
  });
});

describe("stygig model convert --images", () => {
  let images = "";
  beforeAll(async () => {
    images = await aFolder();
    for (const { name, read } of await somePictures(108)) {
      await mkdir(dirname(join(images, name)), { recursive: true });
      await writeFile(join(images, name), await read());
    }
    await writeFile(join(images, "0", "broken.jpg"), "not a picture");
  });

  test("judges what it wrote by the photos, and records it", async () => {
    const folder = await newFolder();
    const { exitCode, stderr } = await convert(checkpoint, "--out", folder, "--images", images);
    const { models } = await readManifest(folder);
    const { gate } = models[1];
    expect(gate).toMatchObject({
      photos: 108,
      reference: "fp32",
      thresholds: { voteAgreement: 0.99, medianCosine: 0.99 },
    });
    expect(gate.passed).toBe(gate.voteAgreement >= 0.99 && gate.cosine.median >= 0.99);
    expect(exitCode).toBe(gate.passed ? 0 : 1);
    expect(stderr).toContain(gate.passed ? "int8 passed" : "int8 failed");
  });

  test("proves nothing by too few photos", async () => {
    const few = await aFolder();
    for (const { name, read } of (await somePictures(108)).slice(0, 12)) {
      await mkdir(dirname(join(few, name)), { recursive: true });
      await writeFile(join(few, name), await read());
    }
    const folder = await newFolder();
    const { exitCode, stderr } = await convert(checkpoint, "--out", folder, "--images", few);
    expect(exitCode).toBe(0);
    expect(stderr).toContain("int8 unproven");
    expect((await readManifest(folder)).models[1]).not.toHaveProperty("gate");
  });
});

describe("stygig model synth", () => {
  test.each([
    ["an unknown shape", ["--arch", "vit-g"], "--arch must be vit-b-32 or vit-b-16"],
    ["a seed that is none", ["--seed", "1e3"], '--seed must be a whole number of at most nine digits, not "1e3"'],
  ])("exits 2 for %s", async (_, args, problem) => {
    const result = await runStygig(["model", "synth", "--out", "x", ...args]);
    expect(result).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(problem) });
  });
});
