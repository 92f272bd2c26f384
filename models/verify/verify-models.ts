import { createImageDecoder } from "../../src/adapters/image-decoder.js";
import type { EncoderManifest } from "../../src/domain/encoder-manifest.js";
import { type GateThresholds, type GateVerdict, judgePrecision } from "../../src/domain/precision-gate.js";
import { type EmbeddedPicture, type EmbedOptions, embedPictures } from "./embed-pictures.js";
import type { LabeledPicture } from "./labeled-pictures.js";

/** A model of an encoder on one provider; `open` loads it, and fails with one line where it cannot run. */
export type ModelAtWork = Readonly<{
  /** As `toModelName` has it. */
  model: string;
  provider: string;
  open: () => Promise<OpenModel>;
}>;

export type OpenModel = Readonly<{ encode: EmbedOptions["encode"]; close: () => Promise<void> }>;

export type VerifyOptions = Readonly<{
  manifest: Pick<EncoderManifest, "preprocess" | "output">;
  reference: ModelAtWork;
  others: readonly ModelAtWork[];
  pictures: readonly LabeledPicture[];
  thresholds: GateThresholds;
  /** Decoders, one thread each. */
  workers: number;
  signal: AbortSignal;
  /** Told of every picture that a model has looked at. */
  progress?: (progress: VerifyProgress) => void;
}>;

/** Pictures looked at so far by all models, of how many. */
export type VerifyProgress = Readonly<{ done: number; total: number }>;

/** What came of one model; `unavailable` where it could not be opened at all. */
export type VerifiedModel = Readonly<{ model: string; provider: string }> & (GateVerdict | Unavailable);

type Unavailable = Readonly<{ outcome: "unavailable"; reasons: readonly string[] }>;

export type VerifyReport = Readonly<{
  /** Pictures that the reference has embeddings of. */
  pictures: number;
  skipped: readonly Readonly<{ path: string; reason: string }>[];
  models: readonly VerifiedModel[];
}>;

/** More than any camera makes; given pictures are trusted further than a stranger's request. */
const maxPixels = 200_000_000;
/** Enough that neither decoders nor encoders wait for the other, few enough that memory stays small. */
const aheadPerWorker = 4;

/**
 * Holds models against the reference on given pictures, one model in memory at a time; the pictures are decoded anew
 * for each, which costs less than keeping them. @throws Error with one line when the reference cannot be opened;
 * ServiceError when a worker is gone for good; the signal's reason.
 */
export async function verifyModels(options: VerifyOptions): Promise<VerifyReport> {
  const { pictures, reference, others, workers } = options;
  const decoder = createImageDecoder({ workers, maxPixels });
  let done = 0;
  const total = pictures.length * (1 + others.length);
  const progress = () => options.progress?.({ done: ++done, total });
  const embed = (opened: OpenModel) => embedAll(opened, options, { decode: decoder.decode, progress });
  try {
    await decoder.started();
    const known = await embed(await reference.open());
    const models: VerifiedModel[] = [];
    for (const other of others) {
      const opened = await openOrReason(other);
      const verdict = "reasons" in opened ? opened : judge(known, await embed(opened), options);
      models.push({ model: other.model, provider: other.provider, ...verdict });
    }
    const skipped = known.flatMap((each, i) =>
      each.embedding === null ? [{ path: pictures[i]!.name, reason: each.refusal }] : [],
    );
    return { pictures: pictures.length - skipped.length, skipped, models };
  } finally {
    await decoder.close();
  }
}

async function openOrReason({ open }: ModelAtWork): Promise<OpenModel | Unavailable> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { outcome: "unavailable", reasons: [error.message] };
  }
}

async function embedAll(
  { encode, close }: OpenModel,
  { manifest, pictures, workers, signal }: VerifyOptions,
  parts: Pick<EmbedOptions, "decode" | "progress">,
): Promise<readonly EmbeddedPicture[]> {
  try {
    const ahead = workers * aheadPerWorker;
    return await embedPictures(pictures, { ...parts, encode, preprocess: manifest.preprocess, ahead, signal });
  } finally {
    await close();
  }
}

function judge(
  known: readonly EmbeddedPicture[],
  embedded: readonly EmbeddedPicture[],
  { manifest, pictures, thresholds }: VerifyOptions,
): GateVerdict {
  // A picture that could be read once and not again is nobody's fault; one without an embedding is this model's.
  const isShared = (i: number) => {
    const its = embedded[i]!;
    return known[i]!.embedding !== null && (its.embedding !== null || its.refusedBy === "encoder");
  };
  const shared = pictures.flatMap((_, i) => (isShared(i) ? [i] : []));
  const { dimension } = manifest.output;
  const rows = {
    reference: toRows(shared, known, dimension),
    precision: toRows(shared, embedded, dimension),
    dimension,
    categories: shared.map((i) => pictures[i]!.category),
  };
  return judgePrecision(rows, thresholds);
}

/** A row of zeros where there is no embedding. */
function toRows(places: readonly number[], embedded: readonly EmbeddedPicture[], dimension: number): Float32Array {
  const rows = new Float32Array(places.length * dimension);
  for (const [row, place] of places.entries()) {
    const { embedding } = embedded[place]!;
    if (embedding !== null) rows.set(embedding, row * dimension);
  }
  return rows;
}
