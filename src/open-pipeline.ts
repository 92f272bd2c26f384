import { setImmediate as nextTurn } from "node:timers/promises";
import { type Artifact, type Pause, readItemsAndIndex, readItemsAndVectors } from "./adapters/artifact-files.js";
import { type ArtifactWords, readArtifactWords } from "./adapters/artifact-words.js";
import { createCodedIndex } from "./adapters/coded-index.js";
import { createExactIndex } from "./adapters/exact-index.js";
import { createFaissIndex, faissAvailability, readFaissIndex } from "./adapters/faiss-index.js";
import { toPngBytes } from "./adapters/png-bytes.js";
import { openCodedArtifact } from "./adapters/serving-artifact.js";
import { createThumbnailReader } from "./adapters/thumbnail-files.js";
import type { ServerConfig } from "./config.js";
import { type Shelf, shelve, shelveLarge } from "./domain/answer.js";
import type { Catalog } from "./domain/catalog.js";
import { preprocessSide } from "./domain/clip-input.js";
import { probeImage } from "./domain/probe-image.js";
import { type Profile, profiles } from "./domain/profile.js";
import type { Query } from "./domain/query.js";
import type { RankingRules } from "./domain/ranking-rules.js";
import type { ReadThumbnail } from "./domain/thumbnail.js";
import type { Turns } from "./domain/turns.js";
import type { ServingEncoder } from "./open-pipeline-encoder.js";
import type { Features } from "./open-pipeline-features.js";
import { createRests } from "./open-pipeline-rests.js";
import { openSight, type Sight, type SightOptions } from "./open-pipeline-sight.js";
import { createPipeline, type Recommend, type ServedFacts, type VectorIndex } from "./pipeline.js";
import { now } from "./serving/clock.js";

/** How to open an artifact; the server takes these from its configuration, commands from their flags. */
export type PipelineOptions = Readonly<{ artifactFolder: string }> & Pick<ServerConfig, "index"> & SightOptions;

/** An artifact at work. */
export type OpenPipeline = Readonly<{
  recommend: Recommend;
  facts: ServedFacts;
  catalog: Catalog;
  /** How many items each category has. */
  categories: Readonly<Record<string, number>>;
  readThumbnail: ReadThumbnail | null;
  rules: RankingRules;
  /** What an operator should know of how it was opened, one sentence each. */
  notes: readonly string[];
  /** Requests that can be encoded side by side. */
  lanes: number;
  /** Threads ready for work, busy ones included. */
  alive: Readonly<Record<"encoder" | "decoder", () => number>>;
  /** How much waits and runs right now, and how long a newcomer would take. */
  load: Features["load"];
  backlog: Features["backlog"];
  /** What is kept of earlier pictures. */
  cached: Features["cached"];
  /** Why pictures can never be answered again, one sentence each; empty when all is well, and while workers restart. */
  problems: () => readonly string[];
  /** Takes a computed picture the whole way by each profile that is cold. @throws whatever would fail a caller */
  warmUp: () => Promise<void>;
  /** What looks at its pictures, for another artifact with the same encoder. */
  sight: Sight;
  close: () => Promise<void>;
}>;

/**
 * Opens the artifact in a folder with its decoder, encoder and index. What looks at pictures for one that is open already
 * looks for this one, too, where their encoder is the same: a server that takes a new catalog has neither to load a model
 * while it answers nor to forget the pictures it has seen.
 * @throws Error for the operator, with one line, when the artifact or the machine is not fit for it.
 */
export async function openPipeline(options: PipelineOptions, beside?: OpenPipeline): Promise<OpenPipeline> {
  const words = await readArtifactWords(options.artifactFolder);
  const opened: Closable[] = [];
  const close = async () => {
    for (const part of opened.splice(0).reverse()) await part.close();
  };
  try {
    return { ...(await openParts(words, { options, beside }, (part) => opened.push(part))), close };
  } catch (error) {
    await close();
    throw error;
  }
}

type Closable = Readonly<{ close: () => Promise<void> }>;

/** Every part that was opened is told to `keep`, also when a later one fails. */
async function openParts(
  words: ArtifactWords,
  { options, beside }: Readonly<{ options: PipelineOptions; beside: OpenPipeline | undefined }>,
  keep: (part: Closable) => void,
): Promise<Omit<OpenPipeline, "close">> {
  const { manifest, rules } = words;
  const { index, shelf, catalog, note } = await openCatalog(
    words,
    options,
    beside === undefined ? nextTurn : createRests(),
  );
  keep(index);
  const sight = beside?.sight.shareWith(words.encoder) ?? (await openSight(words.encoder, options));
  keep(sight);
  const { decoder, encoder, features, fetchImage } = sight;
  // Before what is kept: a closure over `beside` would hold every catalog that was ever served.
  const warmed = profilesToWarm(shelf, beside);
  const recommend = createPipeline({
    ...features,
    fetchImage,
    index,
    shelf,
    now,
    preprocess: manifest.preprocess,
  });
  return {
    recommend,
    facts: toFacts(words, encoder, index),
    catalog,
    categories: manifest.counts.categories,
    readThumbnail: createThumbnailReader(options.artifactFolder, manifest),
    rules,
    notes: [...(note === null ? [] : [note]), ...refusedRungs(encoder)],
    lanes: encoder.workers(),
    alive: { encoder: encoder.alive, decoder: decoder.alive },
    load: features.load,
    backlog: features.backlog,
    cached: features.cached,
    problems: () => [
      ...(encoder.isGone() ? ["no encoder worker is left"] : []),
      ...(decoder.isExhausted() ? ["no decoder worker is left"] : []),
    ],
    warmUp: () => warmUp(recommend, warmed, preprocessSide(manifest.preprocess)),
    sight,
  };
}

