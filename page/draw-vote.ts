import { drawPicture } from "./draw-picture.js";
import { element } from "./element.js";
import type { VoteOutcome } from "./reply.js";
import { categoryName, percent } from "./words.js";

/** What the garment was taken for, and the five nearest items that decided it. */
export function drawVote(vote: VoteOutcome): readonly HTMLElement[] {
  return [
    element("p", { class: "eyebrow" }, vote.source === "caller" ? "You say it is a" : "Seen as a"),
    element(
      "p",
      { class: "seen-as" },
      categoryName(vote.category),
      vote.confidence === null ? null : element("span", { class: "sure" }, `${percent(vote.confidence)} sure`),
    ),
    element("h3", { class: "small-heading" }, "The nearest pieces, who vote"),
    element("ol", { class: "voters" }, ...vote.voters.map(drawVoter)),
    ...(vote.excluded_categories.length === 0 ? [] : [drawExcluded(vote.excluded_categories)]),
  ];
}

function drawVoter(voter: VoteOutcome["voters"][number]): HTMLElement {
  const { item_id, category, similarity, weight } = voter;
  const told = `${categoryName(category)}, ${(similarity * 100).toFixed(1)} % alike`;
  return element(
    "li",
    { class: "voter", title: `${item_id}: similarity ${similarity.toFixed(4)}, its voice counts ${weight.toFixed(2)}` },
    element(
      "button",
      { type: "button", class: "voter-button", "data-item": item_id, "aria-label": `${told}: build around it` },
      drawPicture(voter, null, ""),
    ),
    element("span", { class: "voter-category" }, categoryName(category)),
    element("span", { class: "voter-number" }, similarity.toFixed(3)),
  );
}

function drawExcluded(categories: readonly string[]): HTMLElement {
  return element(
    "p",
    { class: "note" },
    `Not shown, because they fill the same place: ${categories.map(categoryName).join(", ")}.`,
  );
}
