import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { EncoderFiles, ModelOnDisk } from "../src/adapters/encoder-files.js";
import {
  type ArtifactFile,
  type ArtifactManifest,
  artifactFormat,
  artifactPaths,
  artifactVersion,
  colorMethods,
  countCategories,
} from "../src/domain/artifact.js";
import { toModelName } from "../src/domain/encoder-model.js";
import type { RankingRules } from "../src/domain/ranking-rules.js";
import type { VoteCalibration } from "../src/domain/vote-confidence.js";
import type { FinishedRows } from "./catalog-rows.js";
import type { IndexWish } from "./choose-index.js";
import { linkArtifactFile } from "./link-file.js";
import { writeArtifactFile } from "./write-artifact-file.js";
import { type WrittenIndex, writeIndexFiles } from "./write-index-files.js";

/** Everything an artifact is made of. */
export type ArtifactParts = IndexWish &
  Readonly<{
    /** Already in the folder. */
    rows: FinishedRows;
    encoder: EncoderFiles;
    /** Whether its files are of another artifact, which are never written again, and need not be copied. */
    linksModels?: boolean;
    /** The encoder's model that made every vector. */
    model: ModelOnDisk;
    rules: RankingRules;
    /** Goes through the vectors while their index is written. */
    calibrate: () => Promise<VoteCalibration>;
    skipped: number;
    /** Already in the folder, as `writeArtifactFile` reported them. */
    thumbnails: Readonly<{ side: number; files: Readonly<Record<string, ArtifactFile>> }> | null;
  }>;

/** `notes` say what was measured to settle its index, one sentence each. */
export type WrittenArtifact = Readonly<{ manifest: ArtifactManifest; digest: string; notes: readonly string[] }>;

/**
 * Completes an artifact in a folder that has its rows, the manifest last; the same parts give the same bytes.
 * @throws RangeError when the rows are not the encoder's; Error when the disk refuses; what `calibrate` throws.
 */
export async function writeArtifact(folder: string, parts: ArtifactParts): Promise<WrittenArtifact> {
  const { rows, encoder, model, rules, thumbnails } = parts;
  const { dimension } = encoder.manifest.output;
  if (rows.vectors.dimension !== dimension) {
    throw new RangeError(`vectors of ${rows.vectors.dimension} values are not those of an encoder of ${dimension}`);
  }
  const write = (path: string, value: unknown) => writeArtifactFile(folder, path, [toJson(value)]);
  const [index, calibration] = await both(writeIndexFiles(folder, rows.vectors, parts), parts.calibrate());
  const files: Record<string, ArtifactFile> = {
    ...rows.files,
    [artifactPaths.rules]: await write(artifactPaths.rules, rules),
    [artifactPaths.calibration]: await write(artifactPaths.calibration, calibration),
    [artifactPaths.encoder]: await write(artifactPaths.encoder, encoder.manifest),
    ...index.files,
    ...thumbnails?.files,
  };
  for (const each of encoder.models) {
    const path = `encoder/${each.model.file}`;
    const known = { sha256: each.model.sha256, bytes: each.bytes };
    files[path] = parts.linksModels
      ? await linkArtifactFile(each.file, folder, path, known)
      : await writeArtifactFile(folder, path, createReadStream(each.file));
  }
  const manifest: ArtifactManifest = {
    format: artifactFormat,
    version: artifactVersion,
    files: Object.fromEntries(Object.entries(files).sort(([one], [other]) => (one < other ? -1 : 1))),
    counts: {
      items: rows.vectors.rows,
      categories: countCategories(rows.categories),
      skipped: parts.skipped,
    },
    dimension,
    preprocess: encoder.manifest.preprocess,
    encoderDigest: encoder.digest,
    encoderName: encoder.manifest.name,
    encodedBy: { model: toModelName(model.model), digest: model.digest },
    index: index.kind,
    ...(index.kind === "codes" ? { indexAgreement: index.agreement! } : {}),
    colorMethods,
    thumbnails: thumbnails?.side ?? null,
  };
  const text = toJson(manifest);
  await writeFile(join(folder, "manifest.json"), text);
  return { manifest, digest: createHash("sha256").update(text).digest("hex"), notes: toNotes(index, parts) };
}

/** What both come to, once neither is at work in the folder any more. @throws what the first of them does */
async function both<One, Other>(one: Promise<One>, other: Promise<Other>): Promise<[One, Other]> {
  await Promise.allSettled([one, other]);
  return Promise.all([one, other]);
}

function toNotes({ kind, agreement }: WrittenIndex, { index: wanted, rows }: ArtifactParts): readonly string[] {
  if (agreement === null) return [];
  const { queries, sameAnswer, recallAt10 } = agreement;
  const share = (value: number) => `${(value * 100).toFixed(1)} %`;
  const measured =
    `of ${queries} of its own items, ${share(sameAnswer)} are answered by codes as by whole vectors, ` +
    `and ${share(recallAt10)} of their ten nearest found`;
  if (kind === "codes") return [`the index of ${rows.vectors.rows} rows is one of codes: ${measured}`];
  return [`${wanted} keeps whole vectors: ${measured}`];
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
