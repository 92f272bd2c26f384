import { toCompareRows } from "./compare-rows.js";
import { drawCard } from "./draw-card.js";
import { element } from "./element.js";
import { sentenceFor } from "./error-sentences.js";
import type { Piece, Reply } from "./reply.js";
import { toSegments } from "./score-bar.js";
import { type Answer, type State, wantedProfiles } from "./state.js";
import { categoryName, fallbackSentence } from "./words.js";

const skeletons = 8;

/** The board: cards, two outfits side by side, empty cards while the first answer is on its way, or what went wrong. */
export function drawOutfit(state: State): readonly Node[] {
  const wanted = wantedProfiles(state.options);
  const answers = wanted.flatMap((profile) => state.answers[profile] ?? []);
  const refused = answers.find((answer) => answer.kind === "refused");
  if (refused?.kind === "refused") return [drawRefusal(refused)];
  const shown = answers.flatMap((answer) => (answer.kind === "shown" ? [answer.reply] : []));
  const [first, second] = shown;
  if (first === undefined || shown.length < wanted.length) return [drawSkeleton()];
  return second === undefined ? drawBoard(first) : drawComparison(first, second);
}

function drawRefusal({ code, reason }: Answer & { kind: "refused" }): HTMLElement {
  return element(
    "div",
    { class: "refusal" },
    element("p", { class: "refusal-sentence" }, sentenceFor(code)),
    element("p", { class: "note" }, reason === null ? code : `${code}: ${reason}`),
    element("button", { type: "button", class: "button", "data-do": "put-back" }, "Choose another picture"),
  );
}

function drawSkeleton(): HTMLElement {
  const cards = Array.from({ length: skeletons }, (_, order) =>
    element("li", { class: "card is-skeleton", "--order": order }, element("div", { class: "card-picture" })),
  );
  return element("ul", { class: "board", "aria-hidden": "true" }, ...cards);
}

function drawBoard(reply: Reply): readonly Node[] {
  const cards = reply.recommendations.map((piece, order) => drawCard(piece, order));
  if (cards.length === 0) return [element("p", { class: "note" }, "Nothing in the catalog completes this one.")];
  const board = element("ul", { class: "board" }, ...cards);
  return [drawBoardHead(reply), ...(reply.fallback ? [drawFallback(reply)] : []), board];
}

/** How many there are, and what the colors of the bars below stand for. */
function drawBoardHead({ recommendations, metadata }: Reply): HTMLElement {
  const count = recommendations.length === 1 ? "One piece" : `${recommendations.length} pieces`;
  const parts = recommendations.flatMap(({ reasons }) =>
    reasons === undefined ? [] : toSegments(reasons.score_parts),
  );
  const labels = new Map(parts.map(({ name, label }) => [name, label]));
  const legend = [...labels].map(([name, label]) =>
    element("li", {}, element("span", { class: `key is-${name}` }), label),
  );
  return element(
    "div",
    { class: "board-head" },
    element("p", {}, `${count} of ${metadata.total_items.toLocaleString("en")}, best first`),
    element("ul", { class: "legend", "aria-label": "Parts of a score" }, ...legend),
  );
}

function drawFallback({ fallback_reason }: Reply): HTMLElement {
  return element("p", { class: "warning" }, fallbackSentence(fallback_reason));
}

/** Place by place, so that the eye compares what belongs together. */
function drawComparison(first: Reply, second: Reply): readonly Node[] {
  const rows = toCompareRows(first, second);
  const same = rows.filter((row) => row.same).length;
  const body = rows.map((row) =>
    element(
      "li",
      { class: row.same ? "compare-row is-same" : "compare-row" },
      element(
        "h3",
        { class: "compare-category" },
        categoryName(row.category),
        element("span", { class: "sign" }, row.same ? "same piece" : ""),
      ),
      drawSide(row.first, first.profile),
      drawSide(row.second, second.profile),
    ),
  );
  return [
    element("p", { class: "lead" }, `The two agree in ${same} of ${rows.length} places.`),
    ...[first, second].filter(({ fallback }) => fallback).map(drawFallback),
    element(
      "div",
      { class: "compare-head", "aria-hidden": "true" },
      element("span", {}, ""),
      element("span", {}, first.profile),
      element("span", {}, second.profile),
    ),
    element("ul", { class: "compare" }, ...body),
  ];
}

function drawSide(pieces: readonly Piece[], profile: string): HTMLElement {
  const list = element(
    "ul",
    { class: "side", "aria-label": profile },
    ...pieces.map((piece, order) => drawCard(piece, order, true)),
  );
  if (pieces.length === 0) list.append(element("li", { class: "note" }, `Nothing by ${profile}`));
  return list;
}
