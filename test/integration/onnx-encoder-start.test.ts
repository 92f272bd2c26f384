import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type EncoderFiles, readEncoderFiles } from "../../src/adapters/encoder-files.js";
import type { EncoderManifest } from "../../src/domain/encoder-manifest.js";
import type { EncoderModel } from "../../src/domain/encoder-model.js";
import { aFolder } from "../support/a-folder.js";
import { createOnnxEncoder } from "../support/compiled-encoder.js";
import { type TinyEntry, writeTinyEncoder } from "../support/tiny-encoder.js";
import type { TinyModel } from "../support/tiny-model.js";

type Change = (folder: string, manifest: EncoderManifest) => Promise<unknown>;

const writeManifest = (folder: string, manifest: unknown) =>
  writeFile(join(folder, "encoder.json"), JSON.stringify(manifest));
const withManifest =
  (change: (manifest: EncoderManifest) => object): Change =>
  (folder, manifest) =>
    writeManifest(folder, { ...manifest, ...change(manifest) });
const withFirstModel = (change: (model: EncoderModel) => object): Change =>
  withManifest(({ models: [first, ...rest] }) => ({ models: [{ ...first, ...change(first) }, ...rest] }));
/** Other bytes under the name of the model, with the digest that belongs to them. */
const withModel =
  (bytes: Uint8Array): Change =>
  async (folder, manifest) => {
    await writeFile(join(folder, "model.onnx"), bytes);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    await withFirstModel(() => ({ sha256 }))(folder, manifest);
  };

async function problemWith(change: Change, model: Partial<TinyModel> = {}): Promise<string> {
  const folder = await aFolder();
  await change(folder, await writeTinyEncoder(folder, model));
  const opening = createOnnxEncoder({ folder, providers: ["cpu"], workers: 1, threads: 1 });
  const error = await opening.then(
    async (encoder) => {
      await encoder.close();
      return new Error("it opened");
    },
    (reason) => reason as Error,
  );
  expect(error.name).toBe("Error");
  expect(error.message).not.toContain("\n");
  return error.message.replaceAll(folder, "FOLDER");
}

const unchanged: Change = async () => {};
const remove =
  (file: string): Change =>
  (folder) =>
    rm(join(folder, file));

describe("a folder is refused with one line", () => {
  it.each<[string, Change, string]>([
    ["without a manifest", remove("encoder.json"), "FOLDER/encoder.json does not exist"],
    ["without a model", remove("model.onnx"), "FOLDER/model.onnx does not exist"],
    [
      "with a manifest cut short",
      (folder) => writeFile(join(folder, "encoder.json"), '{"format":\n'),
      "FOLDER/encoder.json is not JSON",
    ],
    [
      "with a manifest that is empty",
      (folder) => writeFile(join(folder, "encoder.json"), ""),
      "FOLDER/encoder.json has 0 bytes; 1 to 4000000 are allowed",
    ],
    [
      "with a manifest that is a folder",
      (folder) => rm(join(folder, "encoder.json")).then(() => mkdir(join(folder, "encoder.json"))),
      "FOLDER/encoder.json is not a file",
    ],
    [
      "with a manifest of two problems",
      withManifest(() => ({ version: 3, preprocess: "mine" })),
      'FOLDER/encoder.json is not valid: version must be 2: not 3. preprocess must be clip-exact-SIDE or clip-hf-exact-SIDE or clip-fast-SIDE with a SIDE from 16 to 1024: not "mine".',
    ],
    [
      "whose model is named outside of it",
      withFirstModel(() => ({ file: "../model.onnx" })),
      'FOLDER/encoder.json is not valid: models[0].file must be the name of a file beside encoder.json, without folders: not "../model.onnx".',
    ],
  ])("%s", async (_what, change, problem) => {
    expect(await problemWith(change)).toBe(problem);
  });

  it("whose model is a link to a file elsewhere", async () => {
    const elsewhere = await aFolder();
    const leave: Change = async (folder) => {
      await rename(join(folder, "model.onnx"), join(elsewhere, "model.onnx"));
      await symlink(join(elsewhere, "model.onnx"), join(folder, "model.onnx"));
    };
    expect(await problemWith(leave)).toBe("FOLDER/model.onnx is a link to a file outside its folder");
  });

  it("whose model has another digest", async () => {
    const damage: Change = async (folder) => {
      const bytes = await readFile(join(folder, "model.onnx"));
      bytes[bytes.length >> 1]! ^= 1;
      await writeFile(join(folder, "model.onnx"), bytes);
    };
    expect(await problemWith(damage)).toMatch(
      /^FOLDER\/model.onnx has sha-256 [0-9a-f]{64}, but its manifest says [0-9a-f]{64}$/,
    );
  });
});

