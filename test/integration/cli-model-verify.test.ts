import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { aFolder } from "../support/a-folder.js";
import { runStygig } from "../support/run-stygig.js";
import { somePictures } from "../support/some-pictures.js";
import { type TinyEntry, writeTinyEncoder } from "../support/tiny-encoder.js";

const fp32: TinyEntry = { entry: { precision: "fp32" } };
const good: TinyEntry = { entry: { precision: "int8", weightBits: 8 }, graph: { weightNoise: 0.02 } };
const same: TinyEntry = { entry: { precision: "int8", weightBits: 8 } };
const bad: TinyEntry = { entry: { precision: "int8", weightBits: 7 }, graph: { weightNoise: 0.9 } };

let images = "";
beforeAll(async () => {
  images = await aFolder();
  for (const { name, read } of await somePictures(108)) {
    await mkdir(dirname(join(images, name)), { recursive: true });
    await writeFile(join(images, name), await read());
  }
  await writeFile(join(images, "0", "notes.txt"), "not a picture");
});

async function anEncoder(...models: readonly TinyEntry[]): Promise<string> {
  const folder = join(await aFolder(), "encoder");
  await writeTinyEncoder(folder, { dimension: 32 }, models);
  return folder;
}

const gatesOf = async (folder: string) => {
  const { models } = JSON.parse(await readFile(join(folder, "encoder.json"), "utf8"));
  return models.map(({ gate }: { gate?: { passed: boolean } }) => gate?.passed ?? null);
};

describe("stygig model verify", () => {
  test("exits 0 when what was asked for passes, and changes nothing unless asked to", async () => {
    const folder = await anEncoder(fp32, good, bad);
    const { exitCode, stdout, stderr } = await runStygig([
      "model",
      "verify",
      folder,
      "--images",
      images,
      "--precision",
      "int8",
      "--workers",
      "1",
    ]);
    expect(stderr).toContain(`note: 1 files of ${images} are not used`);
    expect(stdout).toMatch(
      /^tiny: 108 pictures against fp32 on cpu\nint8 on cpu passed: votes agree on 100\.0 %, cosine 0\.999\d median/,
    );
    expect(exitCode).toBe(0);
    expect(await gatesOf(folder)).toEqual([null, null, null]);
  });

  test("exits 1 when one fails, says by how much, and records both when asked to", async () => {
    const folder = await anEncoder(fp32, good, bad);
    const { exitCode, stdout, stderr } = await runStygig([
      "model",
      "verify",
      folder,
      "--images",
      images,
      "--record",
      "--json",
    ]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`recorded 2 gates in ${folder}/encoder.json`);
    expect(await gatesOf(folder)).toEqual([null, true, false]);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      encoder: "tiny",
      reference: { model: "fp32", provider: "cpu" },
      pictures: 108,
      passed: false,
      thresholds: { vote_agreement: 0.99, median_cosine: 0.99 },
      skipped: [],
      models: [
        { model: "int8", provider: "cpu", outcome: "passed", reasons: [], photos: 108, vote_agreement: 1 },
        { model: "int8-7bit", provider: "cpu", outcome: "failed", photos: 108 },
      ],
    });
    expect(report.models[1].reasons).toContain(`median cosine is ${report.models[1].cosine.median}; 0.99 is the least`);
  });

  test("judges by other thresholds", async () => {
    const folder = await anEncoder(fp32, bad);
    const thresholds = ["--min-vote-agreement", "0.5", "--min-median-cosine", "0.5"];
    const { exitCode, stdout } = await runStygig(["model", "verify", folder, "--images", images, ...thresholds]);
    expect({ exitCode, passed: stdout.includes("int8-7bit on cpu passed") }).toEqual({ exitCode: 0, passed: true });
  });

  test("proves nothing when all photos are of one category", async () => {
    const folder = await anEncoder(fp32, good);
    const map = join(await aFolder(), "map.json");
    await writeFile(map, JSON.stringify(Object.fromEntries([0, 1, 2, 3, 4, 5].map((each) => [each, "hat"]))));
    const { exitCode, stdout } = await runStygig([
      "model",
      "verify",
      folder,
      "--images",
      images,
      "--category-map",
      map,
    ]);
    expect(exitCode).toBe(1);
    expect(stdout).toContain("int8 on cpu unproven");
    expect(stdout).toContain('all photos are of one category, "hat"; a vote needs two');
  });

  test("draws garments where no photos are given", async () => {
    const { exitCode, stdout, stderr } = await runStygig(["model", "verify", await anEncoder(fp32, same), "--json"]);
    expect(stderr).toContain("note: no --images: 260 drawn garments; photos of your own say more");
    expect(JSON.parse(stdout)).toMatchObject({ pictures: 260, passed: true });
    expect(exitCode).toBe(0);
  });
});

describe("stygig model verify refuses", () => {
  const usage: readonly (readonly [string, readonly string[], string])[] = [
    ["another reference", ["--reference", "fp16"], '--reference must be fp32, not "fp16"'],
    ["a folder that is none", ["--images", "/nowhere"], "--images: /nowhere is not a folder"],
    ["a share above 1", ["--min-vote-agreement", "1.5"], "--min-vote-agreement must be a number above 0 and at most 1"],
    ["a cosine that is no number", ["--min-median-cosine", "high"], "--min-median-cosine must be a number above 0"],
    ["a provider that nobody has", ["--provider", "tpu"], "--provider: tpu is none of cpu, cuda, tensorrt"],
    ["a precision named twice", ["--precision", "int8,int8"], "--precision names one twice: int8,int8"],
    ["no workers", ["--workers", "0"], '--workers must be a whole number from 1 to 256, not "0"'],
    ["to record drawings", ["--record"], "--record needs --images: drawn garments prove nothing for photos"],
  ];
  test.each(usage)("%s, with exit code 2", async (_what, flags, message) => {
    const { exitCode, stdout, stderr } = await runStygig(["model", "verify", "models/lite", ...flags]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(`stygig: ${message}`);
  });

  const failed: readonly (readonly [string, readonly TinyEntry[], readonly string[], RegExp])[] = [
    ["a folder of fp32 alone", [fp32], [], /there is nothing to verify but fp32 on the CPU, the reference$/],
    ["a folder without fp32", [good], [], /has no fp32 model to hold the others against$/],
    ["a model that is not there", [fp32, good], ["--precision", "fp16"], /has no model "fp16"; it has fp32, int8$/],
  ];
  test.each(failed)("%s, with exit code 1", async (_what, models, flags, message) => {
    const folder = await anEncoder(...models);
    const { exitCode, stdout, stderr } = await runStygig(["model", "verify", folder, "--images", images, ...flags]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr.trimEnd().split("\n").at(-1)).toMatch(message);
  });

  test("a folder that holds no encoder", async () => {
    const { exitCode, stderr } = await runStygig(["model", "verify", await aFolder(), "--images", images]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/encoder\.json does not exist\n$/);
  });
});
