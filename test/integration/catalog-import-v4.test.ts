import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { extract, Header } from "tar";
import { describe, expect, it } from "vitest";
import type { ImportOptions, ImportReport } from "../../catalog/import-v4.js";
import type { DamageKind } from "../../catalog/import-v4-damage.js";
import { readArtifact } from "../../src/adapters/artifact-files.js";
import { faissAvailability } from "../../src/adapters/faiss-index.js";
import { standardRules } from "../../src/domain/ranking-rules.js";
import { aBuild, colorOf, readFiles, writePicture } from "../support/a-catalog-build.js";
import { aFolder } from "../support/a-folder.js";
import { buildCatalog, importV4 } from "../support/compiled-catalog.js";
import { aPickle, call, dict, text } from "../support/pickle-bytes.js";
import { runStygig } from "../support/run-stygig.js";
import { unlessSkipped } from "../support/skip-by-name.js";
import { writeTinyEncoder } from "../support/tiny-encoder.js";

const faiss = faissAvailability();
const noFaiss = faiss.available ? null : faiss.reason;

/** Made by V4's own means: `test/golden/make-v4-artifacts.py`. */
function fixture(name: string): string {
  return fileURLToPath(new URL(`../golden/data/v4-artifacts/${name}.tar.gz`, import.meta.url));
}

/** A fixture's files in a folder, some of them changed. */
async function aV4Folder(name: string, changes: Readonly<Record<string, Uint8Array>> = {}): Promise<string> {
  const folder = await aFolder();
  await extract({ file: fixture(name), cwd: folder });
  for (const [path, bytes] of Object.entries(changes)) await writeFile(join(folder, path), bytes);
  return folder;
}

/** The pictures that the fixtures' vectors were made of, in V4's folders. */
async function somePictures(stem = (short: string, i: number) => `${short}-${i}`): Promise<string> {
  const folder = await aFolder();
  for (const [place, category] of ["upperwear/shirt", "bottomwear/pants", "footwear/heels"].entries()) {
    for (let i = 0; i < 3; i++) {
      const path = `${category}/${stem(category.split("/")[1]!, i)}.png`;
      await writePicture(folder, path, { color: colorOf(place * 100 + i) });
    }
  }
  return folder;
}

const encoderFolder = join(await aFolder(), "encoder");
await writeTinyEncoder(encoderFolder);

async function anImport(artifactFile: string, changes: Partial<ImportOptions> = {}): Promise<ImportOptions> {
  const outFolder = join(await aFolder(), "artifact");
  return {
    ...{ artifactFile, outFolder, imagesFolder: null, encoderFolder, categoryMap: new Map() },
    ...{ rules: standardRules, index: "none", workers: 1, signal: new AbortController().signal },
    ...changes,
  };
}

async function imported(name: string, changes: Partial<ImportOptions> = {}) {
  const options = await anImport(fixture(name), changes);
  const report = await importV4(options);
  return { report, artifact: await readArtifact(options.outFolder!) };
}

/** The one line that an import ends with. */
async function refusal(artifactFile: string, changes: Partial<ImportOptions> = {}): Promise<string> {
  const options = await anImport(artifactFile, changes);
  const outcome = await importV4(options).catch((error: Error) => error);
  if (!(outcome instanceof Error)) return `it gave ${outcome.items} items`;
  expect(outcome.message).not.toContain("\n");
  expect(await readdir(dirname(options.outFolder!))).toEqual([]);
  return outcome.message.replace(`${artifactFile} cannot be imported: `, "");
}

/** Everything but D01, which V4's own writer puts into every artifact. */
function damageOf({ damage }: ImportReport): Partial<Record<DamageKind, number>> {
  const others = damage.filter(({ kind }) => kind !== "color_unread");
  return Object.fromEntries(others.map(({ kind, count }) => [kind, count]));
}

