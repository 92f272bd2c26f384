import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { BuildOptions } from "../../catalog/build-catalog.js";
import { readArtifact } from "../../src/adapters/artifact-files.js";
import { readEncoderFiles } from "../../src/adapters/encoder-files.js";
import { toModelName } from "../../src/domain/encoder-model.js";
import { aBuild, readFiles } from "../support/a-catalog-build.js";
import { aFolder } from "../support/a-folder.js";
import { aGate } from "../support/a-manifest.js";
import { buildCatalog } from "../support/compiled-catalog.js";
import { runStygig } from "../support/run-stygig.js";
import { somePictures } from "../support/some-pictures.js";
import { type TinyEntry, writeTinyEncoder } from "../support/tiny-encoder.js";

const fp32: TinyEntry = { entry: { precision: "fp32" } };
const good: TinyEntry = { entry: { precision: "int8", weightBits: 8 }, graph: { weightNoise: 0.02 } };
const bad: TinyEntry = { entry: { precision: "int8", weightBits: 8 }, graph: { weightNoise: 0.9 } };
const sevenBits: TinyEntry = { entry: { precision: "int8", weightBits: 7 }, graph: { weightNoise: 0.04 } };
const withGate = (model: TinyEntry, passed: boolean): TinyEntry => {
  return { ...model, entry: { ...model.entry, gate: aGate(passed) } as TinyEntry["entry"] };
};

let manyPictures = "";
let fewPictures = "";
beforeAll(async () => {
  [manyPictures, fewPictures] = [await aPictureFolder(108), await aPictureFolder(99)];
});

async function aPictureFolder(count: number): Promise<string> {
  const folder = await aFolder();
  for (const { name, read } of await somePictures(count)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), await read());
  }
  return folder;
}

/** Builds with an encoder of these models; what was chosen, and how often a model was held against fp32. */
async function build(models: readonly TinyEntry[], changes: Partial<BuildOptions> = {}) {
  const encoderFolder = join(await aFolder(), "encoder");
  await writeTinyEncoder(encoderFolder, { dimension: 32 }, models);
  let looks = 0;
  const verifying = () => {
    looks += 1;
  };
  const options = await aBuild(manyPictures, { encoderFolder, verifying, ...changes });
  const { model } = await buildCatalog(options);
  const { manifest } = await readArtifact(options.outFolder);
  const { manifest: encoder, models: onDisk } = await readEncoderFiles(join(options.outFolder, "encoder"));
  const madeBy = onDisk.find(({ digest }) => digest === manifest.encodedBy.digest);
  expect(madeBy && toModelName(madeBy.model)).toBe(manifest.encodedBy.model);
  const gates = encoder.models.map((each) => ("gate" in each ? (each.gate?.passed ?? null) : null));
  return { model, gates, looks, outFolder: options.outFolder, encoderFolder };
}

describe("an 8-bit model that nobody has looked at is held against fp32 on the catalog's own pictures", () => {
  test("where it passes, it makes the vectors, and the artifact says so", async () => {
    const { model, gates, looks, encoderFolder } = await build([fp32, good]);
    expect(model.name).toBe("int8");
    expect(model.notes).toEqual([
      expect.stringMatching(/^int8 passed on 108 of these pictures \(votes agree on 1, median cosine 0\.999\d*\)$/),
    ]);
    expect(gates).toEqual([null, true]);
    expect(looks).toBe(2 * 108);
    // The folder that was given is somebody else's.
    expect(await readFile(join(encoderFolder, "encoder.json"), "utf8")).not.toContain("gate");
  });

  test("and the command says it in a line", async () => {
    const folder = await aFolder();
    await writeTinyEncoder(join(folder, "encoder"), { dimension: 32 }, [fp32, sevenBits]);
    const flags = ["--images", manyPictures, "--out", join(folder, "artifact"), "--encoder", join(folder, "encoder")];
    const { exitCode, stderr } = await runStygig(["catalog", "build", ...flags, "--index", "none"]);
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toMatch(/^note: int8-7bit passed on 108 of these pictures \(votes agree on 1, median cosine 0\.99/m);
    expect(stderr).toMatch(/encoder tiny int8-7bit, index none/);
  });

  test("where it fails, fp32 does", async () => {
    const { model, gates } = await build([fp32, bad]);
    expect(model.name).toBe("fp32");
    expect(model.notes[0]).toMatch(
      /^int8 failed on 108 of these pictures .*: median cosine is 0\.\d+; 0\.99 is the least$/,
    );
    expect(gates).toEqual([null, false]);
  });

  test("with too few pictures fp32 does, and nothing is recorded", async () => {
    const { model, gates, looks } = await build([fp32, good], { imagesFolder: fewPictures });
    expect(model).toEqual({
      name: "fp32",
      notes: ["int8 not used: 99 pictures; 100 are the least that can vouch for it"],
    });
    expect({ gates, looks }).toEqual({ gates: [null, null], looks: 0 });
  });

  test("a picture of several items counts once", async () => {
    const itemsFile = join(await aFolder(), "items.jsonl");
    const lines = Array.from({ length: 150 }, (_, i) => ({ id: `item ${i}`, path: `${i % 6}/${i % 30}.png` }));
    await writeFile(itemsFile, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const { model } = await build([fp32, good], { itemsFile });
    expect(model.notes).toEqual(["int8 not used: 30 pictures; 100 are the least that can vouch for it"]);
  });

  test("each of several, so that other machines find theirs", async () => {
    const { model, gates } = await build([fp32, good, sevenBits]);
    expect(model.name).toBe("int8");
    expect(gates).toEqual([null, true, true]);
  });

  test("but not one whose sums this CPU gets wrong", async () => {
    const { model, gates } = await build([fp32, good, sevenBits], { sumsBytesExactly: false });
    expect(model.name).toBe("int8-7bit");
    expect(gates).toEqual([null, null, true]);
  });

  test("to the same bytes every time", async () => {
    const [one, other] = [await build([fp32, good]), await build([fp32, good])];
    expect(await readFiles(one.outFolder)).toEqual(await readFiles(other.outFolder));
  });

  test("and an interruption meanwhile leaves nothing", async () => {
    const interruption = new AbortController();
    const outFolder = join(await aFolder(), "artifact");
    const verifying = () => interruption.abort(new Error("interrupted"));
    const interrupted = build([fp32, good], { outFolder, verifying, signal: interruption.signal });
    await expect(interrupted).rejects.toThrow("interrupted");
    expect(await readFiles(dirname(outFolder))).toEqual(new Map());
  });
});

describe("what is known already, or asked for by name, is not looked at again", () => {
  test.each([
    ["a gate that was passed", [fp32, withGate(bad, true)], "auto", "int8"],
    ["a gate that was failed", [fp32, withGate(good, false)], "auto", "fp32"],
    ["fp32 alone", [fp32], "auto", "fp32"],
    ["int8 by name, unproven", [fp32, bad], "int8", "int8"],
    ["int8 by name, without a reference", [good], "int8", "int8"],
    ["fp32 by name", [fp32, withGate(good, true)], "fp32", "fp32"],
  ] as const)("%s", async (_what, models, precision, chosen) => {
    const { model, looks } = await build(models, { precision });
    expect({ ...model, looks }).toEqual({ name: chosen, notes: [], looks: 0 });
  });
});

test.each([
  [[good], "auto", /has no model for this catalog: .*int8: no gate vouches for it/],
  [[fp32], "int8", /has no model for this catalog: int8: the encoder has no int8 model$/],
] as const)("an encoder without a model that may be used is refused", async (models, precision, message) => {
  await expect(build(models, { precision })).rejects.toThrow(message);
});
