import { expect, test } from "vitest";
import { parseEncoderManifest } from "../../../src/domain/encoder-manifest.js";
import { toModelName } from "../../../src/domain/encoder-model.js";
import { aGate, aManifest, anFp16Model, anFp32Model, anInt8Model } from "../../support/a-manifest.js";

const problemsOf = (value: unknown) => {
  const parsed = parseEncoderManifest(value);
  return "problems" in parsed ? parsed.problems : [];
};

test("gives back a manifest of a uint8 graph as it was written", () => {
  const manifest = aManifest();
  expect(parseEncoderManifest(JSON.parse(JSON.stringify(manifest)))).toEqual({ value: manifest });
});

test.each([16, 32, 336, 1024])("gives back a manifest of a graph with a side of %i", (side) => {
  const manifest = aManifest({ input: { ...aManifest().input, side }, preprocess: `clip-fast-${side}` });
  expect(parseEncoderManifest(JSON.parse(JSON.stringify(manifest)))).toEqual({ value: manifest });
});

test("gives back a manifest of a float32 graph with its mean and deviation", () => {
  const input = { name: "pixel_values", layout: "nchw", dtype: "float32", side: 224 } as const;
  const manifest = aManifest({ input: { ...input, mean: [0.48, 0.46, 0.41], std: [0.27, 0.26, 0.28] } });
  expect(parseEncoderManifest(JSON.parse(JSON.stringify(manifest)))).toEqual({ value: manifest });
});

test("gives back several models, with what was found out about them and where they come from", () => {
  const layersInFp32 = [{ layer: "blocks.0.mlp.fc2", reason: "its activations have outliers" }];
  const manifest = aManifest({
    models: [anFp32Model(), anFp16Model(null), { ...anInt8Model(8), layersInFp32 }, anInt8Model(7, aGate(false))],
    source: { architecture: "vit-b-32", checkpointSha256: "ab".repeat(32), revision: "main" },
  });
  const parsed = parseEncoderManifest(JSON.parse(JSON.stringify(manifest)));
  expect(parsed).toEqual({ value: manifest });
  expect(Object.keys((parsed as { value: typeof manifest }).value.models[1]!)).not.toContain("gate");
});

