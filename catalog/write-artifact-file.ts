import { createHash } from "node:crypto";
import { mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ArtifactFile } from "../src/domain/artifact.js";

type Content = Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

/** Writes one file of an artifact and gives what its manifest shall say of it. */
export async function writeArtifactFile(folder: string, path: string, content: Content): Promise<ArtifactFile> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  const handle = await open(file, "wx");
  try {
    const hash = createHash("sha256");
    let bytes = 0;
    for await (const chunk of content) {
      const data = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      hash.update(data);
      await handle.writeFile(data);
      bytes += data.length;
    }
    return { sha256: hash.digest("hex"), bytes };
  } finally {
    await handle.close();
  }
}
