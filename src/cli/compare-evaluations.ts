import { type AnswerComparison, compareAnswers } from "../domain/answer-changes.js";
import type { Ranking } from "../domain/ranking.js";
import {
  compareVotes,
  evaluateVotes,
  type JudgedPhoto,
  type VoteChange,
  type VoteEvaluation,
} from "../domain/vote-evaluation.js";
import { withChangedArtifact } from "./changed-artifact.js";
import type { CompareTarget } from "./compare-target.js";
import { type Evaluated, type EvaluationPhotos, evaluateArtifact } from "./evaluate-artifact.js";
import type { SeenPhoto, SeenPhotos } from "./evaluate-photos.js";
import type { LabeledPhoto } from "./labeled-photos.js";

/** The same photos answered otherwise: how its votes did, which votes changed, and which answers. */
export type Comparison = Readonly<{
  name: string;
  evaluation: VoteEvaluation;
  votes: readonly VoteChange[];
  answers: AnswerComparison;
  failed: SeenPhotos["failed"];
}>;

type Answered = Readonly<{ judged: JudgedPhoto; ranking: Ranking }>;

/** The default profile's vote on a photo. */
export function toJudged({ path, category, found, v4 }: SeenPhoto): JudgedPhoto {
  const plain = v4 === null ? null : { voted: v4.ranking.queryCategory };
  return { ...judge({ path, category }, found.ranking), plain, confidence: found.ranking.confidence ?? 0 };
}

/**
 * Answers the photos once more, by the target. Photos that one of both could not answer are left out.
 * @throws Error in one line when the target cannot be opened, or has no common photo
 */
export async function compareWith(
  target: CompareTarget,
  artifact: string,
  base: Evaluated,
  photos: EvaluationPhotos,
): Promise<Comparison> {
  const { answers, failed } = await answerBy(target, artifact, base, photos);
  const former = new Map(base.seen.map((each) => [each.path, each]));
  const pairs = answers.flatMap((after) => {
    const before = former.get(after.judged.path);
    return before === undefined ? [] : [{ before, after }];
  });
  if (pairs.length === 0) throw new Error(`--compare: ${target.name} answered none of the photos`);
  const before = pairs.map((pair) => toJudged(pair.before));
  const after = pairs.map((pair) => pair.after.judged);
  return {
    name: target.name,
    evaluation: evaluateVotes(after),
    votes: compareVotes(before, after),
    answers: compareAnswers(
      pairs.map((pair) => {
        const { path, found } = pair.before;
        return { path, before: found.ranking, after: pair.after.ranking };
      }),
    ),
    failed,
  };
}

async function answerBy(
  target: CompareTarget,
  artifact: string,
  base: Evaluated,
  photos: EvaluationPhotos,
): Promise<Readonly<{ answers: readonly Answered[]; failed: SeenPhotos["failed"] }>> {
  if (target.kind === "profile") return answerByV4(artifact, base, photos);
  const evaluate = (folder: string) => {
    return evaluateArtifact({ folder, precision: target.precision, index: "auto" }, photos, false);
  };
  const { seen, failed } =
    target.kind === "changed"
      ? await withChangedArtifact(artifact, target.change, { ...target, signal: photos.signal }, evaluate)
      : await evaluate(target.folder ?? artifact);
  return { answers: seen.map((each) => ({ judged: toJudged(each), ranking: each.found.ranking })), failed };
}

/** A catalog in codes is opened once more, by its whole vectors. */
async function answerByV4(artifact: string, base: Evaluated, photos: EvaluationPhotos) {
  const isKnown = base.seen.every(({ v4 }) => v4 !== null);
  const whole = { folder: artifact, precision: "auto", index: "flat" } as const;
  const { seen, failed } = isKnown ? { seen: base.seen, failed: [] } : await evaluateArtifact(whole, photos, false);
  return { answers: seen.map(answerAsV4), failed };
}

function answerAsV4({ v4, ...photo }: SeenPhoto): Answered {
  if (v4 === null) throw new RangeError("whole vectors are answered by v4");
  return { judged: judge(photo, v4.ranking), ranking: v4.ranking };
}

function judge({ path, category }: LabeledPhoto, ranking: Ranking): JudgedPhoto {
  const categories = new Set(ranking.suggestions.map(({ candidate }) => candidate.category));
  const shared = { path, category, answerCategories: categories.size };
  return { ...shared, voted: ranking.queryCategory, plain: null, confidence: ranking.confidence };
}