const { input, output } = aManifest();
const { probe } = anFp32Model();
const float = { ...input, dtype: "float32", mean: [0, 0, 0], std: [1, 1, 1] };
const model = (changes: object) => ({ models: [{ ...anFp32Model(), ...changes }] });
const int8 = (changes: object) => ({ models: [{ ...anInt8Model(), ...changes }] });
const probed = (changes: object) => model({ probe: { ...probe, ...changes } });
const gated = (changes: object) => int8({ gate: { ...aGate(), ...changes } });
const refused: readonly (readonly [string, unknown, string])[] = [
  ["another format", { format: "onnx" }, 'format must be "stygig-encoder": not "onnx".'],
  ["the version before", { version: 1 }, "version 1 is no longer read; write the encoder folder anew"],
  ["a later version", { version: 3 }, "version must be 2: not 3."],
  ["an empty name", { name: "" }, 'name must be a text of 1 to 200 printable characters: not "".'],
  ["a name of two lines", { name: "a\nb" }, "name must be a text of 1 to 200 printable characters"],
  ["a misspelt field", { files: 1 }, "files is not a field of this format."],
  ["an unknown preprocess", { preprocess: "fast" }, "preprocess must be clip-exact-SIDE or"],
  ["no input", { input: undefined }, "input must be an object, not undefined."],
  ["a list as input", { input: [] }, "input must be an object, not a list of 0."],
  ["an unknown layout", { input: { ...input, layout: "nc" } }, 'input.layout must be "nhwc" or "nchw": not "nc".'],
  ["an unknown dtype", { input: { ...input, dtype: "int8" } }, 'input.dtype must be "uint8" or "float32": not "int8".'],
  [
    "a side its preprocess does not make",
    { input: { ...input, side: 336 } },
    "input.side must be 224, the side of clip-exact-224: not 336.",
  ],
  [
    "a preprocess of another side",
    { preprocess: "clip-hf-exact-336" },
    "input.side must be 336, the side of clip-hf-exact-336: not 224.",
  ],
  ["a mean for bytes", { input: { ...input, mean: [0, 0, 0] } }, "input.mean is not a field of this format."],
  ["floats without a mean", { input: { ...float, mean: undefined } }, "input.mean must be a list of 3 numbers"],
  ["a deviation of zero", { input: { ...float, std: [1, 0, 1] } }, "input.std must be a list of 3 numbers above 0"],
  ["a mean of two channels", { input: { ...float, mean: [0, 0] } }, "input.mean must be a list of 3 numbers"],
  ["a fraction as dimension", { output: { ...output, dimension: 2.5 } }, "output.dimension must be a whole number"],
  ["a dimension of zero", { output: { ...output, dimension: 0 } }, "output.dimension must be a whole number from 1"],
  ["normalized as a text", { output: { ...output, normalized: "yes" } }, "output.normalized must be true or false"],
  ["no models", { models: undefined }, "models must be a list of 1 to 4 models: it is missing."],
  ["an empty list of models", { models: [] }, "models must be a list of 1 to 4 models: not a list of 0."],
  ["a model that is none", { models: [7] }, "models[0] must be an object, not 7."],
  ["another precision", model({ precision: "int4" }), 'models[0].precision must be "fp32" or "fp16" or "int8"'],
  ["a file in a folder above", model({ file: "../a.onnx" }), "models[0].file must be the name of a file beside"],
  ["a file in a folder below", model({ file: "a/b.onnx" }), "models[0].file must be the name of a file beside"],
  ["an absolute file", model({ file: "/model.onnx" }), "models[0].file must be the name of a file beside"],
  ["a file named like a folder", model({ file: ".." }), "models[0].file must be the name of a file beside"],
  ["a digest in capitals", model({ sha256: "A".repeat(64) }), "models[0].sha256 must be 64 lower-case hex digits"],
  ["a short digest", model({ sha256: "ab" }), 'models[0].sha256 must be 64 lower-case hex digits: not "ab".'],
  ["bits of full precision", model({ weightBits: 8 }), '"models[0].weightBits" is not a field of this format.'],
  ["a gate of the reference", model({ gate: aGate() }), '"models[0].gate" is not a field of this format.'],
  ["int8 without bits", int8({ weightBits: undefined }), "models[0].weightBits must be 8 or 7: it is missing."],
  ["int8 of four bits", int8({ weightBits: 4 }), "models[0].weightBits must be 8 or 7: not 4."],
  ["a gate of null", int8({ gate: null }), "models[0].gate must be an object, not null."],
  ["a gate that passed a little", gated({ passed: 1 }), "models[0].gate.passed must be true or false: not 1."],
  ["a gate of no photos", gated({ photos: 0 }), "models[0].gate.photos must be a whole number of at least 1: not 0."],
  ["an agreement above 1", gated({ voteAgreement: 1.5 }), "models[0].gate.voteAgreement must be a number from 0 to 1"],
  ["a gate without a median", gated({ cosine: { min: 0, p1: 0 } }), "models[0].gate.cosine.median must be a number"],
  ["a gate without thresholds", gated({ thresholds: 1 }), "models[0].gate.thresholds must be an object, not 1."],
  ["layers as a text", int8({ layersInFp32: "all" }), "models[0].layersInFp32 must be a list of at most 10000 layers"],
  ["a layer without a reason", int8({ layersInFp32: [{ layer: "a" }] }), "models[0].layersInFp32[0].reason must be a"],
  ["one precision twice", { models: [anFp32Model(), anFp32Model({ file: "b" })] }, "models names fp32 twice."],
  [
    "one file twice",
    { models: [anFp32Model(), { ...anInt8Model(), file: "model.onnx" }] },
    "the file model.onnx twice.",
  ],
  ["no probe", model({ probe: undefined }), "models[0].probe must be an object, not undefined."],
  ["another pattern", probed({ pattern: "ramp-v2" }), 'models[0].probe.pattern must be "ramp-v1"'],
  ["a short reference", probed({ embedding: [1] }), "models[0].probe.embedding must be a list of 4 finite numbers"],
  ["a text in it", probed({ embedding: [1, 0, 0, "0"] }), "models[0].probe.embedding must be a list of 4 finite"],
  ["a null in it", probed({ embedding: [1, 0, 0, null] }), "models[0].probe.embedding must be a list of 4 finite"],
  ["a long reference", probed({ embedding: [3, 0, 4, 0] }), "models[0].probe.embedding must have length 1, not 5.000."],
  ["a zero reference", probed({ embedding: [0, 0, 0, 0] }), "models[0].probe.embedding must have length 1, not 0.000."],
  ["no least cosine", probed({ minCosine: 0 }), "models[0].probe.minCosine must be a number above 0 and at most 1"],
  ["a cosine above 1", probed({ minCosine: 1.01 }), "models[0].probe.minCosine must be a number above 0"],
  ["a source without architecture", { source: {} }, "source.architecture must be a text"],
  ["a source of null", { source: null }, "source must be an object, not null."],
];

test.each(refused)("refuses %s", (_what, change, problem) => {
  const problems = problemsOf({ ...aManifest(), ...(change as object) });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(problem);
});

test("names every problem at once", () => {
  expect(problemsOf({})).toHaveLength(7);
  expect(problemsOf({ ...aManifest(), version: "2", models: [{}, 7], output: {}, more: true })).toHaveLength(10);
});

test("tells models apart by precision and bits", () => {
  const models = [anFp32Model(), anFp16Model(), anInt8Model(8), anInt8Model(7)];
  expect(models.map(toModelName)).toEqual(["fp32", "fp16", "int8", "int8-7bit"]);
});

test.each([null, undefined, [], "text", 3])("refuses %j as a manifest", (value) => {
  expect(problemsOf(value)[0]).toMatch(/^it must be an object, not /);
});

test("keeps a long value out of its sentence", () => {
  expect(problemsOf({ ...aManifest(), name: "x".repeat(10_000) })[0]?.length).toBeLessThan(150);
});
