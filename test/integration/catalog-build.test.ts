import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { seeShard } from "../../catalog/see-shard.js";
import { readArtifact } from "../../src/adapters/artifact-files.js";
import { faissAvailability } from "../../src/adapters/faiss-index.js";
import type * as decoderSource from "../../src/adapters/image-decoder.js";
import { toModelInput } from "../../src/domain/clip-input.js";
import { namedRules } from "../../src/domain/ranking-rules.js";
import { aBuild, anArtifact, aPictureFolder, colorOf, readFiles, writePicture } from "../support/a-catalog-build.js";
import { aFolder } from "../support/a-folder.js";
import { buildCatalog } from "../support/compiled-catalog.js";
import { createOnnxEncoder } from "../support/compiled-encoder.js";
import { writeTinyEncoder } from "../support/tiny-encoder.js";

const compiledDecoder = new URL("../../dist/src/adapters/image-decoder.js", import.meta.url);
const { createImageDecoder } = (await import(compiledDecoder.href)) as typeof decoderSource;

const failureOf = (building: Promise<unknown>) =>
  building.then(
    () => "it was built",
    (error: Error) => error.message,
  );

describe("what a build takes", () => {
  test("each picture in a folder, in order of the ids", async () => {
    const options = await aBuild(await aPictureFolder());
    const report = await buildCatalog(options);
    const { catalog, manifest } = await readArtifact(options.outFolder);
    expect(catalog.items.map(({ row, id, category, path }) => [row, id, category, path])).toEqual([
      [0, "bottomwear/pants/0", "bottomwear_pants", "bottomwear/pants/0.png"],
      [1, "bottomwear/pants/1", "bottomwear_pants", "bottomwear/pants/1.png"],
      [2, "footwear/heels/0", "footwear_heels", "footwear/heels/0.png"],
      [3, "footwear/heels/1", "footwear_heels", "footwear/heels/1.png"],
      [4, "upperwear/shirt/0", "upperwear_shirt", "upperwear/shirt/0.png"],
      [5, "upperwear/shirt/1", "upperwear_shirt", "upperwear/shirt/1.png"],
    ]);
    expect(report).toMatchObject({ items: 6, skipped: [], unmapped: [], warnings: [] });
    expect(report.categories).toEqual({ bottomwear_pants: 2, footwear_heels: 2, upperwear_shirt: 2 });
    expect(report.artifact).toMatchObject({ digest: catalog.digest, encoder: "tiny", index: "none" });
    expect(manifest.counts).toEqual({ items: 6, categories: report.categories, skipped: 0 });
  });

  test("every format and any case of its extension", async () => {
    const images = await aFolder();
    const names = ["a.jpg", "b.JPEG", "c.Png", "d.webp", "e.avif", "f.GIF", "g.tif", "h.tiff"];
    for (const name of names) await writePicture(images, `accessories/hat/${name}`);
    const report = await buildCatalog(await aBuild(images));
    expect(report.skipped).toEqual([]);
    expect(report.items).toBe(names.length);
  });

  test("the very colors and embeddings that serving finds", async () => {
    const images = await aPictureFolder();
    const options = await aBuild(images);
    await buildCatalog(options);
    const { catalog, vectors, manifest } = await readArtifact(options.outFolder);
    const decoder = createImageDecoder({ workers: 1, maxPixels: 1e6 });
    const folder = options.encoderFolder;
    const encoder = await createOnnxEncoder({ folder, providers: ["cpu"], workers: 1, threads: 1 });
    try {
      for (const { row, path, palette, meanColor } of catalog.items) {
        const wants = { preprocess: manifest.preprocess, meanColor: true };
        const decoded = await decoder.decode(await readFile(join(images, path!)), wants);
        const [embedding] = await encoder.encode([toModelInput(decoded.modelView, encoder.manifest.preprocess)]);
        expect(vectors.slice(row * manifest.dimension, (row + 1) * manifest.dimension)).toEqual(embedding);
        expect({ palette, meanColor }).toEqual({ palette: decoded.palette, meanColor: decoded.meanColor });
      }
    } finally {
      await Promise.all([decoder.close(), encoder.close()]);
    }
  });

  test("items of an items file, with what it says of them", async () => {
    const images = await aPictureFolder();
    const itemsFile = join(images, "items.jsonl");
    const lines = [
      {
        id: "sku1",
        path: "upperwear/shirt/0.png",
        title: "Shirt",
        gender: "male",
        price: 10,
        url: "https://a.example",
      },
      { id: "footwear/heels/1", category: "heels", image_url: "/heels.jpg" },
      { id: "gone" },
    ];
    await writeFile(itemsFile, lines.map((line) => JSON.stringify(line)).join("\n"));
    const categoryMap = new Map([["heels", "footwear_heels"]]);
    const options = await aBuild(images, { itemsFile, categoryMap });
    const report = await buildCatalog(options);
    const { catalog } = await readArtifact(options.outFolder);
    const [heels, shirt] = catalog.items;
    expect(heels).toMatchObject({ id: "footwear/heels/1", category: "footwear_heels", imageUrl: "/heels.jpg" });
    expect(shirt).toMatchObject({
      id: "sku1",
      category: "upperwear_shirt",
      title: "Shirt",
      gender: "male",
      price: "10",
    });
    expect(report.skipped.map(({ path, reason }) => `${path}: ${reason}`)).toEqual([
      "bottomwear/pants/0.png: no item line names it",
      "bottomwear/pants/1.png: no item line names it",
      "footwear/heels/0.png: no item line names it",
      "item gone (line 3): no picture gone.*",
      "upperwear/shirt/1.png: no item line names it",
    ]);
  });
});