describe("an artifact of V4", () => {
  it("becomes one of ours, with V4's ids, categories, genders, colors and the bits of its vectors", async () => {
    const { report, artifact } = await imported("sound");
    expect(report).toMatchObject({ records: 9, items: 9, dimension: 8, pictures: null, agreement: null, unmapped: [] });
    expect(report.damage).toMatchObject([{ kind: "color_unread", count: 9 }]);
    expect(report.model).toEqual({ name: "ViT-B-32", weights: "openai", dimension: 8 });
    const { items } = artifact.catalog;
    expect(items.map(({ id }) => id)).toEqual(
      ["heels", "pants", "shirt"].flatMap((short) => [0, 1, 2].map((i) => `${short}-${i}`)),
    );
    expect(items[1]).toMatchObject({
      ...{ id: "heels-1", category: "footwear_heels", gender: "female", path: "footwear/heels/heels-1.png" },
      ...{ meanColor: [90, 25, 90], palette: [{ rgb: [90, 25, 90], share: 1 }] },
    });
    // What FAISS wrote: a header of 45 bytes and the rows in V4's order.
    const index = await readFile(join(await aV4Folder("sound"), "faiss_index.index"));
    const written = new Float32Array(new Uint8Array(index.subarray(45)).buffer);
    const v4Order = ["shirt", "pants", "heels"].flatMap((short) => [0, 1, 2].map((i) => `${short}-${i}`));
    for (const { id, row } of items) {
      const from = 8 * v4Order.indexOf(id);
      expect(artifact.vectors.subarray(8 * row, 8 * row + 8)).toEqual(written.subarray(from, from + 8));
    }
  });

  it("gets its colors and palettes from the pictures, which are those of a build", async () => {
    const imagesFolder = await somePictures();
    const { report, artifact } = await imported("without-colors", { imagesFolder });
    expect(report).toMatchObject({ items: 9, pictures: 9, agreement: { pictures: 9 } });
    expect(report.agreement!.medianCosine).toBeGreaterThan(0.999);
    const build = await aBuild(imagesFolder);
    await buildCatalog(build);
    const built = await readArtifact(build.outFolder);
    const byPath = new Map(built.catalog.items.map((item) => [item.path, item]));
    for (const { path, meanColor, palette } of artifact.catalog.items) {
      expect({ meanColor, palette }).toEqual({
        meanColor: byPath.get(path)!.meanColor,
        palette: byPath.get(path)!.palette,
      });
    }
  });

  it("keeps what it has where a picture is gone or broken, and leaves out what has neither", async () => {
    const imagesFolder = await somePictures();
    await writePicture(imagesFolder, "footwear/heels/heels-0.png", Buffer.from("no picture"));
    const [folder, colorless] = [await aV4Folder("sound"), await aV4Folder("without-colors")];
    for (const artifactFile of [folder, colorless]) {
      const options = await anImport(artifactFile, { imagesFolder });
      const report = await importV4(options);
      expect(damageOf(report)).toMatchObject(
        artifactFile === folder ? { picture_unreadable: 1 } : { color_missing: 9, item_colorless: 1 },
      );
      expect(report.items).toBe(artifactFile === folder ? 9 : 8);
      expect((await readArtifact(options.outFolder!)).manifest.counts.skipped).toBe(9 - report.items);
    }
  });

  it("names items that share V4's id by their paths, as a build does, whatever folder V4 saw them in", async () => {
    const imagesFolder = await somePictures((_short, i) => String(i));
    const { report, artifact } = await imported("as-trained", { imagesFolder });
    expect(damageOf(report)).toEqual({ id_shared: 9 });
    expect(artifact.catalog.items.map(({ id, path }) => [id, path])).toEqual(
      ["bottomwear/pants", "footwear/heels", "upperwear/shirt"].flatMap((folder) =>
        [0, 1, 2].map((i) => [`${folder}/${i}`, `${folder}/${i}.png`]),
      ),
    );
  });

  it("loses the category whose vectors and records came apart (D04), and nothing else", async () => {
    const { report, artifact } = await imported("lost-batch");
    expect(damageOf(report)).toEqual({ counts_differ: 3 });
    expect(report.damage[0]).toMatchObject({ examples: ["bottomwear_pants: 3 records, 1 vectors"] });
    expect(report.categories).toEqual({ footwear_heels: 3, upperwear_shirt: 3 });
    const sound = await imported("sound");
    const of = ({ catalog, vectors }: typeof artifact, id: string) => {
      const { row } = catalog.items.find((item) => item.id === id)!;
      return vectors.slice(row * 8, row * 8 + 8);
    };
    for (const id of ["heels-0", "shirt-2"]) expect(of(artifact, id)).toEqual(of(sound.artifact, id));
  });

  it("loses rows that are zero or not finite, and has the others at length 1", async () => {
    const { report, artifact } = await imported("broken-rows");
    expect(damageOf(report)).toEqual({ vector_not_finite: 1, vector_zero: 1, vector_not_unit: 1 });
    expect(artifact.catalog.items.map(({ id }) => id)).not.toEqual(expect.arrayContaining(["shirt-0"]));
    expect(report.items).toBe(7);
  });

  it.each(["numpy-values", "numpy-values-5", "without-index"])("is the same from %s", async (name) => {
    const [{ artifact }, sound] = [await imported(name), await imported("sound")];
    // Its digest is the manifest's, and so of every byte of the folder.
    expect(artifact.catalog.digest).toBe(sound.artifact.catalog.digest);
    expect(artifact.catalog.items).toEqual(sound.artifact.catalog.items);
    expect(artifact.vectors).toEqual(sound.artifact.vectors);
  });

  it("gets the names of its categories from a map, and says what the map names in vain", async () => {
    const categoryMap = new Map([
      ["footwear_heels", "footwear_shoes"],
      ["hats", "x"],
    ]);
    const { report } = await imported("sound", { categoryMap });
    expect(Object.keys(report.categories)).toContain("footwear_shoes");
    expect(report.notes).toContain('the category map names "hats", which no item has');
  });

  it("gives the same bytes twice, also at once and into one place", async () => {
    const options = await anImport(fixture("sound"));
    await importV4(options);
    const first = await readFiles(options.outFolder!);
    await Promise.allSettled([importV4(options), importV4(options)]);
    expect(await readFiles(options.outFolder!)).toEqual(first);
  });

  unlessSkipped("an artifact of V4 and its index", noFaiss, () => {
    it("is the same from the index alone", async () => {
      const [{ artifact, report }, sound] = [await imported("without-npz"), await imported("sound")];
      expect(artifact.vectors).toEqual(sound.artifact.vectors);
      expect(report.notes).toEqual(["the artifact has no embeddings.npz: the vectors of its index are taken"]);
    });

    it("loses the rows of which the index says something else", async () => {
      const { report, artifact } = await imported("other-row");
      expect(damageOf(report)).toEqual({ vector_disagrees: 1 });
      expect(artifact.catalog.items.map(({ id }) => id)).not.toContain("pants-1");
    });

    it("is imported by its arrays where its index is of a kind that V4 searched backwards", async () => {
      const { report } = await imported("inverted-file");
      expect(report.items).toBe(9);
      expect(report.notes[0]).toBe(
        "faiss_index.index was not compared with the vectors: read faiss_index.index: not a flat FAISS index",
      );
    });

    it("is refused where the index has other counts and there are no arrays to say whose they are", async () => {
      expect(await refusal(fixture("lost-batch-without-npz"))).toBe(
        "it has 9 items and 7 vectors (V4's D04), and no embeddings.npz to say which belong together",
      );
    });
  });
});

