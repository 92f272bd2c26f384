import { createHash } from "node:crypto";
import { copyFile, link, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readArtifactManifest } from "../adapters/artifact-words.js";
import { type EncoderFiles, readEncoderFiles } from "../adapters/encoder-files.js";
import { type ArtifactFile, type ArtifactManifest, artifactPaths } from "../domain/artifact.js";
import { toModelName } from "../domain/encoder-model.js";
import type { RankingRules } from "../domain/ranking-rules.js";

/** What is other than in the artifact: its encoder, which must have the model that made the vectors, or its rules. */
export type ArtifactChange =
  | Readonly<{ kind: "encoder"; folder: string }>
  | Readonly<{ kind: "rules"; rules: RankingRules }>;

/**
 * Hands `use` an artifact that is this one with a change, and removes it again.
 * @throws Error in one line when the encoder does not fit; whatever `use` throws
 */
export async function withChangedArtifact<T>(
  artifact: string,
  change: ArtifactChange,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const { manifest } = await readArtifactManifest(artifact);
  const folder = await mkdtemp(join(tmpdir(), "stygig-eval-"));
  try {
    const isKept = (path: string) =>
      change.kind === "encoder" ? !path.startsWith("encoder/") : path !== artifactPaths.rules;
    const kept = Object.entries(manifest.files).filter(([path]) => isKept(path));
    for (const [path] of kept) await place(join(artifact, path), join(folder, path));
    const changed = change.kind === "encoder" ? await bringEncoder(folder, manifest, change.folder) : manifest;
    const brought = change.kind === "encoder" ? changed.files : await bringRules(folder, change.rules);
    const files = { ...Object.fromEntries(kept), ...brought };
    await writeFile(join(folder, "manifest.json"), JSON.stringify({ ...changed, files }));
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The encoder, and its model that made the vectors. @throws Error in one line when there is none */
export async function readFittingEncoder({ encodedBy }: ArtifactManifest, folder: string) {
  const encoder = await readEncoderFiles(folder);
  const found = encoder.models.find(({ digest }) => digest === encodedBy.digest);
  if (found !== undefined) return { encoder, encodedBy: { model: toModelName(found.model), digest: found.digest } };
  const way = `build an artifact with it (catalog build --encoder ${folder}) and compare that`;
  throw new Error(`--compare: ${folder} has not the model that made the catalog's vectors: ${way}`);
}

/** The manifest with the encoder's own files alone. */
async function bringEncoder(folder: string, manifest: ArtifactManifest, from: string): Promise<ArtifactManifest> {
  const { encoder, encodedBy } = await readFittingEncoder(manifest, from);
  return {
    ...manifest,
    files: await bringEncoderFiles(folder, encoder),
    preprocess: encoder.manifest.preprocess,
    encoderDigest: encoder.digest,
    encoderName: encoder.manifest.name,
    encodedBy,
  };
}

type Files = Readonly<Record<string, ArtifactFile>>;

async function bringEncoderFiles(folder: string, { folder: from, models }: EncoderFiles): Promise<Files> {
  const manifest = await bring(folder, artifactPaths.encoder, await readFile(join(from, "encoder.json")));
  const files: Record<string, ArtifactFile> = {};
  for (const { model, file, bytes } of models) {
    await place(file, join(folder, "encoder", model.file));
    files[`encoder/${model.file}`] = { sha256: model.sha256, bytes };
  }
  return { ...manifest, ...files };
}

function bringRules(folder: string, rules: RankingRules): Promise<Files> {
  return bring(folder, artifactPaths.rules, Buffer.from(JSON.stringify(rules)));
}

async function bring(folder: string, path: string, bytes: Uint8Array): Promise<Files> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), bytes);
  return { [path]: { sha256: createHash("sha256").update(bytes).digest("hex"), bytes: bytes.length } };
}

/** The same file under another name, where that is possible: vectors take gigabytes. */
async function place(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await link(from, to).catch(() => copyFile(from, to));
}
