import { readArtifact } from "../src/adapters/artifact-files.js";
import { withHeld } from "../src/adapters/generation-hold.js";
import { listFiles } from "../src/adapters/replace-folder.js";
import type { ArtifactManifest } from "../src/domain/artifact.js";
import type { RankingRules } from "../src/domain/ranking-rules.js";
import type { VoteCalibration } from "../src/domain/vote-confidence.js";
import { findUnmapped, type UnmappedCategory } from "./category-map.js";
import { toArtifactPath } from "./replace-artifact.js";
import { withUnpacked } from "./unpack-artifact.js";

/** What is in a verified artifact. */
export type Inspection = Readonly<{
  manifest: ArtifactManifest;
  /** sha-256 of the manifest, which names the artifact. */
  digest: string;
  rules: RankingRules;
  calibration: VoteCalibration;
  unmapped: readonly UnmappedCategory[];
  /** Sum of the files the manifest vouches for. */
  bytes: number;
  /** Files beside them, which nothing reads. */
  unlisted: readonly string[];
}>;

/**
 * Verifies a folder or a tar.gz as the server would, and tells what is in it; of a store the current generation.
 * @throws Error with one line.
 */
export async function inspectArtifact(folderOrFile: string): Promise<Inspection> {
  return withHeld(await toArtifactPath(folderOrFile), (place) => withUnpacked(place, inspectFolder));
}

async function inspectFolder(folder: string): Promise<Inspection> {
  const { manifest, catalog, rules, calibration } = await readArtifact(folder);
  const names = await listFiles(folder);
  return {
    manifest,
    digest: catalog.digest,
    rules,
    calibration,
    unmapped: findUnmapped(manifest.counts.categories),
    bytes: Object.values(manifest.files).reduce((sum, file) => sum + file.bytes, 0),
    unlisted: names.filter((name) => name !== "manifest.json" && !Object.hasOwn(manifest.files, name)).sort(),
  };
}
