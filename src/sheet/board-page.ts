import { escapeHtml } from "../../deploy/load/html-text.js";
import type { Board, BoardCard, BoardPart, BoardPicture } from "./board.js";
import { toWheelMarks } from "./color-wheel.js";
import { toRuleText } from "./layout-card.js";
import { partsOf } from "./layout-hero.js";
import { pageStyle } from "./page-style.js";
import { partColors } from "./theme.js";

/** How much of a picture's height or width may be cut off to fill its place. */
const mostCropped = 1.25;
/** Width over height of a card's picture. */
export const cardRatio = 1 / 1.16;

/** An answer as one HTML file that needs nothing else, runs nothing, and suits any screen by day and by night. */
export function toBoardPage(board: Board): string {
  return `${toPageHead(board.heading)}<main>${toBoardSection(board, { heading: "h1" })}</main>\n</html>\n`;
}

/** Everything of a page before its first board. Nothing outside the file may be loaded, whatever an answer says. */
export function toPageHead(title: string, moreStyle = ""): string {
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>${escapeHtml(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="content-security-policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<style>${pageStyle}${moreStyle}</style>
`;
}

/** One board: the page's only one, headed by an h1, or one of a book's under its id. */
export function toBoardSection(board: Board, { heading, id }: Readonly<{ heading: "h1" | "h2"; id?: string }>): string {
  const cards = board.cards.map((card) => toCard(card, board)).join("\n");
  const nothing = `<p class="muted">The answer suggests no piece.</p>`;
  return `<article class="board"${id === undefined ? "" : ` id="${id}"`}><header><${heading}>${escapeHtml(board.heading)}</${heading}>
<p class="facts">${board.facts.map(escapeHtml).join(" · ")}</p></header>
<div class="split">${toHero(board)}
${board.cards.length === 0 ? nothing : `<ol class="cards">${cards}</ol>`}</div></article>
`;
}

function toHero({ query, notice, cards }: Board): string {
  const tally = query.tally.map(
    ({ category, share }) =>
      `<dt>${escapeHtml(category)}</dt>${toBar([{ color: "var(--ink)", share }])}<dd>${Math.round(share * 100)} %</dd>`,
  );
  const palette = query.palette.map(
    ({ hex, share }) =>
      `<i style="background:${hex};flex:${share * 100}" title="${hex} ${Math.round(share * 100)} %"></i>`,
  );
  const legend = partsOf(cards).map((name) => `<li><i style="background:${toPartColor(name)}"></i>${name}</li>`);
  return `<section class="hero">${toPicture(query.picture, { label: query.name, color: query.color?.hex, place: toHeroRatio(query.picture), isHero: true })}
<div class="words"><p class="file">${escapeHtml(query.name)}</p><p class="what">${escapeHtml(query.category)}</p>
<p class="vote">${escapeHtml(query.vote)}</p>
${notice === null ? "" : `<p class="notice">${escapeHtml(notice)}</p>`}
${tally.length === 0 ? "" : `<dl class="tally">${tally.join("")}</dl>`}
${palette.length === 0 ? "" : `<div class="palette">${palette.join("")}</div>`}
${legend.length === 0 ? "" : `<ul class="legend">${legend.join("")}</ul>`}</div></section>`;
}

function toCard(card: BoardCard, { query }: Board): string {
  const { rank, category, price, name, link, score, boosted, parts, color, picture } = card;
  const boost = parts.find((part) => part.name === "boost")?.share ?? 0;
  const words = boost === 0 ? "boosted" : `+${boost.toFixed(2)} boost`;
  const title = escapeHtml(name);
  const linked = link === null ? title : `<a rel="noopener noreferrer" href="${escapeHtml(link)}">${title}</a>`;
  const bar = toBar(parts.map((part) => ({ color: toPartColor(part.name), share: part.share })));
  return `<li class="card">${toPicture(picture, { label: name, color: color?.hex, place: cardRatio, isHero: false })}
<div class="words"><p class="line"><span class="kind">${rank}&ensp;${escapeHtml(category)}</span>${price === null ? "" : `<span class="price">${escapeHtml(price)}</span>`}</p>
<p class="name" title="${title}">${linked}</p>
<p class="score">${score === null ? "no score" : score.toFixed(2)}${boosted ? `<small>${words}</small>` : ""}</p>
${parts.length === 0 ? "" : bar}
${toMatch(card, query)}</div></li>`;
}

function toMatch({ color, match }: BoardCard, query: Board["query"]): string {
  const rule = match === null ? "color not compared" : toRuleText(match);
  const swatches = [query.color, color].map((each) => (each === null ? "" : toSwatch(each.hex))).join("");
  const text = `<p>${swatches}<span class="muted">${color === null ? "color not known" : color.hex}</span></p><p class="rule">${rule}</p>`;
  if (query.color === null || color === null) return `<div class="match"><span></span><div>${text}</div></div>`;
  const marks = toWheelMarks(query.color, color);
  const wheel = `<span class="wheel" aria-hidden="true"><svg viewBox="-1 -1 2 2">${marks}</svg></span>`;
  return `<div class="match">${wheel}<div>${text}</div></div>`;
}

type PicturePlace = Readonly<{ label: string; color: string | undefined; place: number; isHero: boolean }>;

/** A picture of about its place's shape fills it; any other is shown whole. */
function toPicture(picture: BoardPicture | null, { label, color, place, isHero }: PicturePlace): string {
  const name = escapeHtml(label);
  if (picture === null) {
    const swatch = color === undefined ? "no picture" : `<i style="background:${color}"></i>`;
    return `<div class="picture">${swatch}</div>`;
  }
  if (picture.kind === "shared") return `<div class="picture ${picture.name}" role="img" aria-label="${name}"></div>`;
  const close = isClose(picture.ratio, place) ? " close" : "";
  const shape = isHero ? ` style="aspect-ratio:${place}"` : "";
  return `<div class="picture${close}"${shape}><img alt="${name}" src="${escapeHtml(picture.uri)}"></div>`;
}

/** The place of what is asked about has its picture's shape, unless that is a strip. */
export function toHeroRatio(picture: BoardPicture | null): number {
  const [usual, narrowest, widest] = [1 / 1.3, 0.7, 1.5];
  if (picture?.kind !== "embedded" || picture.ratio === null) return usual;
  return Math.round(Math.min(widest, Math.max(narrowest, picture.ratio)) * 1000) / 1000;
}

/** Whether a picture may fill a place of another shape; both as width over height. */
export function isClose(picture: number | null, place: number): boolean {
  return picture !== null && Math.max(picture / place, place / picture) <= mostCropped;
}

/** Never beyond its end: a v4 score may exceed 1. */
function toBar(parts: readonly Readonly<{ color: string; share: number }>[]): string {
  const whole = Math.max(
    1,
    parts.reduce((sum, { share }) => sum + share, 0),
  );
  const pieces = parts.map(
    ({ color, share }) => `<i style="background:${color};width:${toPercent(share / whole)}"></i>`,
  );
  return `<div class="bar" aria-hidden="true">${pieces.join("")}</div>`;
}

function toPartColor(name: BoardPart["name"]): string {
  return name === "similarity" ? "var(--similarity)" : partColors[name];
}

function toSwatch(hex: string): string {
  return `<i class="swatch" style="background:${hex}"></i>`;
}

function toPercent(share: number): string {
  return `${Math.round(share * 1000) / 10}%`;
}
