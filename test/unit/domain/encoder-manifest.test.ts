import { expect, test } from "vitest";
import { parseEncoderManifest } from "../../../src/domain/encoder-manifest.js";
import { aManifest } from "../../support/a-manifest.js";

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

const { input, output, probe } = aManifest();
const float = { ...input, dtype: "float32", mean: [0, 0, 0], std: [1, 1, 1] };
const refused: readonly (readonly [string, unknown, string])[] = [
  ["another format", { format: "onnx" }, 'format must be "stygig-encoder": not "onnx".'],
  ["a later version", { version: 2 }, "version must be 1: not 2."],
  ["an empty name", { name: "" }, 'name must be a text of 1 to 200 printable characters: not "".'],
  ["a name of two lines", { name: "a\nb" }, "name must be a text of 1 to 200 printable characters"],
  ["a file in a folder above", { file: "../model.onnx" }, "file must be the name of a file beside encoder.json"],
  ["a file in a folder below", { file: "a/model.onnx" }, "file must be the name of a file beside encoder.json"],
  ["an absolute file", { file: "/model.onnx" }, "file must be the name of a file beside encoder.json"],
  ["a file named like a folder", { file: ".." }, "file must be the name of a file beside encoder.json"],
  ["a digest in capitals", { sha256: "A".repeat(64) }, "sha256 must be 64 lower-case hex digits"],
  ["a short digest", { sha256: "ab" }, 'sha256 must be 64 lower-case hex digits: not "ab".'],
  ["a misspelt field", { files: 1 }, "files is not a field of this format."],
  ["an unknown preprocess", { preprocess: "fast" }, "preprocess must be clip-exact-SIDE or clip-hf-exact-SIDE or"],
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
  ["another pattern", { probe: { ...probe, pattern: "ramp-v2" } }, 'probe.pattern must be "ramp-v1"'],
  ["a short reference", { probe: { ...probe, embedding: [1] } }, "probe.embedding must be a list of 4 finite numbers"],
  ["a text in it", { probe: { ...probe, embedding: [1, 0, 0, "0"] } }, "probe.embedding must be a list of 4 finite"],
  ["a null in it", { probe: { ...probe, embedding: [1, 0, 0, null] } }, "probe.embedding must be a list of 4 finite"],
  [
    "a long reference",
    { probe: { ...probe, embedding: [3, 0, 4, 0] } },
    "probe.embedding must have length 1, not 5.000.",
  ],
  [
    "a zero reference",
    { probe: { ...probe, embedding: [0, 0, 0, 0] } },
    "probe.embedding must have length 1, not 0.000.",
  ],
  ["no least cosine", { probe: { ...probe, minCosine: 0 } }, "probe.minCosine must be a number above 0 and at most 1"],
  ["a cosine above 1", { probe: { ...probe, minCosine: 1.01 } }, "probe.minCosine must be a number above 0"],
];

test.each(refused)("refuses %s", (_what, change, problem) => {
  const problems = problemsOf({ ...aManifest(), ...(change as object) });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(problem);
});

test("names every problem at once", () => {
  expect(problemsOf({})).toHaveLength(9);
  expect(problemsOf({ ...aManifest(), version: "1", sha256: 7, output: {}, more: true })).toHaveLength(6);
});

test.each([null, undefined, [], "text", 3])("refuses %j as a manifest", (value) => {
  expect(problemsOf(value)[0]).toMatch(/^it must be an object, not /);
});

test("keeps a long value out of its sentence", () => {
  expect(problemsOf({ ...aManifest(), sha256: "x".repeat(10_000) })[0]?.length).toBeLessThan(150);
});
