import { availableParallelism } from "node:os";
import { readArtifactWords } from "../adapters/artifact-words.js";
import { type AnswerComparison, compareAnswers } from "../domain/answer-changes.js";
import { toModelName } from "../domain/encoder-model.js";
import { type IndexAgreement, measureAgreement } from "../domain/index-agreement.js";
import type { PrecisionGate } from "../domain/precision-gate.js";
import { type OpenPipeline, openPipeline, type PipelineOptions } from "../open-pipeline.js";
import { lookAtPhotos, type SeenPhotos } from "./evaluate-photos.js";
import { answerExhaustively, pickQueries } from "./exhaustive-answers.js";
import type { LabeledPhoto } from "./labeled-photos.js";
import { toPipelineOptions } from "./pipeline-options.js";

/** What to look at, and how long. */
export type EvaluationPhotos = Readonly<{ photos: readonly LabeledPhoto[]; signal: AbortSignal }>;

/** An artifact, the precision that photos are encoded with, and the index: `auto` is what a server takes. */
export type Evaluation = Readonly<{ folder: string }> & Pick<PipelineOptions, "precision" | "index">;

/** What is served, and what nobody has to ask a photo for. */
export type CatalogFacts = Readonly<{
  items: number;
  categories: readonly string[];
  digest: string;
  index: string;
  /** What the build measured of it on the catalog's own items; null of an index that compares every vector. */
  index_agreement: IndexAgreement | null;
  /** Votes of its own that the confidence is fitted on; 0 where it follows from the votes alone. */
  calibrated_on: number;
  encoder: string;
  /** What made the catalog's vectors, and what encodes the photos. */
  vectors_by: string;
  queries_by: string;
  models: readonly Readonly<{ model: string; bytes: number; layers_in_fp32: number; gate: PrecisionGate | null }>[];
}>;

/** The index against a look at every row: figures, and the answers that differ. */
export type MeasuredIndex = IndexAgreement & Pick<AnswerComparison, "changes">;

export type Evaluated = SeenPhotos & Readonly<{ facts: CatalogFacts; index: MeasuredIndex | null }>;

/**
 * Opens the artifact, asks it about every photo and, when `measuresIndex` says so, holds its index against a look at
 * every row. @throws Error in one line when the artifact cannot be opened; the signal's reason
 */
export async function evaluateArtifact(
  { folder, ...settings }: Evaluation,
  { photos, signal }: EvaluationPhotos,
  measuresIndex: boolean,
): Promise<Evaluated> {
  const pipeline = await openPipeline({ ...toPipelineOptions(folder, availableParallelism()), ...settings });
  try {
    const { seen, failed } = await lookAtPhotos(pipeline, photos, signal);
    const index = measuresIndex && seen.length > 0 ? await measureIndex(folder, pipeline, { seen, signal }) : null;
    return { seen, failed, index, facts: await toFacts(folder, pipeline) };
  } finally {
    await pipeline.close();
  }
}

async function measureIndex(
  folder: string,
  pipeline: OpenPipeline,
  { seen, signal }: Pick<SeenPhotos, "seen"> & Pick<EvaluationPhotos, "signal">,
): Promise<MeasuredIndex> {
  const asked = pickQueries(seen, pipeline.facts.items);
  const exhaustive = await answerExhaustively(folder, pipeline, asked, signal);
  const pairs = asked.map(({ found }, i) => ({ exhaustive: exhaustive[i]!, found }));
  const { changes } = compareAnswers(
    asked.map(({ path, found }, i) => ({ path, before: exhaustive[i]!.ranking, after: found.ranking })),
  );
  return { ...measureAgreement(pairs), changes };
}

async function toFacts(folder: string, { facts }: OpenPipeline): Promise<CatalogFacts> {
  // The artifact's files were verified a moment ago, as it was opened.
  const { manifest, calibration, encoder } = await readArtifactWords(folder, "later");
  const { precision, provider } = facts.encoderState();
  return {
    items: facts.items,
    categories: Object.keys(manifest.counts.categories),
    digest: facts.catalogDigest,
    index: facts.index,
    index_agreement: manifest.indexAgreement ?? null,
    calibrated_on: calibration.samples,
    encoder: facts.encoder,
    vectors_by: manifest.encodedBy.model,
    queries_by: `${precision} on ${provider}`,
    models: encoder.models.map(({ model, bytes }) => ({
      model: toModelName(model),
      bytes,
      layers_in_fp32: model.precision === "fp32" ? 0 : (model.layersInFp32?.length ?? 0),
      gate: model.precision === "fp32" ? null : (model.gate ?? null),
    })),
  };
}