describe("what a build leaves out", () => {
  test("is listed with its reason, file by file", async () => {
    const images = await aPictureFolder(1);
    const shirt = join(images, "upperwear/shirt");
    const png = await readFile(join(shirt, "0.png"));
    await writePicture(images, "upperwear/shirt/31-wide.png", { width: 31 });
    await writePicture(images, "upperwear/shirt/31-high.jpg", { height: 31 });
    await writePicture(images, "upperwear/shirt/32.png", { width: 32, height: 32 });
    await writePicture(images, "upperwear/shirt/cut.png", png.subarray(0, png.length / 2));
    await writePicture(images, "upperwear/shirt/empty.jpg", new Uint8Array());
    await writePicture(images, "upperwear/shirt/text.jpg", Buffer.from("not a picture ".repeat(200)));
    await writePicture(images, "upperwear/shirt/really-a-png.jpg", png);
    await writePicture(images, "upperwear/shirt/old.bmp", png);
    await writePicture(images, "upperwear/shirt/notes", png);
    await writePicture(images, "upperwear/shirt/.hidden.png", png);
    await writePicture(images, "stray.png", png);
    await symlink(join(shirt, "0.png"), join(shirt, "link.png"));
    await symlink(dirname(shirt), join(images, "linked-folder"));
    const report = await buildCatalog(await aBuild(images));
    expect(report.skipped.map(({ path, reason }) => `${path}: ${reason}`)).toEqual([
      "linked-folder: a link; links are not followed",
      "stray.png: no folder names its category",
      "upperwear/shirt/.hidden.png: hidden",
      "upperwear/shirt/31-high.jpg: 64x31 pixels; 32 are the least",
      "upperwear/shirt/31-wide.png: 31x80 pixels; 32 are the least",
      "upperwear/shirt/cut.png: not a readable picture",
      "upperwear/shirt/empty.jpg: empty",
      "upperwear/shirt/link.png: a link; links are not followed",
      "upperwear/shirt/notes: not a picture: no extension",
      "upperwear/shirt/old.bmp: not a picture format that is read: .bmp",
      "upperwear/shirt/text.jpg: not a readable picture",
    ]);
    expect(report.categories.upperwear_shirt).toBe(3);
  });

  test("is everything: the build fails and says why", async () => {
    const images = await aFolder();
    await writePicture(images, "shirt/1.jpg", Buffer.from("text"));
    const options = await aBuild(images);
    expect(await failureOf(buildCatalog(options))).toBe(
      "there is no picture to build a catalog from\nshirt/1.jpg: not a readable picture",
    );
    expect(await readdir(dirname(options.outFolder))).toEqual(["encoder"]);
    expect(await failureOf(buildCatalog(await aBuild(await aFolder())))).toBe(
      "there is no picture to build a catalog from",
    );
  });

  test("is a picture that the encoder has no embedding for", async () => {
    const images = await aPictureFolder(1);
    await writePicture(images, "upperwear/shirt/black.png", { color: "black", backdrop: "black" });
    const options = await aBuild(images);
    await writeTinyEncoder(options.encoderFolder, { flaw: "nan-on-black" });
    const report = await buildCatalog(options);
    expect(report.skipped).toEqual([
      { path: "upperwear/shirt/black.png", reason: "the encoder gave no embedding: non-finite value" },
    ]);
    expect(report.items).toBe(3);
  });

  test("is nothing when two files have one id: both are named", async () => {
    const images = await aPictureFolder(1);
    await writePicture(images, "upperwear/shirt/0.jpg");
    expect(await failureOf(buildCatalog(await aBuild(images)))).toBe(
      'upperwear/shirt/0.jpg and upperwear/shirt/0.png would have the same id "upperwear/shirt/0"',
    );
  });
});

