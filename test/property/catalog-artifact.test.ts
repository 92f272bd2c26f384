import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createCatalogRows } from "../../catalog/catalog-rows.js";
import { writeArtifact } from "../../catalog/write-artifact.js";
import { checkArtifact } from "../../src/adapters/artifact-check.js";
import { readArtifact } from "../../src/adapters/artifact-files.js";
import { readEncoderFiles } from "../../src/adapters/encoder-files.js";
import { type Swatch, toSwatch } from "../../src/domain/color.js";
import { toEmbedding } from "../../src/domain/embedding.js";
import { namedRules } from "../../src/domain/ranking-rules.js";
import { aFolder } from "../support/a-folder.js";
import { anItem } from "../support/an-artifact.js";
import { writeTinyEncoder } from "../support/tiny-encoder.js";

const dimension = 8;
const texts = fc
  .string({ minLength: 1, maxLength: 20, unit: "grapheme" })
  .filter((text) => [...text].length <= 32 && !/[\p{Cc}\p{Cs}]/u.test(text));
const channel = fc.integer({ min: 0, max: 255 });

const rows = fc.uniqueArray(
  fc.record({
    id: texts,
    category: fc.option(texts, { nil: null }),
    gender: fc.option(texts, { nil: null }),
    title: fc.option(texts, { nil: null }),
    meanColor: fc.tuple(channel, channel, channel),
    palette: fc.tuple(channel, channel, channel).map((rgb) => [toSwatch(rgb, 1)] as [Swatch]),
    embedding: fc
      .array(fc.integer({ min: -100, max: 100 }), { minLength: dimension, maxLength: dimension })
      .filter((values) => values.some((value) => value !== 0))
      .map((values) => toEmbedding(Float32Array.from(values))),
  }),
  { selector: ({ id }) => id, minLength: 1, maxLength: 12 },
);

test("the artifact that was written is the artifact that is read", async () => {
  const folder = await aFolder();
  await writeTinyEncoder(join(folder, "encoder"), { dimension });
  const encoder = await readEncoderFiles(join(folder, "encoder"));
  const choices = fc.record({
    rows,
    rules: fc.constantFrom(...Object.values(namedRules)),
    calibration: fc.record({ intercept: fc.integer(), slope: fc.integer({ min: 1, max: 9 }), samples: fc.nat(2000) }),
    skipped: fc.nat(100),
  });
  await fc.assert(
    fc.asyncProperty(choices, async ({ rows: drawn, rules, calibration: { intercept, ...line }, skipped }) => {
      const rows = drawn.sort((one, other) => (one.id < other.id ? -1 : 1));
      const items = rows.map(({ embedding: _, ...item }, row) => anItem({ ...item, row }));
      const vectors = Float32Array.from(rows.flatMap(({ embedding }) => [...embedding]));
      const calibration = { intercept: intercept % 1000 || 0, ...line };
      const place = join(folder, randomUUID());
      await mkdir(place);
      const growing = createCatalogRows(place, dimension);
      for (const { embedding, ...item } of rows) await growing.add(anItem(item), embedding);
      const made = { encoder, model: encoder.models[0], rules, calibrate: async () => calibration } as const;
      const parts = { rows: await growing.finish(), ...made, index: "none", skipped, thumbnails: null } as const;
      const { manifest, digest } = await writeArtifact(place, parts);
      const artifact = await readArtifact(place);
      expect(artifact.manifest).toEqual(manifest);
      expect([...artifact.catalog.items]).toEqual(items);
      expect([artifact.catalog.digest, await checkArtifact(place)]).toEqual([digest, { manifest, digest }]);
      expect(artifact.vectors).toEqual(vectors);
      expect({ rules: artifact.rules, calibration: artifact.calibration }).toEqual({ rules, calibration });
      await rm(place, { recursive: true });
    }),
    { numRuns: 200 },
  );
});
