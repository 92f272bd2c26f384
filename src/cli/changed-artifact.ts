import { createHash } from "node:crypto";
import { copyFile, link, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readArtifactManifest } from "../adapters/artifact-words.js";
import { type EncoderFiles, readEncoderFiles } from "../adapters/encoder-files.js";
import { type ArtifactFile, type ArtifactManifest, artifactPaths } from "../domain/artifact.js";
import { toModelName } from "../domain/encoder-model.js";
import type { RankingRules } from "../domain/ranking-rules.js";
import { tell } from "./output.js";
import { type Rebuild, rebuildArtifact } from "./rebuilt-artifact.js";

/** What is other than in the artifact: its rules, or its encoder, for which the items may have to be looked at again. */
export type ArtifactChange =
  | Readonly<{ kind: "rules"; rules: RankingRules }>
  | Readonly<{ kind: "encoder"; folder: string; images: string | null }>;

/** By which precision a catalog that is looked at again is encoded, and until when. */
export type ChangeSettings = Pick<Rebuild, "precision" | "signal">;

/**
 * Hands `use` an artifact that is this one with a change, and removes it again. An encoder that has the model which made the
 * vectors takes the place of the artifact's own; with another one the vectors are made anew, from the items' pictures.
 * @throws Error in one line when an encoder does not fit and there are no pictures; whatever `use` throws
 */
export async function withChangedArtifact<T>(
  artifact: string,
  change: ArtifactChange,
  settings: ChangeSettings,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "stygig-eval-"));
  try {
    return await use(await makeChanged(artifact, folder, change, settings));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function makeChanged(
  artifact: string,
  folder: string,
  change: ArtifactChange,
  settings: ChangeSettings,
): Promise<string> {
  const { manifest } = await readArtifactManifest(artifact);
  if (change.kind === "rules") {
    const kept = await bringOthers(artifact, folder, manifest, (path) => path === artifactPaths.rules);
    return finish(folder, manifest, { ...kept, ...(await bringRules(folder, change.rules)) });
  }
  const fitting = await findFittingEncoder(manifest, change);
  if (fitting === null) {
    const rebuild = { encoderFolder: change.folder, images: change.images!, ...settings };
    const { artifact: built, skipped } = await rebuildArtifact(artifact, folder, rebuild);
    if (skipped.length > 0) tell(`note: ${skipped.length} pictures or items are left out: ${skipped[0]!.path} first`);
    return built.folder;
  }
  const kept = await bringOthers(artifact, folder, manifest, (path) => path.startsWith("encoder/"));
  const { encoder, encodedBy } = fitting;
  const changed: ArtifactManifest = {
    ...manifest,
    preprocess: encoder.manifest.preprocess,
    encoderDigest: encoder.digest,
    encoderName: encoder.manifest.name,
    encodedBy,
  };
  return finish(folder, changed, { ...kept, ...(await bringEncoderFiles(folder, encoder)) });
}

/** The encoder, and its model that made the vectors; null when it has none and there are pictures. @throws Error in one line */
export async function findFittingEncoder(
  { encodedBy }: ArtifactManifest,
  { folder, images }: Extract<ArtifactChange, { kind: "encoder" }>,
) {
  const encoder = await readEncoderFiles(folder);
  const found = encoder.models.find(({ digest }) => digest === encodedBy.digest);
  if (found !== undefined) return { encoder, encodedBy: { model: toModelName(found.model), digest: found.digest } };
  if (images !== null) return null;
  const way = "give --images, the pictures the catalog was built from, and they are looked at again";
  throw new Error(`--compare: ${folder} has not the model that made the catalog's vectors: ${way}`);
}

async function finish(folder: string, manifest: ArtifactManifest, files: Files): Promise<string> {
  await writeFile(join(folder, "manifest.json"), JSON.stringify({ ...manifest, files }));
  return folder;
}

async function bringOthers(
  artifact: string,
  folder: string,
  manifest: ArtifactManifest,
  isLeft: (path: string) => boolean,
): Promise<Files> {
  const kept = Object.entries(manifest.files).filter(([path]) => !isLeft(path));
  for (const [path] of kept) await place(join(artifact, path), join(folder, path));
  return Object.fromEntries(kept);
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