describe("the same pictures give the same bytes", () => {
  test("on any number of threads", async () => {
    const images = await aPictureFolder(8);
    const first = await aBuild(images, { thumbnails: 40, index: "auto" });
    const second = await aBuild(images, { thumbnails: 40, index: "auto", workers: 3 });
    await buildCatalog(first);
    await buildCatalog(second);
    const [one, other] = [await readFiles(first.outFolder), await readFiles(second.outFolder)];
    expect([...one.keys()]).toEqual([...other.keys()]);
    for (const [path, bytes] of one) expect(bytes.equals(other.get(path)!), path).toBe(true);
  });

  test("and other rules another digest", async () => {
    const images = await aPictureFolder(1);
    const standard = await buildCatalog(await aBuild(images));
    const diverse = await buildCatalog(await aBuild(images, { rules: namedRules.high_diversity! }));
    expect(standard.artifact.digest).not.toBe(diverse.artifact.digest);
  });
});

describe("an artifact", () => {
  test("has upright WebP thumbnails only when they are asked for", async () => {
    const images = await aFolder();
    await writePicture(images, "footwear/heels/wide.png", { width: 200, height: 100 });
    await writePicture(images, "footwear/heels/small.png", { width: 40, height: 50 });
    const turned = await sharp(join(images, "footwear/heels/wide.png"))
      .jpeg()
      .withMetadata({ orientation: 6 })
      .toBuffer();
    await writePicture(images, "footwear/heels/turned.jpg", turned);
    const options = await aBuild(images, { thumbnails: 64 });
    await buildCatalog(options);
    const sizes = await Promise.all(
      [0, 1, 2].map(async (row) => {
        const { width, height, format } = await sharp(join(options.outFolder, `thumbnails/${row}.webp`)).metadata();
        return [format, width, height];
      }),
    );
    expect(sizes).toEqual([
      ["webp", 40, 50],
      ["webp", 32, 64],
      ["webp", 64, 32],
    ]);
    expect((await readArtifact(options.outFolder)).manifest.thumbnails).toBe(64);
    const plain = await anArtifact();
    expect([...(await readFiles(plain.artifact.folder)).keys()].filter((path) => path.includes("thumb"))).toEqual([]);
  });

  test("has a FAISS index where FAISS is available and it is not refused", async () => {
    const { artifact } = await anArtifact({ index: "auto" });
    const expected = faissAvailability().available ? join(artifact.folder, "index.faiss") : null;
    expect((await readArtifact(artifact.folder)).indexPath).toBe(expected);
    expect((await readArtifact((await anArtifact({ index: "none" })).artifact.folder)).indexPath).toBeNull();
  });

  test("carries a calibration fitted on its own items once there are enough", async () => {
    const images = await aFolder();
    for (let i = 0; i < 60; i++) {
      const category = i % 2 === 0 ? "upperwear/shirt" : "bottomwear/pants";
      // Reddish shirts and bluish pants, with a few that are neither.
      const color =
        i % 7 === 0 ? colorOf(i) : i % 2 === 0 ? { r: 180 + i, g: 20 + i, b: 30 } : { r: 20, g: 30 + i, b: 190 };
      await writePicture(images, `${category}/${i}.png`, { color });
    }
    const { artifact } = await buildCatalog(await aBuild(images));
    const { calibration } = await readArtifact(artifact.folder);
    expect(calibration.samples).toBe(60);
    expect(calibration.slope).toBeGreaterThan(0);
    expect((await readArtifact((await anArtifact()).artifact.folder)).calibration.samples).toBe(0);
  });

  test("reports categories that the rules do not know", async () => {
    const images = await aFolder();
    await writePicture(images, "dress/1.png");
    const plain = await buildCatalog(await aBuild(images));
    expect(plain.unmapped).toEqual([{ category: "dress", items: 1, family: "one-piece" }]);
    const mapped = await buildCatalog(await aBuild(images, { categoryMap: new Map([["dress", "one-piece_dress"]]) }));
    expect(mapped.unmapped).toEqual([]);
    expect(mapped.categories).toEqual({ "one-piece_dress": 1 });
  });
});