describe("a model is refused with one line", () => {
  const input = (change: object) => withManifest((manifest) => ({ input: { ...manifest.input, ...change } }));
  const output = (change: object) => withManifest((manifest) => ({ output: { ...manifest.output, ...change } }));
  const eighth = Math.sqrt(1 / 8);

  it.each<[string, Change, Partial<TinyModel>, RegExp]>([
    ["that is no model", withModel(Buffer.from("<html></html>")), {}, /protobuf parsing failed/],
    ["whose input has another name", input({ name: "image" }), {}, /inputs are pixels, not image alone$/],
    [
      "whose input has another layout",
      input({ layout: "nchw" }),
      {},
      /input pixels is uint8 \[batch,224,224,3\], not uint8 \[batch,3,224,224\]$/,
    ],
    [
      "whose input has another type",
      input({ dtype: "float32", mean: [0, 0, 0], std: [1, 1, 1] }),
      {},
      /input pixels is uint8 \[batch,224,224,3\], not float32 \[batch,224,224,3\]$/,
    ],
    ["that takes two pictures, always", unchanged, { batch: 2 }, /input pixels is uint8 \[2,224,224,3\], not uint8/],
    ["whose output has another name", output({ name: "logits" }), {}, /outputs are embedding, without logits$/],
    [
      "whose output has another dimension",
      withManifest(({ output, models: [first] }) => ({
        output: { ...output, dimension: 2 },
        models: [{ ...first, probe: { ...first.probe, embedding: [0.6, 0.8] } }],
      })),
      {},
      /output embedding is float32 \[batch,8\], not float32 \[batch,2\]$/,
    ],
    [
      "whose probe picture gives another embedding",
      withFirstModel(({ probe }) => ({ probe: { ...probe, embedding: Array(8).fill(eighth) } })),
      {},
      /the probe picture has cosine -?0\.\d{4} to the manifest's embedding; 0\.99 is the least$/,
    ],
    [
      "that gives NaN",
      unchanged,
      { flaw: "always-nan" },
      /a start-up picture's embedding is unusable: non-finite value$/,
    ],
    [
      "that is not normalized as promised",
      output({ normalized: true }),
      { normalized: false },
      /the manifest says the output is normalized, but the probe picture's has length \d+\.\d+$/,
    ],
  ])("%s", async (_what, change, model, problem) => {
    const message = await problemWith(change, model);
    expect(message).toMatch(/^FOLDER cannot be used: cpu fp32: /);
    expect(message).toMatch(problem);
  });

  it("whose weights are in a file that no digest covers", async () => {
    const weights = new Uint8Array(147 * 8 * 4);
    const name = `stygig-test-${process.pid}.weights`;
    const elsewhere = await aFolder();
    // Beside the model, where a path without a folder is looked up, and where an absolute one points.
    const beside: Change = (folder) => writeFile(join(folder, name), weights);
    await writeFile(join(elsewhere, name), weights);
    await writeFile(name, weights);
    onTestFinished(() => rm(name));
    for (const externalFile of [name, join(elsewhere, name), `../${name}`]) {
      expect(await problemWith(beside, { externalFile })).toMatch(/external data/i);
    }
  });

  it("names the reason of each provider it tried", async () => {
    const folder = await aFolder();
    await writeTinyEncoder(folder, { flaw: "always-nan" });
    const opening = createOnnxEncoder({ folder, providers: ["cuda", "cpu"], workers: 2, threads: 1 });
    await expect(opening).rejects.toThrow(/cannot be used: cuda fp32: .*; cpu fp32: a start-up picture's/);
  });
});

describe("an encoder's digests", () => {
  async function filesAfter(change: Change, entries?: readonly TinyEntry[]): Promise<EncoderFiles> {
    const folder = await aFolder();
    await change(folder, await writeTinyEncoder(folder, { dtype: "float32" }, entries));
    return readEncoderFiles(folder);
  }
  const digestAfter = async (change: Change) => (await filesAfter(change)).models[0].digest;

  it("change with whatever changes an embedding, and with nothing else", async () => {
    const plain = await digestAfter(unchanged);
    const changed = await Promise.all([
      digestAfter(withManifest(() => ({ preprocess: "clip-fast-224" }))),
      digestAfter(withManifest(({ input }) => ({ input: { ...input, mean: [0, 0, 0.1] } }))),
      digestAfter(withManifest(({ input }) => ({ input: { ...input, std: [1, 1, 2] } }))),
    ]);
    expect(new Set([plain, ...changed]).size).toBe(4);
    expect(await digestAfter(withManifest(() => ({ name: "renamed" })))).toBe(plain);
    expect(await digestAfter(withFirstModel(({ probe }) => ({ probe: { ...probe, minCosine: 0.5 } })))).toBe(plain);
  });

  it("are one for each model, and one for the encoder whatever their order", async () => {
    const [fp32, fp16]: readonly TinyEntry[] = [
      { entry: { precision: "fp32" } },
      { entry: { precision: "fp16" }, graph: { flaw: "sees-neighbors" } },
    ];
    const files = await filesAfter(unchanged, [fp32!, fp16!]);
    expect(files.models.map(({ model }) => model.precision)).toEqual(["fp32", "fp16"]);
    expect(files.models[0].digest).toBe(await digestAfter(unchanged));
    expect(files.models[1]?.digest).not.toBe(files.models[0].digest);
    expect((await filesAfter(unchanged, [fp16!, fp32!])).digest).toBe(files.digest);
    expect((await filesAfter(unchanged)).digest).not.toBe(files.digest);
  });

  it("are not given when one of several models is another", async () => {
    const entries: readonly TinyEntry[] = [{ entry: { precision: "fp32" } }, { entry: { precision: "fp16" } }];
    const damage: Change = (folder) => writeFile(join(folder, "model.fp16.onnx"), "other");
    await expect(filesAfter(damage, entries)).rejects.toThrow(
      /model\.fp16\.onnx has sha-256 .*, but its manifest says/,
    );
  });
});
