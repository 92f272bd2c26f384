import { escapeHtml } from "../../deploy/load/html-text.js";
import type { Board, BoardPicture } from "./board.js";
import { cardRatio, isClose, toBoardSection, toHeroRatio, toPageHead } from "./board-page.js";

/** One look of a book: its board, or why there is none. */
export type Look = Readonly<{ name: string }> & (Readonly<{ board: Board }> | Readonly<{ reason: string }>);

const style = `
.book { padding: clamp(16px, 3vw, 40px); padding-bottom: 0; }
.index > li { content-visibility: auto; contain-intrinsic-size: auto 190px; }
.index { display: grid; gap: 14px; grid-template-columns: repeat(auto-fill, minmax(118px, 1fr)); list-style: none; margin-top: 24px; }
.index a { display: block; color: inherit; text-decoration: none; background: var(--panel); border: 1px solid var(--line); border-radius: 12px; overflow: hidden; height: 100%; }
.index a:hover, .index a:focus-visible { border-color: var(--ink); }
.index .picture { background-size: cover; }
.index b { display: block; font-size: 13px; font-weight: 600; padding: 8px 10px 0; overflow-wrap: anywhere; }
.index small { display: block; font-size: 11px; color: var(--muted); padding: 0 10px 8px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.board { content-visibility: auto; contain-intrinsic-size: auto 1500px; border-top: 1px solid var(--line); margin-top: 40px; }
.back { color: var(--muted); font-size: 14px; }
.reason { margin-top: 6px; color: var(--notice); font-weight: 600; overflow-wrap: anywhere; }
`;

/** The book up to its index. */
export function toBookHead(title: string, facts: readonly string[]): string {
  return `${toPageHead(title, style)}<main><header class="book" id="index"><h1>${escapeHtml(title)}</h1>
<p class="facts">${facts.map(escapeHtml).join(" · ")}</p>
<ol class="index">
`;
}

/** A look's place in the index; its picture is the one that `toSharedStyle` gave its board. */
export function toIndexEntry(look: Look, number: number): string {
  const name = escapeHtml(look.name);
  const picture = "board" in look ? look.board.query.picture : null;
  const shown = picture?.kind === "shared" ? ` ${picture.name}` : "";
  const category = "board" in look ? escapeHtml(look.board.query.category) : "No answer";
  return `<li><a href="#look-${number}"><div class="picture${shown}"></div><b>${category}</b><small title="${name}">${name}</small></a></li>
`;
}

/** Between the index and the first look, and after the last one. */
export const afterIndex = "</ol></header>\n";
export const bookEnd = "</main>\n</html>\n";

/** A look's own part of the book. */
export function toLookSection(look: Look, number: number): string {
  const back = `<p class="book"><a class="back" href="#index">Back to the index</a></p>\n`;
  if ("board" in look) return `${toBoardSection(look.board, { heading: "h2", id: `look-${number}` })}${back}`;
  return `<article class="board" id="look-${number}"><header><h2>${escapeHtml(look.name)}</h2>
<p class="reason">${escapeHtml(look.reason)}</p></header></article>
${back}`;
}

/** A picture that several places of the book show, held once. */
export function toSharedStyle(name: string, picture: BoardPicture & { kind: "embedded" }): string {
  const place = toHeroRatio(picture);
  const fill = (ratio: number) => (isClose(picture.ratio, ratio) ? ";background-size:cover" : "");
  const large = `.hero .${name}{aspect-ratio:${place}${fill(place)}}`;
  return `<style>.${name}{background-image:url("${picture.uri}")${fill(cardRatio)}}${large}</style>\n`;
}
