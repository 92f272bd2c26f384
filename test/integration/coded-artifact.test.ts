import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCatalogRows } from "../../catalog/catalog-rows.js";
import { writeArtifact } from "../../catalog/write-artifact.js";
import { readArtifact } from "../../src/adapters/artifact-files.js";
import { openCodesFile } from "../../src/adapters/codes-file.js";
import { readEncoderFiles } from "../../src/adapters/encoder-files.js";
import { faissAvailability } from "../../src/adapters/faiss-index.js";
import type { IndexKind } from "../../src/domain/artifact.js";
import { toSwatch } from "../../src/domain/color.js";
import { type Embedding, toEmbedding } from "../../src/domain/embedding.js";
import type { Query } from "../../src/domain/query.js";
import { standardRules } from "../../src/domain/ranking-rules.js";
import { uncalibrated } from "../../src/domain/vote-confidence.js";
import type { OpenPipeline } from "../../src/open-pipeline.js";
import type { Recommendation } from "../../src/pipeline.js";
import { aFolder } from "../support/a-folder.js";
import { anItem } from "../support/an-artifact.js";
import { createClusteredCatalog, drawQueries } from "../support/clustered-catalog.js";
import { openPipeline, pipelineOptions } from "../support/compiled-pipeline.js";
import { aQuery } from "../support/pipeline-builders.js";
import { unlessSkipped } from "../support/skip-by-name.js";
import { writeTinyEncoder } from "../support/tiny-encoder.js";

const dimension = 64;
const count = 3000;
const seed = 5;
const queries = drawQueries(createClusteredCatalog(dimension, seed, 1), 60);
const faiss = faissAvailability();
const never = new AbortController().signal;
const toId = (row: number) => `item-${String(row).padStart(5, "0")}`;

async function makeArtifact(index: IndexKind): Promise<string> {
  const folder = join(await aFolder(), "artifact");
  await mkdir(folder);
  const encoderFolder = await aFolder();
  await writeTinyEncoder(encoderFolder, { dimension });
  const encoder = await readEncoderFiles(encoderFolder);
  const catalog = createClusteredCatalog(dimension, seed, 0);
  const garments = catalog.draw(count);
  const vectors = catalog.embed(garments);
  const rows = createCatalogRows(folder, dimension);
  for (const [row, { category, gender, rgb }] of garments.entries()) {
    const vector = toEmbedding(vectors.slice(row * dimension, (row + 1) * dimension));
    await rows.add(
      anItem({ id: toId(row), category, gender, palette: [toSwatch(rgb, 1)], title: `Piece ${row}` }),
      vector,
    );
  }
  await writeArtifact(folder, {
    ...{ rows: await rows.finish(), encoder, model: encoder.models[0], index },
    ...{ rules: standardRules, calibrate: async () => uncalibrated, skipped: 0, thumbnails: null },
  });
  return folder;
}

function ask(pipeline: OpenPipeline, changes: Partial<Query>): Promise<Recommendation> {
  return pipeline.recommend(aQuery(changes), never);
}

/** What a caller is told, without the digits that a similarity of fewer bits does not have. */
function told({ ranking, similar, gender, totalCandidates }: Recommendation) {
  const suggestions = ranking?.suggestions.map(({ candidate, harmony, boosted, rank }) => [
    ...[rank, candidate.id, candidate.row, candidate.gender, harmony.harmony, boosted],
  ]);
  const voters = ranking?.vote.voters.map(({ candidate }) => candidate.id);
  const nearest = similar.map(({ item }) => [item.row, item.title, item.palette[0].rgb]);
  return { suggestions, voters, category: ranking?.queryCategory, nearest, gender, totalCandidates };
}

function similaritiesOf({ ranking, similar }: Recommendation): readonly number[] {
  return [...(ranking?.suggestions ?? []), ...similar].map(({ similarity }) => similarity);
}

/** A similarity from codes has 17 bits of its row's largest value. */
function expectAlike(some: readonly number[], others: readonly number[]): void {
  expect(some.length).toBe(others.length);
  for (const [at, value] of some.entries()) expect(Math.abs(value - others[at]!)).toBeLessThan(2e-4);
}

