import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { toThumbnail } from "../adapters/thumbnail.js";
import type { Candidate } from "../domain/candidate.js";
import type { Rgb } from "../domain/image.js";
import { escapeHtml } from "../http/docs-page-html.js";
import type { ReadPieceImage } from "./piece-images.js";

/** Sharp on a screen of double density, and a few kilobytes. */
const photoSide = 240;
const pieceSide = 120;

/** One photo and what there is to say about it. `head` and `words` are HTML. */
export async function toPhotoCard(path: string, head: string, words: string, kind = ""): Promise<string> {
  const caption = `<figcaption><small class="${kind}">${head}</small><p>${words}</p><small class="name">${toPhotoName(path)}</small></figcaption>`;
  return `<figure>${await toPhoto(path)}${caption}</figure>`;
}

/** The picture itself. @throws Error when the file has gone */
export async function toPhoto(path: string): Promise<string> {
  return toPicture(await readFile(path), photoSide, toPhotoName(path));
}

/** The folder says what it is of. */
export function toPhotoName(path: string): string {
  return escapeHtml(join(basename(dirname(path)), basename(path)));
}

/** A catalog's piece by its picture, else by its color. */
export async function toPiece(piece: Candidate | null, read: ReadPieceImage): Promise<string> {
  if (piece === null) return `<span class="piece none">none</span>`;
  const image = await read(piece);
  const name = escapeHtml(piece.id ?? piece.path ?? "unknown");
  const bytes = image === null ? null : Buffer.from(image.uri.slice(image.uri.indexOf(",") + 1), "base64");
  const shown = bytes === null ? toSwatch(piece.color?.rgb ?? null, name) : await toPicture(bytes, pieceSide, name);
  const kind = bytes === null ? "piece bare" : "piece";
  return `<span class="${kind}" title="${name}">${shown}<small>${name}</small></span>`;
}

/** Colors side by side, with a word below each. */
export function toSwatches(colors: readonly (readonly [string, Rgb])[]): string {
  const swatches = colors.map(([label, rgb]) => `<span>${toSwatch(rgb, label)}<small>${label}</small></span>`);
  return `<span class="swatches">${swatches.join("")}</span>`;
}

/** A color that is looked at; its numbers are read out. */
function toSwatch(rgb: Rgb | null, label: string): string {
  if (rgb === null) return `<i class="swatch none" title="${label}"></i>`;
  const numbers = rgb.join(" ");
  return `<i class="swatch" style="background:rgb(${numbers})" role="img" aria-label="${label} rgb(${numbers})" title="${label} rgb(${numbers})"></i>`;
}

async function toPicture(bytes: Uint8Array, side: number, name: string): Promise<string> {
  const picture = Buffer.from(await toThumbnail(bytes, side)).toString("base64");
  return `<img src="data:image/webp;base64,${picture}" alt="${name}" loading="lazy">`;
}

/** Of at most so many, with a word on how many more there are. */
export async function toCards<Item>(
  items: readonly Item[],
  most: number,
  toCard: (item: Item) => Promise<string>,
  kind = "cards",
): Promise<string> {
  const cards = await Promise.all(items.slice(0, most).map(toCard));
  const more = items.length > most ? `<p class="muted">and ${items.length - most} more</p>` : "";
  return cards.length === 0 ? "" : `<div class="${kind}">${cards.join("")}</div>${more}`;
}
