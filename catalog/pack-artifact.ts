import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { create } from "tar";
import { readArtifact } from "../src/adapters/artifact-files.js";
import { withHeld } from "../src/adapters/generation-hold.js";
import { toArtifactPath } from "./replace-artifact.js";

/** A packed artifact; `artifactDigest` is the sha-256 of the manifest inside. */
export type PackedArtifact = Readonly<{ file: string; bytes: number; sha256: string; artifactDigest: string }>;

/** Any fixed time will do; some tools complain about 1970. */
const fixedTime = new Date("1980-01-01T00:00:00Z");
const plainFileMode = 0o100644;

/**
 * Verifies an artifact and packs it as SageMaker wants a model: its files at the root of a tar.gz, and nothing but
 * them. The same artifact gives the same bytes. The file appears only when it is complete. Of a store it is the current
 * generation.
 * @throws Error with one line for the operator.
 */
export async function packArtifact(folder: string, outFile: string): Promise<PackedArtifact> {
  return withHeld(await toArtifactPath(folder), (held) => packFolder(held, outFile));
}

async function packFolder(folder: string, outFile: string): Promise<PackedArtifact> {
  const { manifest, catalog } = await readArtifact(folder);
  const place = resolve(outFile);
  if (place.startsWith(join(resolve(folder), "/"))) throw new Error(`${outFile} must not lie inside ${folder}`);
  const paths = [...Object.keys(manifest.files), "manifest.json"].sort();
  const unfinished = join(dirname(place), `.${basename(place)}.packing-${process.pid}`);
  try {
    await mkdir(dirname(place), { recursive: true });
    const options = { cwd: folder, file: unfinished, gzip: true, portable: true, mtime: fixedTime, strict: true };
    await create(
      {
        ...options,
        noDirRecurse: true,
        // `portable` leaves out owner and times, but takes the permissions as they happen to be.
        onWriteEntry: (entry) => {
          if (entry.stat) entry.stat.mode = plainFileMode;
        },
      },
      paths,
    );
    const { bytes, sha256 } = await describe(unfinished);
    await rename(unfinished, place);
    return { file: outFile, bytes, sha256, artifactDigest: catalog.digest };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === undefined ? error : new Error(`${outFile} cannot be written (${code})`, { cause: error });
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function describe(file: string): Promise<Readonly<{ bytes: number; sha256: string }>> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of createReadStream(file)) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest("hex") };
}
