import { createHash } from "node:crypto";
import { copyFile, link, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readArtifactManifest } from "../adapters/artifact-words.js";
import { type EncoderFiles, readEncoderFiles } from "../adapters/encoder-files.js";
import { type ArtifactFile, type ArtifactManifest, artifactPaths } from "../domain/artifact.js";
import { toModelName } from "../domain/encoder-model.js";

/**
 * Hands `use` an artifact that is this one with another encoder, and removes it again. The vectors stay, so the encoder
 * must have the model that made them. @throws Error in one line when it does not; whatever `use` throws
 */
export async function withEncoder<T>(
  artifact: string,
  encoderFolder: string,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const { manifest, encoder, encodedBy } = await readReplacement(artifact, encoderFolder);
  const folder = await mkdtemp(join(tmpdir(), "stygig-eval-"));
  try {
    const kept = Object.entries(manifest.files).filter(([path]) => !path.startsWith("encoder/"));
    for (const [path] of kept) await place(join(artifact, path), join(folder, path));
    const brought = await bringEncoder(folder, encoder);
    const changed: ArtifactManifest = {
      ...manifest,
      files: { ...Object.fromEntries(kept), ...brought },
      preprocess: encoder.manifest.preprocess,
      encoderDigest: encoder.digest,
      encoderName: encoder.manifest.name,
      encodedBy,
    };
    await writeFile(join(folder, "manifest.json"), JSON.stringify(changed));
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Both, and the encoder's model that made the vectors. @throws Error in one line when there is none */
export async function readReplacement(artifact: string, encoderFolder: string) {
  const { manifest } = await readArtifactManifest(artifact);
  const encoder = await readEncoderFiles(encoderFolder);
  return { manifest, encoder, encodedBy: findVectorsModel(manifest, encoder) };
}

function findVectorsModel({ encodedBy }: ArtifactManifest, { folder, models }: EncoderFiles) {
  const found = models.find(({ digest }) => digest === encodedBy.digest);
  if (found !== undefined) return { model: toModelName(found.model), digest: found.digest };
  const way = `build an artifact with it (catalog build --encoder ${folder}) and compare that`;
  throw new Error(`--compare: ${folder} has not the model that made the catalog's vectors: ${way}`);
}

async function bringEncoder(
  folder: string,
  { folder: from, models }: EncoderFiles,
): Promise<Readonly<Record<string, ArtifactFile>>> {
  const text = await readFile(join(from, "encoder.json"));
  await mkdir(join(folder, "encoder"));
  await writeFile(join(folder, artifactPaths.encoder), text);
  const sha256 = createHash("sha256").update(text).digest("hex");
  const files: Record<string, ArtifactFile> = { [artifactPaths.encoder]: { sha256, bytes: text.length } };
  for (const { model, file, bytes } of models) {
    await place(file, join(folder, "encoder", model.file));
    files[`encoder/${model.file}`] = { sha256: model.sha256, bytes };
  }
  return files;
}

/** The same file under another name, where that is possible: vectors take gigabytes. */
async function place(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await link(from, to).catch(() => copyFile(from, to));
}
