import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { extract } from "tar";
import { expect, test } from "vitest";
import { type ImportOptions, importV4 } from "../../catalog/import-v4.js";
import { standardRules } from "../../src/domain/ranking-rules.js";
import { aFolder } from "../support/a-folder.js";

const sound = fileURLToPath(new URL("../golden/data/v4-artifacts/sound.tar.gz", import.meta.url));

const damage = fc.record({
  file: fc.constantFrom("metadata.pkl", "embeddings.npz", "faiss_index.index", "config.json"),
  /** Places, as fractions of the file, and the bytes that come there. */
  bytes: fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 255 })), {
    minLength: 1,
    maxLength: 8,
  }),
});

test("whatever bytes of V4's files are others, they are read or refused in one line", async () => {
  const folder = await aFolder();
  await extract({ file: sound, cwd: folder });
  const options: ImportOptions = {
    ...{ artifactFile: folder, outFolder: null, imagesFolder: null, encoderFolder: null, categoryMap: new Map() },
    ...{ rules: standardRules, index: "none", workers: 1, signal: new AbortController().signal },
  };
  await fc.assert(
    fc.asyncProperty(damage, async ({ file, bytes }) => {
      const path = join(folder, file);
      const before = await readFile(path);
      const changed = Buffer.from(before);
      for (const [place, byte] of bytes) changed[Math.floor(place * (changed.length - 1))] = byte;
      await writeFile(path, changed);
      const outcome = await importV4(options).catch((error: Error) => error);
      await writeFile(path, before);
      if (outcome instanceof Error) expect(outcome.message).toMatch(/cannot be imported: [^\n]+$/);
      else expect(outcome.items).toBeLessThanOrEqual(outcome.records);
    }),
    { numRuns: 500 },
  );
});
