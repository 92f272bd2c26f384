import { toCss } from "./color-wheel.js";
import { drawPicture, drawSwatches } from "./draw-picture.js";
import { drawWheel } from "./draw-wheel.js";
import { element } from "./element.js";
import type { HarmonyReason, Piece, Rgb, ScoreParts } from "./reply.js";
import { toDecimals, toDifferences, toLines, toSegments } from "./score-bar.js";
import { categoryName, harmonySentence, itemName } from "./words.js";

/** One piece of the outfit with its reasons. `order` counts from 0 and staggers the cards' coming. */
export function drawCard(piece: Piece, order: number, isCompact = false): HTMLLIElement {
  const { reasons } = piece;
  const harmony = reasons?.harmony;
  const text = element(
    "div",
    { class: "card-text" },
    drawHead(piece, isCompact),
    harmony === undefined ? null : drawHarmony(harmony),
    reasons === undefined ? null : drawBar(reasons.score_parts),
    reasons === undefined || isCompact ? null : drawAddition(piece, reasons.score_parts),
  );
  const picture = element("div", { class: "card-picture" }, drawPicture(piece, colorOf(piece)));
  if (!isCompact) picture.append(drawBuildAround(piece));
  return element("li", { class: isCompact ? "card is-compact" : "card", "--order": order }, picture, text);
}

function colorOf({ reasons }: Piece): Rgb | null {
  return reasons?.harmony?.item?.rgb ?? null;
}

function drawBuildAround(piece: Piece): HTMLElement {
  const label = `Build around this: ${itemName(piece)}`;
  return element(
    "button",
    { type: "button", class: "card-action", "data-item": piece.item_id, "aria-label": label },
    "Build around this",
  );
}

function drawHead(piece: Piece, isCompact: boolean): HTMLElement {
  const boost = piece.boosted === true && !isCompact;
  return element(
    "div",
    { class: "card-head" },
    element(
      "p",
      { class: "eyebrow" },
      categoryName(piece.category),
      boost
        ? element("span", { class: "chip", title: "These categories go together: 15 % more" }, "goes together")
        : null,
    ),
    element("h3", { class: "card-title" }, itemName(piece)),
    piece.price === undefined ? null : element("p", { class: "price" }, piece.price),
  );
}

function drawHarmony(harmony: HarmonyReason): HTMLElement {
  const { rule, query, item, hue_distance_degrees: apart } = harmony;
  const isMeasured = apart !== null && rule !== "neutral" && rule !== "unknown";
  const colors = [query, ...(item === null ? [] : [item])].map(({ rgb }) => ({ rgb, share: 1 }));
  const label = `Your garment ${toCss(query.rgb)}${item === null ? "" : `, this piece ${toCss(item.rgb)}`}`;
  return element(
    "div",
    { class: "harmony" },
    drawWheel(harmony),
    element(
      "p",
      { class: "harmony-text" },
      element("strong", {}, rule.charAt(0).toUpperCase() + rule.slice(1), isMeasured ? ` ${Math.round(apart)}°` : ""),
      element("span", {}, harmonySentence(rule)),
      drawSwatches(colors, label),
    ),
  );
}

function drawBar(parts: ScoreParts): HTMLElement {
  const segments = toSegments(parts);
  const told = segments.map(({ label, points }) => `${label} ${toDecimals(points)}`).join(", ");
  return element(
    "div",
    { class: "score" },
    element(
      "div",
      { class: "bar", role: "img", "aria-label": `Score ${toDecimals(parts.total)}: ${told}` },
      ...segments.map(({ name, label, points, share }) =>
        element("span", { class: `part is-${name}`, "--share": share, title: `${label} ${toDecimals(points)}` }),
      ),
    ),
    element("span", { class: "score-number", "aria-hidden": "true" }, (parts.total / 10_000).toFixed(2)),
  );
}

/** Two scores below each other, and what of the first falls short of the second. */
export function drawComparedBars(piece: Piece, winner: Piece): readonly HTMLElement[] {
  const [own, better] = [piece.reasons?.score_parts, winner.reasons?.score_parts];
  if (own === undefined || better === undefined) return [];
  const bars = [piece, winner].map((each, at) =>
    element("div", { class: "compared" }, element("p", {}, itemName(each)), drawBar(at === 0 ? own : better)),
  );
  const differences = toDifferences(own, better).map(({ label, points }) =>
    element("div", { class: "line" }, element("dt", {}, label), element("dd", {}, toDecimals(points))),
  );
  return [...bars, element("dl", { class: "differences" }, ...differences)];
}

function drawAddition(piece: Piece, parts: ScoreParts): HTMLElement {
  const lines = toLines(parts).map(({ name, label, points }) =>
    element(
      "div",
      { class: `line is-${name}` },
      element("dt", {}, element("span", { class: "key" }), label),
      element("dd", {}, toDecimals(points)),
    ),
  );
  const flags = (piece.flags ?? []).map((flag) => flag.replaceAll("_", " "));
  return element(
    "details",
    { class: "addition" },
    element("summary", {}, "How it adds up"),
    element("dl", {}, ...lines),
    element("p", {}, `Similarity ${piece.similarity.toFixed(4)}.`),
    piece.match_reason === undefined ? null : element("p", {}, `The server's words: ${piece.match_reason}.`),
    flags.length === 0 ? null : element("p", {}, `Note: ${flags.join(", ")}.`),
  );
}
