import { createHash } from "node:crypto";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ArtifactManifest } from "../../src/domain/artifact.js";
import { aFolder } from "./a-folder.js";

/** A copy of an artifact that a test may spoil. */
export async function copyArtifact(folder: string): Promise<string> {
  const copy = join(await aFolder(), "artifact");
  await cp(folder, copy, { recursive: true });
  return copy;
}

/** Changes the manifest, whatever it says afterwards. */
export async function changeManifest(
  folder: string,
  change: (manifest: ArtifactManifest) => Readonly<Record<string, unknown>>,
): Promise<void> {
  const file = join(folder, "manifest.json");
  const manifest: ArtifactManifest = JSON.parse(await readFile(file, "utf8"));
  await writeFile(file, JSON.stringify({ ...manifest, ...change(manifest) }));
}

/** Changes a file and has the manifest vouch for it, so that only what it says can be wrong. */
export async function changeVouchedFile(
  folder: string,
  path: string,
  change: (bytes: Buffer) => Buffer | string,
): Promise<void> {
  const file = join(folder, path);
  const bytes = Buffer.from(change(await readFile(file)));
  await writeFile(file, bytes);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  await changeManifest(folder, ({ files }) => ({ files: { ...files, [path]: { sha256, bytes: bytes.length } } }));
}
