import { readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { createCatalogRows } from "../../catalog/catalog-rows.js";
import { readVectorBlocks, readVectorRows } from "../../catalog/vector-file.js";
import { writeArtifact } from "../../catalog/write-artifact.js";
import { checkArtifact } from "../../src/adapters/artifact-check.js";
import { readArtifact } from "../../src/adapters/artifact-files.js";
import { readEncoderFiles } from "../../src/adapters/encoder-files.js";
import type { CatalogItem } from "../../src/domain/catalog.js";
import { toItemRecord } from "../../src/domain/catalog-record.js";
import { toEmbedding } from "../../src/domain/embedding.js";
import { standardRules } from "../../src/domain/ranking-rules.js";
import { uncalibrated } from "../../src/domain/vote-confidence.js";
import { aFolder } from "../support/a-folder.js";
import { anItem } from "../support/an-artifact.js";
import { changeVouchedFile, copyArtifact } from "../support/artifact-changes.js";
import { writeTinyEncoder } from "../support/tiny-encoder.js";

const dimension = 64;
// Two megabytes of items and of vectors: both are read in pieces that lines and rows go across.
const count = 7000;
const itemOf = (row: number): CatalogItem =>
  anItem({ row, id: `item-${String(row).padStart(5, "0")}`, category: ["shirt", "bag", null][row % 3]! });
const vectorOf = (row: number) =>
  toEmbedding(Float32Array.from({ length: dimension }, (_, at) => Math.sin((row + 1) * (at + 1))));

let folder: string;
beforeAll(async () => {
  folder = await aFolder();
  const encoderFolder = join(await aFolder(), "encoder");
  await writeTinyEncoder(encoderFolder, { dimension });
  const encoder = await readEncoderFiles(encoderFolder);
  const rows = createCatalogRows(folder, dimension);
  for (let row = 0; row < count; row++) expect(await rows.add(itemOf(row), vectorOf(row))).toBe(row);
  expect(rows.count()).toBe(count);
  await writeArtifact(folder, {
    ...{ rows: await rows.finish(), encoder, model: encoder.models[0], rules: standardRules },
    ...{ calibrate: async () => uncalibrated, index: "none", skipped: 0, thumbnails: null },
  });
});

describe("rows that are written as they come", () => {
  test("are all there, in their order", async () => {
    const { catalog, vectors, manifest } = await readArtifact(folder);
    expect(manifest.counts.categories).toEqual({ bag: 2333, shirt: 2334 });
    expect([...catalog.items].map(toItemRecord)).toEqual(
      Array.from({ length: count }, (_, row) => toItemRecord(itemOf(row))),
    );
    for (const row of [0, 255, 256, 4096, count - 1]) {
      expect(vectors.subarray(row * dimension, (row + 1) * dimension)).toEqual(vectorOf(row));
    }
  });

  test("may have very much to say", async () => {
    const place = await aFolder();
    const rows = createCatalogRows(place, dimension);
    const long = (row: number) => anItem({ ...itemOf(row), title: "é".repeat(row % 3 === 0 ? 400_000 : 9_000) });
    for (let row = 0; row < 40; row++) await rows.add(long(row), vectorOf(row));
    const { files } = await rows.finish();
    const text = await readFile(join(place, "items.jsonl"), "utf8");
    expect(text).toBe(Array.from({ length: 40 }, (_, row) => `${JSON.stringify(toItemRecord(long(row)))}\n`).join(""));
    expect(files["items.jsonl"]!.bytes).toBe(Buffer.byteLength(text));
    expect(files["embeddings.f32"]!.bytes).toBe(40 * dimension * 4);
  });

  test("are of one dimension, and go into a folder without rows", async () => {
    const rows = createCatalogRows(await aFolder(), dimension);
    const short = toEmbedding(Float32Array.of(1, 0));
    await expect(rows.add(itemOf(0), short)).rejects.toThrow("row 0 takes 64 values, not 2");
    const again = createCatalogRows(folder, dimension);
    await again.add(itemOf(0), vectorOf(0));
    await expect(again.finish()).rejects.toThrow("EEXIST");
    expect((await checkArtifact(folder)).manifest.counts.items).toBe(count);
  });
});

describe("a file of vectors", () => {
  const whole = () => ({ file: join(folder, "embeddings.f32"), rows: count, dimension });

  test.each([1, 999, count, 2 * count])("is read %i rows at a time, each once", async (rowsAtOnce) => {
    const seen: number[] = [];
    for await (const { first, vectors } of readVectorBlocks(whole(), rowsAtOnce)) {
      expect(first).toBe(seen.length);
      for (let at = 0; at < vectors.length; at += dimension) seen.push(vectors[at]!);
    }
    expect(seen).toEqual(Array.from({ length: count }, (_, row) => vectorOf(row)[0]));
  });

  test("gives single rows in the order asked for", async () => {
    const vectors = await readVectorRows(whole(), [count - 1, 3]);
    expect(vectors).toEqual(Float32Array.of(...vectorOf(count - 1), ...vectorOf(3)));
  });

  test("that ends too early is told from one that is whole", async () => {
    const copy = await copyArtifact(folder);
    await truncate(join(copy, "embeddings.f32"), 1000);
    const short = { ...whole(), file: join(copy, "embeddings.f32") };
    await expect(readVectorRows(short, [count - 1])).rejects.toThrow("embeddings.f32 became shorter while it was read");
  });
});

describe("what was built, read back in pieces", () => {
  const spoil = async (path: string, change: (bytes: Buffer) => Buffer | string) => {
    const copy = await copyArtifact(folder);
    await changeVouchedFile(copy, path, change);
    return copy;
  };

  test("is refused for one line of thousands", async () => {
    const lines = (await readFile(join(folder, "items.jsonl"), "utf8")).trimEnd().split("\n");
    const refused = (changed: readonly string[]) => spoil("items.jsonl", () => `${changed.join("\n")}\n`);
    const moved = await refused([...lines.slice(0, 5000), lines[5001]!, lines[5000]!, ...lines.slice(5002)]);
    await expect(checkArtifact(moved)).rejects.toThrow("items.jsonl line 5002: its id does not come after");
    const broken = await refused(lines.with(6543, "{}"));
    await expect(checkArtifact(broken)).rejects.toThrow("items.jsonl line 6544: ");
    await expect(checkArtifact(await refused(lines.slice(1)))).rejects.toThrow(
      "has 6999 lines, but the manifest counts 7000",
    );
    await expect(checkArtifact(await refused([...lines, lines[0]!]))).rejects.toThrow(
      "line 7001: the manifest counts 7000",
    );
  });

  test("is refused for one value of a hundred thousand", async () => {
    for (const value of [7, Number.NaN]) {
      const bad = await spoil("embeddings.f32", (bytes) => {
        bytes.writeFloatLE(value, 6789 * dimension * 4);
        return bytes;
      });
      await expect(checkArtifact(bad)).rejects.toThrow("embeddings.f32 row 6789 has length");
    }
  });

  test("is not taken for what it was when a byte is another", async () => {
    const copy = await copyArtifact(folder);
    const bytes = await readFile(join(copy, "items.jsonl"));
    bytes[bytes.length - 4]! ^= 1;
    await writeFile(join(copy, "items.jsonl"), bytes);
    await expect(checkArtifact(copy)).rejects.toThrow(/items\.jsonl has sha-256 .*, but the manifest says/);
  });
});
