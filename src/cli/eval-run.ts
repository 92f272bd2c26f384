import { toArtifactPath } from "../../catalog/replace-artifact.js";
import { withHeld } from "../adapters/generation-hold.js";
import { replaceFile } from "../adapters/replace-file.js";
import { evaluateColors } from "../domain/color-agreement.js";
import type { ColorFamily } from "../domain/color-family.js";
import { type GateName, type GateResult, type GateValues, judgeGates, toGateLine } from "../domain/quality-gates.js";
import { evaluateVotes } from "../domain/vote-evaluation.js";
import { compareWith, toJudged } from "./compare-evaluations.js";
import { type CompareTarget, requireComparable, toName, withHeldTarget } from "./compare-target.js";
import { toEvalPage } from "./eval-page.js";
import { type EvalReport, toEvalDocument, toEvalText } from "./eval-text.js";
import { evaluateArtifact } from "./evaluate-artifact.js";
import type { LabeledPhoto } from "./labeled-photos.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";
import { openPieceImages } from "./piece-images.js";

/** What was asked for, checked. */
export type EvalWork = Readonly<{
  artifact: string;
  photos: readonly LabeledPhoto[];
  /** What people call the colors of photos, by their paths. */
  colors: ReadonlyMap<string, ColorFamily>;
  target: CompareTarget | null;
  limits: Readonly<Partial<Record<GateName, number>>>;
  images: string | undefined;
  report: string | undefined;
  json: boolean;
}>;

/**
 * Measures, writes the page, prints, and leaves the exit code. Generations of a store stay there until then.
 * @throws Error in one line when nothing could be measured; the signal's reason
 */
export async function evaluate(work: EvalWork, signal: AbortSignal): Promise<void> {
  const name = toName(work.artifact);
  await withHeld(await toArtifactPath(work.artifact), (artifact) =>
    withHeldTarget(work.target, (target) => evaluateHeld(name, { ...work, artifact, target }, signal)),
  );
}

async function evaluateHeld(name: string, work: EvalWork, signal: AbortSignal): Promise<void> {
  const report = { name, ...(await measure(work, signal)) };
  const unknown = findUnknownCategories(report);
  if (unknown.length > 0) {
    tell(`note: the catalog has no ${unknown.join(", ")}: photos of it cannot be right (--category-map translates)`);
  }
  const failures = [
    ...[...report.failed, ...(report.compared?.failed ?? [])].map(({ path, reason }) => `${path}: ${reason}`),
    ...report.gates.filter(({ passed }) => !passed).map(toGateLine),
  ];
  if (failures.length > 0) tellProblems(failures, exitCodes.failed);
  // What was measured is out before the page may fail: it took minutes.
  await writeData(work.json ? JSON.stringify(toEvalDocument(report)) : toEvalText(report));
  if (work.report !== undefined) await writePage(work, report, work.report);
}

function findUnknownCategories({ votes, facts }: EvalReport): readonly string[] {
  const labels = Object.entries(votes.per_category).filter(([, { support }]) => support > 0);
  return labels.map(([category]) => category).filter((category) => !facts.categories.includes(category));
}

async function measure(
  { artifact, photos, colors: labels, target, limits }: EvalWork,
  signal: AbortSignal,
): Promise<Omit<EvalReport, "name">> {
  // What cannot be opened is said before a thousand photos have been looked at.
  if (target !== null) await requireComparable(target, artifact);
  const asked = { photos, signal };
  const evaluated = await evaluateArtifact({ folder: artifact, precision: "auto", index: "auto" }, asked, true);
  const { seen, failed, index, facts } = evaluated;
  if (seen.length === 0) throw new Error(`none of the ${photos.length} photos could be answered: ${failed[0]!.reason}`);
  const votes = evaluateVotes(seen.map(toJudged));
  const colors = evaluateColors(
    seen.map(({ path, dominant, v4 }) => ({ path, dominant, mean: v4?.mean ?? null, label: labels.get(path) ?? null })),
  );
  const compared = target === null ? null : await compareWith(target, artifact, evaluated, asked);
  const measured = { votes, colors, index };
  const gates: readonly GateResult[] = judgeGates(limits, toGateValues(measured));
  return { facts, ...measured, compared, gates, failed };
}

function toGateValues({ votes, colors, index }: Pick<EvalReport, "votes" | "colors" | "index">): GateValues {
  const recalls = Object.values(votes.per_category).flatMap(({ recall }) => (recall === null ? [] : [recall]));
  return {
    "min-vote-accuracy": votes.vote_accuracy,
    "min-category-recall": Math.min(...recalls),
    "max-calibration-error": votes.calibration_error,
    "min-index-recall": index?.recallAt10 ?? null,
    "min-same-answers": index?.sameAnswer ?? null,
    "min-color-accuracy": colors.labels?.dominant_right ?? null,
  };
}

async function writePage({ artifact, images, target }: EvalWork, report: EvalReport, file: string): Promise<void> {
  const before = await openPieceImages(artifact, images);
  // Only another artifact has other pieces.
  const other = target?.kind === "artifact" ? target.folder : null;
  const after = other === null ? before : await openPieceImages(other, images);
  const page = await toEvalPage(report, { before: before.read, after: after.read });
  await replaceFile(file, (handle) => handle.writeFile(page));
  tell(`wrote ${file}`);
}
