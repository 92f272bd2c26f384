import { describe, expect, test } from "vitest";
import { countCategories, parseArtifactManifest, parseCalibration } from "../../../src/domain/artifact.js";
import { anArtifactManifest } from "../../support/an-artifact.js";

const problemsOf = (value: unknown) => {
  const parsed = parseArtifactManifest(value);
  return "problems" in parsed ? parsed.problems : [];
};
const { files, counts } = anArtifactManifest();
const file = files["rules.json"]!;
const { "rules.json": _, ...withoutRules } = files;

describe("a manifest", () => {
  test("comes back as it was written", () => {
    const manifest = anArtifactManifest();
    expect(parseArtifactManifest(JSON.parse(JSON.stringify(manifest)))).toEqual({ value: manifest });
  });

  test("with index and thumbnails comes back too", () => {
    const more = { "index.faiss": file, "thumbnails/0.webp": file, "thumbnails/1.webp": file };
    const manifest = anArtifactManifest({ files: { ...files, ...more }, index: "faiss", thumbnails: 320 });
    expect(parseArtifactManifest(manifest)).toEqual({ value: manifest });
  });

  test.each(["clip-exact-336", "clip-hf-exact-224", "clip-fast-16"] as const)("names %s, too", (preprocess) => {
    const manifest = anArtifactManifest({ preprocess });
    expect(parseArtifactManifest(manifest)).toEqual({ value: manifest });
  });

  const refused: readonly (readonly [string, unknown, string])[] = [
    [
      "a later version, and that alone",
      { version: 3, files: 7 },
      "it has a version that is not known here; only 2 is.",
    ],
    ["another format", { format: "zip" }, 'it is not a manifest: its format is not "stygig-artifact".'],
    ["an unknown field", { encoder: "x" }, "encoder is not a field of this format."],
    ["a field missing", { dimension: undefined }, "dimension must be a whole number from 1 to 16384: it is missing."],
    ["a side with a leading zero", { preprocess: "clip-exact-0224" }, "preprocess must be clip-exact-SIDE or"],
    ["a side that nothing makes", { preprocess: "clip-exact-1025" }, "with a SIDE from 16 to 1024: not"],
    ["vectors of no model", { encodedBy: undefined }, "encodedBy must be an object: it is missing."],
    [
      "vectors of a model that no encoder has",
      { encodedBy: { model: "int4", digest: "0f".repeat(32) } },
      'encodedBy.model must be "fp32" or "fp16" or "int8" or "int8-7bit": not "int4".',
    ],
    ["no items", { counts: { ...counts, items: 0 } }, "counts.items must be a whole number from 1"],
    ["categories without a count", { counts: { ...counts, categories: { a: 0 } } }, 'no valid count for "a".'],
    ["a file missing", { files: withoutRules }, "files lacks rules.json."],
    ["a foreign file", { files: { ...files, "notes.txt": file } }, 'files names "notes.txt", which no artifact has.'],
    ["a path out of the folder", { files: { ...files, "../x.json": file } }, 'files names "../x.json"'],
    ["a path through the encoder", { files: { ...files, "encoder/../../x": file } }, 'files names "encoder/../../x"'],
    ["an absolute path", { files: { ...files, "/etc/passwd": file } }, 'files names "/etc/passwd"'],
    [
      "a digest in capitals",
      { files: { ...files, "rules.json": { ...file, sha256: "A".repeat(64) } } },
      "sha256 must be",
    ],
    [
      "an index nobody built",
      { files: { ...files, "index.faiss": file } },
      'index is "none", but files names index.faiss.',
    ],
    [
      "codes that nobody measured",
      { files: { ...files, "index.codes": file }, index: "codes" },
      "indexAgreement must be an object: it is missing.",
    ],
    [
      "an agreement of an index that compares everything",
      { indexAgreement: {} },
      "indexAgreement is not a field of this format.",
    ],
    [
      "an agreement that is none",
      {
        files: { ...files, "index.codes": file },
        index: "codes",
        indexAgreement: { queries: 0, recallAt10: 1, sameCategory: 1, sameWinners: 1.1, sameAnswer: 1 },
      },
      "indexAgreement.sameWinners must be a number from 0 to 1: not 1.1.",
    ],
    ["an index that is absent", { index: "faiss" }, 'index is "faiss", but files lacks index.faiss.'],
    ["other bytes than rows", { dimension: 5 }, "2 items of dimension 5 take 40 bytes, not 32."],
    ["more in categories than there are", { counts: { ...counts, categories: { a: 3 } } }, "adds up to 3"],
    ["thumbnails that are absent", { thumbnails: 320 }, "files lacks thumbnails/0.webp."],
    ["a thumbnail too many", { files: { ...files, "thumbnails/0.webp": file } }, "files names 1 thumbnails, not 0."],
    ["other color methods", { colorMethods: ["mean-v4"] }, 'colorMethods must be ["mean-v4","dominant-v1"]'],
    ["a key of every object", { constructor: 1 }, "constructor is not a field of this format."],
  ];
  test.each(refused)("refuses %s", (_what, changes, problem) => {
    const problems = problemsOf(anArtifactManifest(changes as Record<string, unknown>));
    expect(problems.join("\n")).toContain(problem);
  });

  test.each([null, [], "manifest", 7])("refuses %j", (value) => {
    expect(problemsOf(value)).toEqual(["it is not a JSON object."]);
  });

  test("refuses a key that would become the prototype", () => {
    const text = JSON.stringify(anArtifactManifest()).replace('"dimension"', '"__proto__":{"dimension":4},"dimension"');
    expect(problemsOf(JSON.parse(text))).toEqual(["__proto__ is not a field of this format."]);
  });
});

describe("categories are counted", () => {
  test("by name, in order of their names, without items that have none", () => {
    const counts = countCategories(["shirt", null, "bag", "shirt"]);
    expect(Object.entries(counts)).toEqual([
      ["bag", 1],
      ["shirt", 2],
    ]);
  });

  test("also when one has a name that every object knows", () => {
    expect(Object.entries(countCategories(["__proto__", "constructor"]))).toEqual([
      ["__proto__", 1],
      ["constructor", 1],
    ]);
  });
});

describe("a calibration", () => {
  test("comes back as it was written", () => {
    const calibration = { intercept: -0.5, slope: 1.25, samples: 300 };
    expect(parseCalibration(calibration)).toEqual({ value: calibration });
  });

  test.each([
    [{ intercept: 0, slope: 1 }, "samples must be"],
    [{ intercept: "0", slope: 1, samples: 0 }, 'intercept must be a number from -1000 to 1000: not "0".'],
    [{ intercept: 0, slope: Number.NaN, samples: 0 }, "slope must be"],
    [{ intercept: 0, slope: 1, samples: 0, more: 1 }, "more is not a field"],
    [null, "it must be an object, not null."],
  ])("refuses %j", (value, problem) => {
    const parsed = parseCalibration(value);
    expect("problems" in parsed && parsed.problems.join("\n")).toContain(problem);
  });
});
