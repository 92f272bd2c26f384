import { drawComparedBars } from "./draw-card.js";
import { drawPicture } from "./draw-picture.js";
import { element } from "./element.js";
import { sentenceFor } from "./error-sentences.js";
import type { ShownItem } from "./reply.js";
import { type Verdict, verdictSentence } from "./why-not.js";
import { itemName } from "./words.js";

/** Items with what can be done with each; why not is asked of an outfit alone. */
export function drawShelf(items: readonly ShownItem[], hasOutfit: boolean): readonly Node[] {
  return items.map((item) =>
    element(
      "li",
      { class: "shelf-item" },
      drawPicture(item, item.palette[0]?.rgb ?? null, ""),
      element("p", { class: "shelf-name" }, itemName(item)),
      element("p", { class: "price" }, item.price ?? ""),
      element(
        "div",
        { class: "shelf-buttons" },
        drawButton("Build around it", item, "data-item"),
        hasOutfit ? drawButton("Why not this one?", item, "data-why") : null,
      ),
    ),
  );
}

function drawButton(label: string, item: ShownItem, attribute: string): HTMLElement {
  return element(
    "button",
    { type: "button", class: "link", [attribute]: item.item_id, "aria-label": `${label} ${itemName(item)}` },
    label,
  );
}

/** The verdict on an item, with both scores where they decided. */
export function drawVerdict(item: ShownItem, verdict: Verdict | null): readonly Node[] {
  const sentence = verdict === null ? "Asking …" : verdictSentence(verdict, sentenceFor);
  return [
    element("p", { class: "eyebrow" }, itemName(item)),
    element("p", { class: "verdict" }, sentence),
    ...(verdict?.kind === "outscored" ? drawComparedBars(verdict.piece, verdict.winner) : []),
  ];
}
