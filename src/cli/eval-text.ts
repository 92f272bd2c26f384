import type { AnswerChange, AnswerComparison } from "../domain/answer-changes.js";
import type { ColorEvaluation } from "../domain/color-agreement.js";
import type { GateResult } from "../domain/quality-gates.js";
import type { VoteChange, VoteEvaluation } from "../domain/vote-evaluation.js";
import type { Comparison } from "./compare-evaluations.js";
import type { CatalogFacts, Evaluated, MeasuredIndex } from "./evaluate-artifact.js";

/** Everything that an evaluation found out. */
export type EvalReport = Readonly<{
  name: string;
  facts: CatalogFacts;
  votes: VoteEvaluation;
  colors: ColorEvaluation;
  index: MeasuredIndex | null;
  compared: Comparison | null;
  gates: readonly GateResult[];
  failed: Evaluated["failed"];
}>;

/** For the terminal. */
export function toEvalText({ facts, votes, colors, index, compared }: EvalReport): string {
  const plain = votes.vote_accuracy_v4 === null ? "" : `, ${percent(votes.vote_accuracy_v4)} by the plain vote of five`;
  return [
    ...toCategoryLines(votes),
    `${votes.photos} photos: ${percent(votes.vote_accuracy)} right${plain}`,
    `mean confidence ${percent(votes.mean_confidence)}, calibration error ${percent(votes.calibration_error)}`,
    `categories in an answer: ${votes.answer_categories.min} at least, ${votes.answer_categories.median} usually`,
    ...(index === null ? [] : toIndexLines(facts, index)),
    ...toColorLines(colors),
    `photos by ${facts.queries_by}, the catalog's vectors by ${facts.vectors_by}`,
    ...(compared === null ? [] : toCompareLines(compared)),
  ].join("\n");
}

/** The same as JSON: of answers that differ, the pieces by their ids. */
export function toEvalDocument({ votes, index, compared, facts, ...rest }: EvalReport) {
  return {
    ...votes,
    catalog: facts,
    index: index === null ? null : { ...index, changes: index.changes.map(toChangeDocument) },
    ...rest,
    ...(compared === null ? {} : { compared: toComparedDocument(compared) }),
  };
}

function toComparedDocument({ answers, votes, ...rest }: Comparison) {
  return { ...rest, changes: votes, answers: { ...answers, changes: answers.changes.map(toChangeDocument) } };
}

function toChangeDocument({ path, winners }: AnswerChange) {
  return {
    path,
    winners: winners.map(({ category, before, after }) => ({
      category,
      before: before?.id ?? null,
      after: after?.id ?? null,
    })),
  };
}

/** One line each, under their names, as wide as the longest category. */
function toCategoryLines({ per_category }: VoteEvaluation): readonly string[] {
  const rows = Object.entries(per_category).map(([category, { right, support, recall, precision, recall_v4 }]) => {
    return [category, `${right}/${support}`, percent(recall), percent(precision), percent(recall_v4)];
  });
  const longest = Math.max(...rows.map(([category]) => category!.length));
  return [["category", "right", "found", "precise", "plain vote"], ...rows].map(([category, ...cells]) =>
    [category!.padEnd(longest), ...cells.map((cell) => cell.padStart(10))].join("  "),
  );
}

function toIndexLines({ index: kind }: CatalogFacts, index: MeasuredIndex): readonly string[] {
  return [
    `index ${kind}: finds ${percent(index.recallAt10)} of the ten nearest; of ${index.queries} answers ` +
      `${percent(index.sameAnswer)} are as by a look at every row, ${percent(index.sameWinners)} have the same best pieces`,
  ];
}

function toColorLines({ photos, same_bucket, same_family, labels }: ColorEvaluation): readonly string[] {
  return [
    ...(photos === 0
      ? []
      : [
          `colors: V4's mean goes as the dominant color does in ${percent(same_bucket)}, by name in ${percent(same_family)}`,
        ]),
    ...(labels === null
      ? []
      : [
          `of ${labels.photos} labeled photos the dominant color is named right in ${percent(labels.dominant_right)}, ` +
            `the mean in ${percent(labels.mean_right)}`,
        ]),
  ];
}

function toCompareLines({ name, evaluation, votes, answers }: Comparison): readonly string[] {
  const count = (kind: VoteChange["kind"]) => votes.filter((each) => each.kind === kind).length;
  return [
    `${name}: ${percent(evaluation.vote_accuracy)} right; ${count("gained")} gained, ${count("lost")} lost, ` +
      `${count("still wrong")} wrong in another way`,
    ...toAnswerLines(answers),
    ...votes.map(
      ({ path, category, before, after, kind }) =>
        `${kind}: ${path}: ${before ?? "nothing"} -> ${after ?? "nothing"}, is ${category}`,
    ),
  ];
}

function toAnswerLines({ photos, same_answer, same_winners }: AnswerComparison): readonly string[] {
  return [
    `of ${photos} answers ${percent(same_answer)} are the same, ${percent(same_winners)} have the same best pieces`,
  ];
}

function percent(share: number | null): string {
  return share === null ? "-" : `${(share * 100).toFixed(1)} %`;
}