describe("an import is refused", () => {
  const inNpz = "embeddings.npz cannot be read as arrays of NumPy: its array";
  it.each([
    ["without-vectors", "it has neither embeddings.npz nor faiss_index.index: there are no vectors"],
    ["without-metadata", "it has no metadata.pkl: this is no artifact of V4"],
    ["hostile-pickle", "metadata.pkl names posix.system, which is not allowed"],
    ["objects", `${inNpz} "upperwear_shirt.npy" has Python objects, which only a pickle can hold and are not read`],
    ["doubles", `${inNpz} "upperwear_shirt.npy" has values of type <f8; only <f4 (float32) is read`],
    ["big-endian", `${inNpz} "upperwear_shirt.npy" has values of type >f4; only <f4 (float32) is read`],
    ["fortran", `${inNpz} "upperwear_shirt.npy" lies column by column (Fortran's order), which is not read`],
    [
      "without-colors",
      "9 of 9 items have no color (heels-0, heels-1, heels-2, ...): --images, the folder of V4's pictures, is needed",
    ],
  ])("of %s", async (name, message) => {
    expect(await refusal(fixture(name))).toBe(message);
    expect(existsSync("v4-import-ran-this")).toBe(false);
  });

  it("by an encoder of other vectors, by their length and by what they say of the pictures", async () => {
    const other = join(await aFolder(), "other");
    await writeTinyEncoder(other, { dimension: 16 });
    expect(await refusal(fixture("sound"), { encoderFolder: other })).toMatch(
      /^V4's vectors have 8 values, those of the encoder/,
    );
    await writeTinyEncoder(other, { weightNoise: 2 });
    const imagesFolder = await somePictures();
    expect(await refusal(fixture("sound"), { encoderFolder: other, imagesFolder })).toMatch(
      /^the encoder tiny did not make V4's vectors: .* it must be ViT-B-32 of openai, and --images V4's pictures$/,
    );
  });

  it("of a pickle that is cut short, wherever", async () => {
    const folder = await aV4Folder("sound");
    const bytes = await readFile(join(folder, "metadata.pkl"));
    const options = await anImport(folder, { outFolder: null });
    for (let length = 0; length < bytes.length; length += 8) {
      await writeFile(join(folder, "metadata.pkl"), bytes.subarray(0, length));
      await expect(importV4(options)).rejects.toThrow(/cannot be imported: metadata\.pkl [^\n]+$/);
    }
  });

  it.each([
    ["a list", aPickle("]"), "metadata.pkl holds a list of 0, not a dict of categories"],
    [
      "a category of a text",
      aPickle(dict([text("a"), text("b")])),
      'metadata.pkl has "b" as the category "a", not a list',
    ],
    ["lists a million deep", aPickle("]".repeat(2 ** 20), "a".repeat(2 ** 20 - 1)), /holds a list of 1, not a dict/],
    ["a text of 4 GiB", aPickle("X\xff\xff\xff\xffa"), /asks for 4294967295 bytes where 2 are left/],
    ["eval", aPickle(call("builtins", "eval", text("1"))), "metadata.pkl names builtins.eval, which is not allowed"],
  ] as const)("of a pickle that is %s", async (_name, pickle, message) => {
    expect(await refusal(await aV4Folder("sound", { "metadata.pkl": pickle }))).toMatch(message);
  });

  it.each([
    ["not JSON", "{", "config.json is not JSON"],
    ["a list", "[]", "config.json holds a list of 0, not an object"],
    ["of another width", '{"embed_dim": 512}', "config.json says that vectors have 512 values; they have 8"],
    ["of no width", '{"embed_dim": -1}', "config.json says that vectors have -1 values"],
    ["of a model of two lines", '{"clip_model": "a\\nb"}', 'config.json names the model "a\\nb" of "openai"'],
  ])("of a config that is %s", async (_name, config, message) => {
    expect(await refusal(await aV4Folder("sound", { "config.json": Buffer.from(config) }))).toBe(message);
  });

  it.each([
    [
      "a link",
      { path: "metadata.pkl", type: "SymbolicLink", linkpath: "/etc/passwd" },
      '"metadata.pkl" is a SymbolicLink',
    ],
    ["a path upwards", { path: "../metadata.pkl" }, '"../metadata.pkl" leads out of it'],
    [
      "a huge pickle",
      { path: "./metadata.pkl", size: 2 ** 30 },
      '"./metadata.pkl" has 1073741824 bytes; at most 33554432',
    ],
  ] as const)("of an archive with %s", async (_name, entry, message) => {
    const header = new Header({
      ...{ type: "File", linkpath: "", size: 0, mode: 0o644, mtime: new Date(0) },
      ...entry,
    });
    const block = Buffer.alloc(512);
    header.encode(block, 0);
    const file = join(await aFolder(), "model.tar.gz");
    await writeFile(file, gzipSync(Buffer.concat([block, Buffer.alloc(2048)])));
    expect(await refusal(file)).toContain(`cannot be unpacked: ${message}`);
  });

  it("when it is cancelled, and leaves nothing behind", async () => {
    const cancel = new AbortController();
    const options = await anImport(fixture("sound"), {
      imagesFolder: await somePictures(),
      signal: cancel.signal,
      progress: ({ done }) => done === 2 && cancel.abort(new Error("interrupted")),
    });
    await expect(importV4(options)).rejects.toThrow("interrupted");
    expect(await readdir(dirname(options.outFolder!))).toEqual([]);
  });
});

