import { createHash } from "node:crypto";
import { join } from "node:path";
import {
  type ArtifactManifest,
  artifactPaths,
  indexPaths,
  parseArtifactManifest,
  parseCalibration,
} from "../domain/artifact.js";
import { toModelName } from "../domain/encoder-model.js";
import type { Parsed } from "../domain/parsed.js";
import { parseRankingRules, type RankingRules } from "../domain/ranking-rules.js";
import type { VoteCalibration } from "../domain/vote-confidence.js";
import { type EncoderFiles, readEncoderFiles } from "./encoder-files.js";
import { checkVerifiedFiles, readPlainFile, readVerifiedFile } from "./verified-file.js";

/** An artifact but for its items, its vectors and its index. */
export type ArtifactWords = Readonly<{
  manifest: ArtifactManifest;
  /** sha-256 of the manifest. */
  digest: string;
  rules: RankingRules;
  calibration: VoteCalibration;
  encoder: EncoderFiles;
}>;

/** A manifest of several hundred thousand thumbnails stays below this. */
const maxManifestBytes = 1 << 27;

/**
 * Reads and verifies everything but items, vectors and index. Of models and thumbnails `later` leaves the bytes to whoever
 * puts them into another artifact, which is verified as a whole. @throws Error as `readArtifact`
 */
export async function readArtifactWords(folder: string, verifying: "now" | "later" = "now"): Promise<ArtifactWords> {
  const { manifest, digest } = await readArtifactManifest(folder);
  const read = (path: string) => readVerifiedFile(folder, path, manifest.files[path]!);
  const rules = parseFile(folder, artifactPaths.rules, await read(artifactPaths.rules), parseRankingRules);
  const calibrationBytes = await read(artifactPaths.calibration);
  const calibration = parseFile(folder, artifactPaths.calibration, calibrationBytes, parseCalibration);
  const done = ["items", "rules", "calibration", "embeddings"] as const;
  const others = new Set<string | null>([...done.map((each) => artifactPaths[each]), indexPaths[manifest.index]]);
  const isLater = (path: string) => verifying === "later" && path.includes("/") && path !== artifactPaths.encoder;
  const checked = Object.entries(manifest.files).filter(([path]) => !others.has(path) && !isLater(path));
  await checkVerifiedFiles(folder, checked);
  return { manifest, digest, rules, calibration, encoder: await readEncoder(join(folder, "encoder"), manifest) };
}

/** The manifest alone, and the sha-256 of its bytes, which names the whole artifact. @throws Error as `readArtifact`. */
export async function readArtifactManifest(
  folder: string,
): Promise<Readonly<{ manifest: ArtifactManifest; digest: string }>> {
  const bytes = await readPlainFile(folder, "manifest.json", maxManifestBytes);
  const manifest = parseFile(folder, "manifest.json", bytes, parseArtifactManifest);
  return { manifest, digest: createHash("sha256").update(bytes).digest("hex") };
}

export function parseFile<T>(folder: string, path: string, bytes: Uint8Array, parse: (value: unknown) => Parsed<T>): T {
  const file = join(folder, path);
  const parsed = parse(parseJson(file, bytes));
  if ("problems" in parsed) throw new Error(`${file} is not valid: ${parsed.problems.slice(0, 10).join(" ")}`);
  return parsed.value;
}

/** Made once: a catalog has a hundred thousand lines, and to make it takes as long as to parse one. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function parseJson(where: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch (error) {
    // The parser's own message may quote several lines of the file.
    throw new Error(`${where} is not JSON`, { cause: error });
  }
}

/** The model of the name that made the vectors, as the encoder has it. */
function vectorsModelOf({ models }: EncoderFiles, { encodedBy }: ArtifactManifest): string {
  const found = models.find(({ model }) => toModelName(model) === encodedBy.model);
  return found === undefined ? `no ${encodedBy.model}` : `${encodedBy.model} ${found.digest}`;
}

/** Every file has been found to have the digest that the artifact's manifest promises. */
export async function readEncoder(folder: string, manifest: ArtifactManifest): Promise<EncoderFiles> {
  const found = Object.entries(manifest.files).map(
    ([path, { sha256 }]) => [path.replace("encoder/", ""), sha256] as const,
  );
  const encoder = await readEncoderFiles(folder, new Map(found));
  const { name, preprocess, output, models } = encoder.manifest;
  const differences = [
    ...models.map(({ file }) => [
      "file",
      Object.hasOwn(manifest.files, `encoder/${file}`) ? file : "a file it does not name",
      file,
    ]),
    ["encoderDigest", manifest.encoderDigest, encoder.digest],
    [
      "the vectors' model",
      `${manifest.encodedBy.model} ${manifest.encodedBy.digest}`,
      vectorsModelOf(encoder, manifest),
    ],
    ["encoderName", manifest.encoderName, name],
    ["preprocess", manifest.preprocess, preprocess],
    ["dimension", manifest.dimension, output.dimension],
  ].filter(([, promised, found]) => promised !== found);
  if (differences.length === 0) return encoder;
  const listed = differences.map(([what, promised, found]) => `${what} is ${found}, not ${promised}`);
  throw new Error(`${folder} is not the encoder that the manifest names: ${listed.join("; ")}`);
}
