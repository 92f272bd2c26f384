import { createHash } from "node:crypto";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import type { ArtifactFile } from "../src/domain/artifact.js";

/** A file of an artifact that is written as its content comes to be known. */
export type GrowingFile = Readonly<{
  file: string;
  /** One call after the other. */
  append: (data: Uint8Array) => Promise<void>;
  /** What the manifest shall say of what has been appended so far. */
  describe: () => ArtifactFile;
}>;

/** Opened anew for each piece: whoever stops half-way has nothing to close. The file must not be there yet. */
export function createGrowingFile(folder: string, path: string): GrowingFile {
  const file = join(folder, path);
  const hash = createHash("sha256");
  let bytes = 0;
  return {
    file,
    append: async (data) => {
      await appendFile(file, data, { flag: bytes === 0 ? "ax" : "a" });
      hash.update(data);
      bytes += data.length;
    },
    describe: () => ({ sha256: hash.copy().digest("hex"), bytes }),
  };
}
