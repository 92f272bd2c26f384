import { execFileSync } from "node:child_process";
import { mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { checkArtifact } from "../../src/adapters/artifact-check.js";
import { readArtifact, readItemsAndIndex } from "../../src/adapters/artifact-files.js";
import { readArtifactWords } from "../../src/adapters/artifact-words.js";
import type { ItemRecord } from "../../src/domain/catalog-record.js";
import { anArtifact, readFiles } from "../support/a-catalog-build.js";
import { aFolder } from "../support/a-folder.js";
import { changeManifest, changeVouchedFile, copyArtifact } from "../support/artifact-changes.js";
import { writeTinyEncoder } from "../support/tiny-encoder.js";

let good: string;
beforeAll(async () => {
  good = (await anArtifact({ thumbnails: 32, index: "auto" })).artifact.folder;
});

const refusal = (read: Promise<unknown>): Promise<Error> =>
  read.then(
    () => new Error("it was read"),
    (reason: Error) => reason,
  );

/** The one line that a spoilt copy is refused with. */
async function refusalOf(spoil: (folder: string) => Promise<unknown>): Promise<string> {
  const folder = await copyArtifact(good);
  await spoil(folder);
  const error = await refusal(readArtifact(folder));
  expect(error.name).toBe("Error");
  expect(error.message).not.toContain("\n");
  // A server that holds no vectors is no less strict, nor is what a build holds against its own work.
  const streamed = await refusal(readArtifactWords(folder).then((words) => readItemsAndIndex(folder, words)));
  expect(streamed.message).toBe(error.message);
  const { message } = await refusal(checkArtifact(folder));
  const isOfTwins = / has the same id$/.test(error.message) && message.includes("does not come after");
  expect(isOfTwins ? error.message : message).toBe(error.message);
  return error.message;
}

const changeItems = (change: (lines: ItemRecord[]) => readonly unknown[]) => (folder: string) =>
  changeVouchedFile(folder, "items.jsonl", (bytes) => {
    const lines = bytes.toString("utf8").trimEnd().split("\n");
    return change(lines.map((line) => JSON.parse(line)))
      .map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`)
      .join("");
  });

const changeJson = (path: string, changes: object) => (folder: string) =>
  changeVouchedFile(folder, path, (bytes) => JSON.stringify({ ...JSON.parse(bytes.toString()), ...changes }));

const changeFloat = (at: number, value: number) => (folder: string) =>
  changeVouchedFile(folder, "embeddings.f32", (bytes) => {
    bytes.writeFloatLE(value, at * 4);
    return bytes;
  });

const changeLine = (row: number, changes: object) =>
  changeItems((lines) => lines.map((line, i) => (i === row ? { ...line, ...changes } : line)));

test("an artifact is read whole", async () => {
  const { catalog, vectors, manifest, encoder, rules } = await readArtifact(good);
  expect(catalog.items).toHaveLength(6);
  expect(vectors).toHaveLength(6 * manifest.dimension);
  expect(encoder.folder).toBe(join(good, "encoder"));
  expect(rules.name).toBe("standard");
  expect(catalog.digest).toMatch(/^[0-9a-f]{64}$/);
});

describe("every single file", () => {
  test("is missed when it is absent, and refused when a byte of it is another, or it is shorter, or a link", async () => {
    const files = [...(await readFiles(good)).keys()].filter((path) => path !== "manifest.json");
    expect(files.length).toBeGreaterThanOrEqual(12);
    for (const path of files) {
      const at = (folder: string) => join(folder, path);
      expect(await refusalOf((folder) => rm(at(folder))), path).toMatch(new RegExp(`/${path} does not exist$`));
      const flip = async (folder: string) => {
        const bytes = await readFile(at(folder));
        bytes[bytes.length >> 1]! ^= 1;
        await writeFile(at(folder), bytes);
      };
      expect(await refusalOf(flip), path).toMatch(new RegExp(`/${path} has sha-256 .*, but the manifest says`));
      const cut = async (folder: string) => writeFile(at(folder), (await readFile(at(folder))).subarray(1));
      expect(await refusalOf(cut), path).toMatch(new RegExp(`/${path} has \\d+ bytes, but the manifest says \\d+$`));
      const link = async (folder: string) => {
        await rename(at(folder), `${at(folder)}.elsewhere`);
        await symlink(`${at(folder)}.elsewhere`, at(folder));
      };
      expect(await refusalOf(link), path).toMatch(new RegExp(`/${path} is a link$`));
    }
  });

  test("must be a file: a folder or a pipe in its place is refused at once", async () => {
    const replace = (how: (file: string) => unknown) => async (folder: string) => {
      await rm(join(folder, "items.jsonl"));
      await how(join(folder, "items.jsonl"));
    };
    expect(await refusalOf(replace((file) => mkdir(file)))).toMatch(/items.jsonl is not a file$/);
    expect(await refusalOf(replace((file) => execFileSync("sh", ["-c", 'mkfifo "$0"', file])))).toMatch(
      /items.jsonl is not a file$/,
    );
  });

  test("lies in the folder itself: a linked folder is refused", async () => {
    const spoil = async (folder: string) => {
      const elsewhere = join(dirname(folder), "elsewhere");
      await rename(join(folder, "encoder"), elsewhere);
      await symlink(elsewhere, join(folder, "encoder"));
    };
    expect(await refusalOf(spoil)).toMatch(/\/encoder is a link$/);
  });
});

describe("the manifest", () => {
  const spoilt: readonly (readonly [string, (folder: string) => Promise<unknown>, string])[] = [
    ["absent", (folder) => rm(join(folder, "manifest.json")), "/manifest.json does not exist"],
    ["empty", (folder) => writeFile(join(folder, "manifest.json"), ""), "/manifest.json has 0 bytes; 1 to"],
    ["no JSON", (folder) => writeFile(join(folder, "manifest.json"), "{\n"), "/manifest.json is not JSON"],
    ["no UTF-8", (folder) => writeFile(join(folder, "manifest.json"), Buffer.of(34, 255, 34)), "is not JSON"],
    ["a later version", (folder) => changeManifest(folder, () => ({ version: 3 })), "a version that is not known here"],
    ["an unknown field", (folder) => changeManifest(folder, () => ({ more: 1 })), "more is not a field"],
    ["another dimension", (folder) => changeManifest(folder, () => ({ dimension: 16 })), "take 384 bytes, not 192"],
    [
      "another encoder's digest",
      (folder) => changeManifest(folder, () => ({ encoderDigest: "0".repeat(64) })),
      "is not the encoder that the manifest names: encoderDigest is",
    ],
    [
      "vectors of a model that the encoder lacks",
      (folder) => changeManifest(folder, ({ encodedBy }) => ({ encodedBy: { ...encodedBy, model: "int8" } })),
      "is not the encoder that the manifest names: the vectors' model is no int8, not int8 ",
    ],
    [
      "vectors of another model of the same name",
      (folder) => changeManifest(folder, () => ({ encodedBy: { model: "fp32", digest: "0".repeat(64) } })),
      "is not the encoder that the manifest names: the vectors' model is fp32 ",
    ],
    [
      "another preprocess",
      (folder) => changeManifest(folder, () => ({ preprocess: "clip-fast-224" })),
      "preprocess is clip-exact-224, not clip-fast-224",
    ],
    [
      "other categories",
      (folder) => changeManifest(folder, ({ counts }) => ({ counts: { ...counts, categories: { hats: 6 } } })),
      "items.jsonl does not have the categories that the manifest counts",
    ],
    [
      "a file out of the folder",
      (folder) => changeManifest(folder, ({ files }) => ({ files: { ...files, "../x": files["rules.json"] } })),
      'files names "../x", which no artifact has',
    ],
  ];
  test.each(spoilt)("%s", async (_what, spoil, message) => {
    expect(await refusalOf(spoil)).toContain(message);
  });
});

describe("a file that is vouched for but wrong", () => {
  const spoilt: readonly (readonly [string, (folder: string) => Promise<unknown>, string])[] = [
    ["an item lacking its color", changeLine(2, { mean_color: undefined }), "items.jsonl line 3: mean_color must be"],
    ["an item lacking its palette", changeLine(0, { palette: [] }), "items.jsonl line 1: palette must be"],
    ["an item of wrong types", changeLine(5, { id: 7, title: [] }), "items.jsonl line 6: id must be a text"],
    ["an unknown field", changeLine(1, { color: 1 }), "items.jsonl line 2: color is not a field of this format."],
    ["two items of one id", changeItems((lines) => [...lines.slice(0, 5), lines[0]]), "line 6: line 1 has the same id"],
    ["an item too few", changeItems((lines) => lines.slice(1)), "has 5 lines, but the manifest counts 6 items"],
    ["an item too many", changeItems((lines) => [...lines, lines[0]]), "line 7: the manifest counts 6 items"],
    ["a blank line", changeItems((lines) => [...lines.slice(0, 3), "", ...lines.slice(3, 5)]), "line 4 is not JSON"],
    [
      "a line without end",
      changeItems((lines) => ["x".repeat(70_000), ...lines.slice(1)]),
      "line 1 is longer than 65536",
    ],
    [
      "a line that would change every object",
      changeItems((lines) => [`{"__proto__":${JSON.stringify(lines[0])}}`, ...lines.slice(1)]),
      "line 1: __proto__ is not a field of this format.",
    ],
    ["a value that is no number", changeFloat(3, Number.NaN), "embeddings.f32 row 0 has length NaN, not 1"],
    ["a vector that is too long", changeFloat(9, 2), "embeddings.f32 row 1 has length"],
    ["an endless value", changeFloat(40, Number.POSITIVE_INFINITY), "embeddings.f32 row 5 has length Infinity"],
    [
      "rules with an unknown key",
      changeJson("rules.json", { boost: 2 }),
      "rules.json is not valid: rules.boost is not a field of this format.",
    ],
    ["rules out of range", changeJson("rules.json", { voters: 0 }), "rules.json is not valid: rules.voters must be"],
    [
      "a calibration of texts",
      changeJson("calibration.json", { slope: "1" }),
      "calibration.json is not valid: slope must be",
    ],
    [
      "an encoder's manifest of another version",
      changeJson("encoder/encoder.json", { version: 1 }),
      "encoder.json is not valid",
    ],
  ];
  test.each(spoilt)("%s", async (_what, spoil, message) => {
    expect(await refusalOf(spoil)).toContain(message);
  });

  test("another encoder, whole and sound", async () => {
    const spoil = async (folder: string) => {
      const other = join(await aFolder(), "other");
      await writeTinyEncoder(other, { normalized: false });
      for (const name of ["encoder.json", "model.onnx"]) {
        const bytes = await readFile(join(other, name));
        await changeVouchedFile(folder, `encoder/${name}`, () => bytes);
      }
    };
    expect(await refusalOf(spoil)).toMatch(/\/encoder is not the encoder that the manifest names: encoderDigest is/);
  });
});

test("a file beside the others is not read, and does no harm", async () => {
  const folder = await copyArtifact(good);
  await writeFile(join(folder, "inference.py"), "import os");
  expect((await readArtifact(folder)).catalog.items).toHaveLength(6);
});