describe("a build is refused before any work", () => {
  test("when --out holds something else", async () => {
    const images = await aPictureFolder(1);
    const options = await aBuild(images);
    await mkdir(options.outFolder);
    await writeFile(join(options.outFolder, "notes.txt"), "mine");
    expect(await failureOf(buildCatalog(options))).toContain(
      "is neither empty nor an artifact, and will not be replaced",
    );
    expect(await readFile(join(options.outFolder, "notes.txt"), "utf8")).toBe("mine");
  });

  test("when --out is an artifact with a file that is not its own", async () => {
    const options = await aBuild(await aPictureFolder(1));
    await buildCatalog(options);
    await writeFile(join(options.outFolder, "notes.txt"), "mine");
    expect(await failureOf(buildCatalog(options))).toContain("holds notes.txt, which is not part of its artifact");
  });

  test("when pictures and artifact lie one inside the other", async () => {
    const images = await aPictureFolder(1);
    for (const outFolder of [join(images, "out"), images, dirname(images)]) {
      expect(await failureOf(buildCatalog(await aBuild(images, { outFolder })))).toContain("one inside the other");
    }
  });

  test("when what pictures show would be kept among them", async () => {
    const images = await aPictureFolder(1);
    const before = await readdir(images);
    for (const cacheFolder of [images, join(images, "seen")]) {
      expect(await failureOf(buildCatalog(await aBuild(images, { cacheFolder })))).toBe(
        `${cacheFolder} must not lie inside ${images}, among the pictures`,
      );
      const part = { ...(await aBuild(images)), cacheFolder, shard: { index: 1, count: 1 } };
      expect(await failureOf(seeShard(part))).toContain("among the pictures");
    }
    expect(await readdir(images)).toEqual(before);
    // A folder beside them whose name only begins alike is all right.
    await buildCatalog(await aBuild(images, { cacheFolder: `${images}-seen` }));
  });

  test("when the items file has no items", async () => {
    const images = await aPictureFolder(1);
    const folder = await aFolder();
    for (const [name, text] of [
      ["empty.jsonl", ""],
      ["blank.jsonl", "\n\n"],
      ["header.csv", "id,category\n"],
    ] as const) {
      const itemsFile = join(folder, name);
      await writeFile(itemsFile, text);
      expect(await failureOf(buildCatalog(await aBuild(images, { itemsFile })))).toBe(`${itemsFile} has no items`);
    }
  });

  test("when the encoder's folder is not one", async () => {
    const options = await aBuild(await aPictureFolder(1));
    expect(await failureOf(buildCatalog({ ...options, encoderFolder: "/nowhere" }))).toBe(
      "/nowhere/encoder.json does not exist",
    );
  });
});