unlessSkipped("an artifact with an index of codes", faiss.available ? null : faiss.reason, () => {
  let folder: string;
  let coded: OpenPipeline;
  let flat: OpenPipeline;
  beforeAll(async () => {
    folder = await makeArtifact("codes");
    // As the image has it.
    coded = await openPipeline({ ...pipelineOptions, index: "faiss", artifactFolder: folder });
    flat = await openPipeline({ ...pipelineOptions, artifactFolder: await makeArtifact("faiss") });
  });
  afterAll(async () => {
    await coded.close();
    await flat.close();
  });

  it("says what it is searched by", () => {
    expect([coded.facts.index, flat.facts.index]).toEqual(["codes", "faiss"]);
    expect([coded.facts.items, coded.categories]).toEqual([count, flat.categories]);
  });

  it("has in its manifest how far its answers agree with those by whole vectors", async () => {
    const { index, indexAgreement } = (await readArtifact(folder)).manifest;
    expect(index).toBe("codes");
    expect(indexAgreement).toMatchObject({ queries: 100, sameCategory: 1 });
    expect(Math.min(...Object.values(indexAgreement!))).toBeGreaterThanOrEqual(0.97);
  });

  it("answers as the same catalog does by whole vectors, but where two pieces are all but equal", async () => {
    let same = 0;
    const asked = queries.flatMap(({ query, embedding }) => {
      const source = { kind: "embedding", embedding: embedding as Embedding, color: query.color.rgb } as const;
      const gender = query.gender === "unknown" ? null : query.gender;
      return [{ source }, { source, gender }, { source, gender, itemsPerCategory: 3, topK: 10 }];
    });
    for (const changes of asked) {
      const [byCodes, byVectors] = [await ask(coded, changes), await ask(flat, changes)];
      if (isDeepStrictEqual(told(byCodes), told(byVectors))) same += 1;
      expectAlike(similaritiesOf(byCodes), similaritiesOf(byVectors));
    }
    expect(same / asked.length).toBeGreaterThanOrEqual(0.99);
  });

  it("finds the same nearest items, of one category or of all", async () => {
    for (const [at, { query, embedding }] of queries.entries()) {
      const source = { kind: "embedding", embedding: embedding as Embedding, color: null } as const;
      const category = at % 2 === 0 ? null : "footwear_boots";
      const changes = { source, mode: "similar", category, gender: query.gender, topK: 20 } as const;
      const [byCodes, byVectors] = [await ask(coded, changes), await ask(flat, changes)];
      expectAlike(similaritiesOf(byCodes), similaritiesOf(byVectors));
      const rows = (answer: Recommendation) => answer.similar.map(({ item }) => item.row).sort();
      expect(rows(byCodes)).toEqual(rows(byVectors));
    }
  });

  it("answers about its own items, without them and without what is excluded", async () => {
    for (const row of [0, 1, 1500, count - 1]) {
      const changes = { source: { kind: "item", id: toId(row) }, excludeIds: [toId(row + 1), "nothing"] } as const;
      const answer = await ask(coded, changes);
      expect(told(answer)).toEqual(told(await ask(flat, changes)));
      const named = answer.ranking!.suggestions.map(({ candidate }) => candidate.row);
      expect(named).not.toContain(row);
    }
  });

  it("warms up, and refuses v4, which looks at every item", async () => {
    await coded.warmUp();
    await expect(ask(coded, { profile: "v4", source: { kind: "item", id: toId(1) } })).rejects.toMatchObject({
      code: "option_invalid",
      details: { option: "profile" },
    });
  });

  it.each([
    ["flat", "faiss"],
    ["exact", "exact"],
  ] as const)("is answered by whole vectors where INDEX=%s, v4 too", async (index, kind) => {
    const pipeline = await openPipeline({ ...pipelineOptions, index, artifactFolder: folder });
    try {
      expect(pipeline.facts.index).toBe(kind);
      const changes = { profile: "v4", source: { kind: "item", id: toId(1) } } as const;
      expect(told(await ask(pipeline, changes))).toEqual(told(await ask(flat, changes)));
    } finally {
      await pipeline.close();
    }
  });

  it("has its items by row and by id, read when they are asked for", async () => {
    const { items, rowOf } = coded.catalog;
    const expected = (await readArtifact(folder)).catalog.items;
    expect([...items]).toEqual(expected);
    expect([items.length, items.at(count), items.at(-1), rowOf("nothing")]).toEqual([
      ...[count, undefined, undefined, undefined],
    ]);
    expect(items.at(rowOf(toId(77))!)).toEqual(expected[77]);
  });

  it("is written with the same bytes each time", async () => {
    const other = await makeArtifact("codes");
    expect(await readFile(join(other, "index.codes"))).toEqual(await readFile(join(folder, "index.codes")));
  });

  it("is not opened when a byte of it is another", async () => {
    const broken = await makeArtifact("codes");
    const bytes = await readFile(join(broken, "index.codes"));
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(join(broken, "index.codes"), bytes);
    await expect(openPipeline({ ...pipelineOptions, artifactFolder: broken })).rejects.toThrow(
      /index\.codes has sha-256/,
    );
    // Nor where the codes would not be used.
    await expect(openPipeline({ ...pipelineOptions, index: "exact", artifactFolder: broken })).rejects.toThrow(
      /index\.codes has sha-256/,
    );
  });

  describe("whose file", () => {
    const shape = { rows: count, dimension };
    const open = (bytes: Buffer) => openCodesFile("index.codes", Uint8Array.from(bytes), shape);
    let good: Buffer;
    beforeAll(async () => {
      good = await readFile(join(folder, "index.codes"));
    });

    it("is what it should be is taken", () => {
      expect(open(good).placeOfRow.length).toBe(count);
    });

    it.each([
      ["is shorter", (bytes: Buffer) => bytes.subarray(0, -1), "bytes"],
      ["is longer", (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(64)]), "bytes"],
      ["has another name", (bytes: Buffer) => bytes.fill("x", 0, 1), "not this catalog's index"],
      ["has other rows", (bytes: Buffer) => bytes.fill(1, 16, 17), "not this catalog's index"],
      ["has another dimension", (bytes: Buffer) => bytes.fill(1, 20, 21), "not this catalog's index"],
      ["names a row twice", (bytes: Buffer) => bytes.copyWithin(64, 68, 72), "place 1 has row"],
      ["names a row that is not there", (bytes: Buffer) => bytes.fill(0xff, 64, 68), "place 0 has row -1"],
      ["has a scale that is none", (bytes: Buffer) => bytes.fill(0xff, 64 + 12032, 64 + 12036), "scale NaN"],
    ] as const)("%s is refused", (_, change, message) => {
      expect(() => open(change(Buffer.from(good)))).toThrow(message);
    });
  });
});
