import type { AnswerChange, WinnerChange } from "../domain/answer-changes.js";
import type { VoteChange, VoteEvaluation } from "../domain/vote-evaluation.js";
import { escapeHtml } from "../http/docs-page-html.js";
import type { Comparison } from "./compare-evaluations.js";
import { percent, toCategoryName, toSection, toTable } from "./eval-page-parts.js";
import { toCards, toPhoto, toPhotoCard, toPhotoName, toPiece } from "./eval-page-pictures.js";
import type { CatalogFacts, MeasuredIndex } from "./evaluate-artifact.js";
import type { ReadPieceImage } from "./piece-images.js";

/** Where the pieces of the first and of the second answer are seen. */
export type PiecesSeen = Readonly<{ before: ReadPieceImage; after: ReadPieceImage }>;

/** As many as a page shows at a glance. */
const maxVotes = 48;
const maxAnswers = 12;
const maxWinners = 4;

/** The other's gains, losses and other winners. */
export async function toComparisonSection(
  name: string,
  votes: VoteEvaluation,
  { name: other, evaluation, votes: changes, answers }: Comparison,
  pieces: PiecesSeen,
): Promise<string> {
  const rows = [
    [name, votes],
    [other, evaluation],
  ] as const;
  const table = toTable(
    "Both",
    ["answers", "vote right", "how sure", "calibration error", "categories in an answer"],
    rows.map(([each, { vote_accuracy, mean_confidence, calibration_error, answer_categories }]) => [
      escapeHtml(each),
      percent(vote_accuracy),
      percent(mean_confidence),
      percent(calibration_error),
      `${answer_categories.min} to ${answer_categories.median}`,
    ]),
  );
  const count = (kind: VoteChange["kind"]) => changes.filter((each) => each.kind === kind).length;
  const kinds = { gained: "good", lost: "bad", "still wrong": "" } as const;
  const voteCards = await toCards(changes, maxVotes, ({ path, category, before, after, kind }) => {
    const [one, other] = [before, after].map((voted) => toCategoryName(voted ?? "nothing"));
    const words = `${one} → <b>${other}</b><br>is ${toCategoryName(category)}`;
    return toPhotoCard(path, kind, words, kinds[kind]);
  });
  const answerCards = await toAnswerCards(answers.changes, pieces);
  const words = `Of ${answers.photos} photos <b>${count("gained")}</b> are gained by ${escapeHtml(other)}, <b>${count("lost")}</b> lost, and
${count("still wrong")} wrong in another way. ${percent(answers.same_answer)} of the answers are the same to the last piece,
${percent(answers.same_winners)} have the same best piece in every category.`;
  const changed = answerCards === "" ? "" : `<h3>Answers that changed</h3>${answerCards}`;
  return toSection("compared", `Beside ${escapeHtml(other)}`, words, table + voteCards + changed);
}

/** The index against a look at every row. */
export async function toIndexSection(
  { index: kind, index_agreement: built }: CatalogFacts,
  { queries, recallAt10, sameCategory, sameWinners, sameAnswer, changes }: MeasuredIndex,
  read: ReadPieceImage,
): Promise<string> {
  const figures = [
    [percent(recallAt10), "of the ten nearest are found"],
    [percent(sameCategory), "taken for the same category"],
    [percent(sameWinners), "same best piece in every category"],
    [percent(sameAnswer), "same answer to the last piece"],
  ] as const;
  const cards = await toAnswerCards(changes, { before: read, after: read });
  const words = `What the <b>${escapeHtml(kind)}</b> index answers to ${queries} photos, against a look at every vector in double
precision.${built === null ? "" : ` The build measured ${percent(built.sameAnswer)} same answers to ${built.queries} of its own items.`}`;
  const differing =
    cards === "" ? "<p>No answer differs.</p>" : `<h3>Answers that differ: every row → the index</h3>${cards}`;
  return toSection("index", "What the index finds", words, toFigures(figures) + differing);
}

/** Large numbers with a few words each. */
export function toFigures(figures: readonly (readonly [string, string])[]): string {
  return `<div class="figures">${figures.map(([value, what]) => `<div><b>${value}</b><span>${what}</span></div>`).join("")}</div>`;
}

function toAnswerCards(changes: readonly AnswerChange[], pieces: PiecesSeen): Promise<string> {
  return toCards(changes, maxAnswers, (change) => toAnswerCard(change, pieces), "answers");
}

async function toAnswerCard({ path, before, after, winners }: AnswerChange, pieces: PiecesSeen): Promise<string> {
  // Two pieces tell more than one that is there and one that is not.
  const both = ({ before: one, after: other }: WinnerChange) => Number(one !== null && other !== null);
  const shown = winners.toSorted((one, other) => both(other) - both(one)).slice(0, maxWinners);
  const rows = await Promise.all(shown.map((each) => toWinnerRow(each, pieces)));
  const more = winners.length > maxWinners ? `<small>and ${winners.length - maxWinners} more categories</small>` : "";
  const [one, other] = [before, after].map(({ queryCategory }) => toCategoryName(queryCategory ?? "nothing"));
  const taken = one === other ? `taken for ${one}` : `taken for ${one} → <b>${other}</b>`;
  const same = winners.length === 0 ? "<p>The same best pieces in another order, or others behind them.</p>" : "";
  return `<article><div class="asked">${await toPhoto(path)}<small class="name">${toPhotoName(path)}</small><small>${taken}</small></div>
<div class="winners">${rows.join("")}${more}${same}</div></article>`;
}

async function toWinnerRow({ category, before, after }: WinnerChange, pieces: PiecesSeen): Promise<string> {
  const [one, other] = [await toPiece(before, pieces.before), await toPiece(after, pieces.after)];
  return `<div class="winner"><small>${escapeHtml(category ?? "no category")}</small>${one}<span aria-label="becomes">→</span>${other}</div>`;
}
