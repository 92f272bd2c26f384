import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { buildCatalog } from "../../catalog/build-catalog.js";
import { packArtifact } from "../../catalog/pack-artifact.js";
import { checkTarball } from "../../deploy/upload-tarball.js";
import { readArtifactManifest } from "../adapters/artifact-words.js";
import { listFiles } from "../adapters/replace-folder.js";
import { now } from "../serving/clock.js";
import { createBuildBar, tellBuildReport } from "./catalog-build.js";
import type { BuildSettings } from "./catalog-build-flags.js";

/** What a step found or made; `same` when there was nothing to do. */
export type Prepared = Readonly<{ outcome: "made" | "same"; detail: string }>;

/** Beside an artifact: of which input it was built, and its digest. */
type Built = Readonly<{ input: string; artifact: string }>;

/**
 * Builds an artifact, unless the one that is there was built by this version from the same pictures, files and encoder.
 * @throws Error as `buildCatalog`; the signal's reason
 */
export async function buildOnce(settings: BuildSettings, version: string, signal: AbortSignal): Promise<Prepared> {
  const input = await digestInput(settings, version, signal);
  const noteFile = `${resolve(settings.outFolder)}.built.json`;
  const there = await digestOf(settings.outFolder);
  const before = await readNote(noteFile);
  if (there !== null && before?.input === input && before.artifact === there) {
    return { outcome: "same", detail: `${settings.outFolder} ${there.slice(0, 16)}` };
  }
  const bar = createBuildBar();
  try {
    const report = await buildCatalog({
      ...{ ...settings, now, signal },
      progress: ({ done, total }) => bar.show("pictures", done, total),
      verifying: ({ done, total }) => bar.show("verified", done, total),
    });
    bar.end();
    tellBuildReport(report);
    const note: Built = { input, artifact: report.artifact.digest };
    await writeFile(noteFile, `${JSON.stringify(note)}\n`);
    return { outcome: "made", detail: `${settings.outFolder} ${report.artifact.digest.slice(0, 16)}` };
  } finally {
    bar.end();
  }
}

/** The digest that names the artifact in a folder, or null where there is none that can be read. */
async function digestOf(folder: string): Promise<string | null> {
  const found = await readArtifactManifest(folder).catch(() => null);
  return found?.digest ?? null;
}

/** Null where there is no note, or something else of its name: then the artifact is built anew. */
async function readNote(file: string): Promise<Partial<Built> | null> {
  const text = await readFile(file, "utf8").catch(() => "null");
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Everything that decides what is built: neither where it goes nor how many build it. */
async function digestInput(settings: BuildSettings, version: string, signal: AbortSignal): Promise<string> {
  const { imagesFolder, encoderFolder, itemsFile, outFolder, workers, categoryMap, ...decisive } = settings;
  const hash = createHash("sha256");
  hash.update(JSON.stringify({ ...decisive, version, categoryMap: [...categoryMap] }));
  const files = [imagesFolder, encoderFolder].map(async (folder) =>
    (await listFiles(folder)).toSorted().map((name) => ({ name, file: join(folder, name) })),
  );
  const items = itemsFile === null ? [] : [{ name: "", file: itemsFile }];
  for (const { name, file } of [...(await Promise.all(files)).flat(), ...items]) {
    signal.throwIfAborted();
    hash.update(`${JSON.stringify(name)} ${await digestContent(file)}\n`);
  }
  return hash.digest("hex");
}

/** What cannot be read is left out of a catalog, and that it cannot is a part of the input. */
async function digestContent(file: string): Promise<string> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(file)) hash.update(chunk);
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
  return hash.digest("hex");
}

/**
 * Packs an artifact beside itself, unless what lies there already holds exactly its files. What is given is what the
 * platform takes.
 * @throws Error with one line
 */
export async function packOnce(artifact: string): Promise<Prepared & Readonly<{ file: string; digest: string }>> {
  const { manifest, digest } = await readArtifactManifest(artifact);
  const promised = { ...manifest.files, "manifest.json": { sha256: digest } };
  const file = `${resolve(artifact)}.model.tar.gz`;
  const isThere = (await stat(file).catch(() => null))?.isFile() ?? false;
  const isSame = isThere && (await checkTarball(file, promised)).length === 0;
  if (!isSame) {
    await packArtifact(artifact, file);
    const problems = await checkTarball(file, promised);
    if (problems.length > 0) throw new Error(problems.join("; "));
  }
  const { size } = await stat(file);
  return { outcome: isSame ? "same" : "made", detail: `${file}, ${size} bytes`, file, digest };
}
