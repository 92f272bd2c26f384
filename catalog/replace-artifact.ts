import { readArtifactManifest } from "../src/adapters/artifact-files.js";
import { listFiles, replaceFolder } from "../src/adapters/replace-folder.js";

/**
 * Fills a new artifact and puts it in the place of an old one only when `fill` has succeeded.
 * @throws Error with one line when the target may not be replaced; whatever `fill` throws.
 */
export function replaceArtifact<T>(target: string, fill: (folder: string) => Promise<T>): Promise<T> {
  return replaceFolder(target, requireReplaceable, fill);
}

/**
 * Only what is absent, empty or an artifact with nothing beside it may be replaced: a mistyped target must not cost
 * anybody their files. @throws Error with one line.
 */
export async function requireReplaceable(target: string): Promise<void> {
  const names = await listFiles(target);
  if (names.length === 0) return;
  const { manifest } = await readArtifactManifest(target).catch((error: Error) => {
    throw new Error(`${target} is neither empty nor an artifact, and will not be replaced (${error.message})`);
  });
  const foreign = names.find((name) => name !== "manifest.json" && !Object.hasOwn(manifest.files, name));
  if (foreign !== undefined) {
    throw new Error(`${target} holds ${foreign}, which is not part of its artifact, and will not be replaced`);
  }
}
