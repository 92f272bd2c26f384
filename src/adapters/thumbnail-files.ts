import { type ArtifactManifest, toThumbnailPath } from "../domain/artifact.js";
import type { ReadThumbnail } from "../domain/thumbnail.js";
import { readVerifiedFile } from "./verified-file.js";

/** The thumbnails in an artifact's folder, each verified as it is read; null where the artifact has none. */
export function createThumbnailReader(folder: string, { thumbnails, files }: ArtifactManifest): ReadThumbnail | null {
  if (thumbnails === null) return null;
  return async (row) => {
    const path = toThumbnailPath(row);
    const promised = files[path];
    if (promised === undefined) return null;
    try {
      return { bytes: await readVerifiedFile(folder, path, promised), digest: promised.sha256 };
    } catch {
      // Another artifact may have been put into the folder; a reload will serve its pictures.
      return null;
    }
  };
}