type Opened = Readonly<{ index: VectorIndex; shelf: Shelf; catalog: Catalog; note: string | null }>;

/** The catalog with its index: by codes where the artifact has them and they can be used, else every vector as it is. */
async function openCatalog(
  words: ArtifactWords,
  { artifactFolder, index: wanted }: Pick<PipelineOptions, "artifactFolder" | "index">,
  pause: Pause,
): Promise<Opened> {
  const { rules, calibration } = words;
  const faiss = faissAvailability();
  if (words.manifest.index === "codes" && (wanted === "auto" || wanted === "faiss") && faiss.available) {
    const { catalog, columns, codes } = await openCodedArtifact(artifactFolder, words, pause);
    const steps = shelveLarge(catalog, { columns, ...codes }, { rules, calibration });
    const shelf = await inTurns(steps, pause);
    return { index: createCodedIndex(faiss.addon, codes), shelf, catalog, note: null };
  }
  const hasFile = words.manifest.index === "faiss" && wanted !== "exact" && faiss.available;
  const artifact = await (hasFile ? readItemsAndIndex : readItemsAndVectors)(artifactFolder, words, pause);
  const shelf = await inTurns(shelve(artifact.catalog, { rules, calibration }), pause);
  return { ...(await openFlatIndex(artifact, wanted)), shelf, catalog: artifact.catalog };
}

/** Each step in a turn of its own. */
async function inTurns<T>(steps: Turns<T>, pause: Pause): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await pause();
  }
}

/** Without vectors the index is in a file that can be used. */
async function openFlatIndex(
  artifact: Artifact | Omit<Artifact, "vectors">,
  wanted: ServerConfig["index"],
): Promise<Pick<Opened, "index" | "note">> {
  const { manifest, indexPath } = artifact;
  const { dimension, counts } = manifest;
  if (!("vectors" in artifact)) {
    return { index: await readFaissIndex(indexPath!, { rows: counts.items, dimension }), note: null };
  }
  const faiss = faissAvailability();
  if (wanted !== "exact" && faiss.available) {
    return { index: createFaissIndex(artifact.vectors, dimension), note: null };
  }
  if (!faiss.available && wanted === "faiss") throw new Error(`INDEX=faiss, but ${faiss.reason}`);
  const note = wanted === "exact" || faiss.available ? null : `the exact index serves: ${faiss.reason}`;
  return { index: createExactIndex(artifact.vectors, dimension), note };
}

function toFacts(
  { manifest, digest, rules }: ArtifactWords,
  { state }: ServingEncoder,
  { kind }: VectorIndex,
): ServedFacts {
  return {
    catalogDigest: digest,
    items: manifest.counts.items,
    dimension: manifest.dimension,
    rules,
    encoder: manifest.encoderName,
    encoderState: state,
    preprocess: manifest.preprocess,
    index: kind,
  };
}

function refusedRungs({ tried }: ServingEncoder): readonly string[] {
  return tried().flatMap((rung) => {
    if (rung.outcome === "chosen") return [];
    const name = rung.model === null ? rung.provider : `${rung.provider} ${rung.model}`;
    return [`${name} is not used: ${rung.reason}`];
  });
}

/**
 * Beside one that serves, `v4` is warm: it looks at every item without a pause, which those who are being answered meanwhile
 * would feel.
 */
function profilesToWarm({ v4 }: Shelf, beside: OpenPipeline | undefined): readonly Profile[] {
  return profiles.filter((profile) => profile !== "v4" || (v4 !== null && beside === undefined));
}

/** By their sides: a server that takes another catalog draws none while it answers others. */
const warmUpPictures = new Map<number, Uint8Array>();

function warmUpPicture(side: number): Uint8Array {
  const bytes = warmUpPictures.get(side) ?? toPngBytes(probeImage(side));
  warmUpPictures.set(side, bytes);
  return bytes;
}

async function warmUp(recommend: Recommend, warmed: readonly Profile[], side: number): Promise<void> {
  const bytes = warmUpPicture(side);
  for (const profile of warmed) await recommend(toWarmUpQuery(bytes, profile), new AbortController().signal);
}

function toWarmUpQuery(bytes: Uint8Array, profile: Query["profile"]): Query {
  return {
    source: { kind: "image", bytes },
    mode: "outfit",
    profile,
    gender: null,
    category: null,
    topK: null,
    itemsPerCategory: null,
    excludeIds: [],
    explain: false,
  };
}