describe("stygig catalog import-v4", () => {
  it("tells what is wrong and writes nothing with --dry-run", async () => {
    const { exitCode, stdout, stderr } = await runStygig(["catalog", "import-v4", fixture("lost-batch"), "--dry-run"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "" });
    expect(stderr).toContain(
      "damage: items in categories with fewer or more vectors, so that none is anybody's (V4's D04): 3 left out " +
        "(bottomwear_pants: 3 records, 1 vectors)\n",
    );
    expect(stderr).toContain("would import 6 items in 2 categories, 3 left out\n");
  });

  it("writes an artifact and says what its queries need", async () => {
    const { outFolder } = await anImport("");
    const args = ["catalog", "import-v4", fixture("sound"), "--out", outFolder!, "--encoder", encoderFolder];
    const { exitCode, stdout, stderr } = await runStygig(args);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(stderr).toContain(
      "nothing shows that the encoder tiny made V4's vectors; queries must be encoded by what did",
    );
    const { catalog } = await readArtifact(outFolder!);
    expect(stdout).toBe(`${catalog.digest}  ${outFolder}\n`);
  });

  it("asks for what it needs, one line a problem", async () => {
    const { exitCode, stderr } = await runStygig(["catalog", "import-v4", "model.tar.gz", "--index", "x"]);
    expect(exitCode).toBe(2);
    expect(stderr.split("\n").filter(Boolean)).toEqual([
      "stygig: --out is missing: where the artifact goes",
      "stygig: --encoder is missing: the model that made V4's vectors, as converted",
      'stygig: --index must be auto, flat, codes or none, not "x"',
    ]);
  });
});
