import type { Reply, ReplyRow } from "../../client/client.js";
import { escapeHtml } from "../../deploy/load/html-text.js";
import { sniffImageFormat } from "../domain/image-format.js";
import { toHexColor } from "./reply-table.js";

/**
 * An answer as one HTML file that needs nothing else: the picture that was asked about, and a row for each suggestion
 * with its color. Pictures of the catalog are linked where the service names their address, and never loaded.
 */
export function toAnswerPage(reply: Reply, image: Uint8Array | null): string {
  const { query_item, category_vote, recommendations, fallback } = reply;
  const category = category_vote?.category ?? (reply.mode === "similar" ? "the nearest items" : "an unknown garment");
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>${escapeHtml(category)}</title>
<meta http-equiv="content-security-policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #1b1b1f; background: #fff; }
header { display: flex; gap: 1.5rem; align-items: center; margin-bottom: 1.5rem; }
header img { max-width: 300px; max-height: 300px; border-radius: 8px; }
table { border-collapse: collapse; } td, th { padding: .4rem .8rem; text-align: left; border-bottom: 1px solid #ddd; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
i { display: inline-block; width: 2.4rem; height: 1.4rem; border: 1px solid #999; border-radius: 4px; vertical-align: middle; }
</style>
<header>${toPicture(image)}<div><h1>${escapeHtml(category)}</h1>
<p>${toSwatch(toHex(query_item.dominant_color_rgb))} ${escapeHtml(query_item.dominant_color ?? "no color")}</p>
${fallback ? "<p>No outfit was found; these are the most similar pieces.</p>" : ""}</div></header>
<table><thead><tr><th>#<th>Color<th>Item<th>Category<th>Gender<th>Score<th>Color score<th>Category score<th>Gender score</tr></thead>
<tbody>
${recommendations.map(toRow).join("\n")}
</tbody></table>
<p>${escapeHtml(`${reply.encoder}, profile ${reply.profile}, catalog ${reply.catalog_digest}`)}</p>
</html>
`;
}

function toPicture(image: Uint8Array | null): string {
  const format = image === null ? null : sniffImageFormat(image);
  if (image === null || format === null) return "";
  const base64 = Buffer.from(image.buffer, image.byteOffset, image.byteLength).toString("base64");
  return `<img alt="what was asked about" src="data:image/${format};base64,${base64}">`;
}

function toRow(row: ReplyRow): string {
  const scores = [row.score, row.color_score, row.category_score, row.gender_score];
  const cells = scores.map((score) => `<td class="number">${score === null ? "" : Number(score).toFixed(4)}`).join("");
  const texts = [row.category ?? "", row.gender].map((text) => `<td>${escapeHtml(text)}`).join("");
  return `<tr><td class="number">${Number(row.rank)}<td>${toSwatch(toHexColor(row))}<td>${toItem(row)}${texts}${cells}</tr>`;
}

function toItem(row: ReplyRow): string {
  const text = escapeHtml(row.title ?? row.item_id);
  const address = row.url ?? row.image_url;
  if (address === undefined || !/^https?:\/\//.test(address)) return text;
  return `<a rel="noopener noreferrer" href="${escapeHtml(address)}">${text}</a>`;
}

function toHex(rgb: readonly number[] | null): string | null {
  return rgb === null ? null : `#${rgb.map((channel) => Number(channel).toString(16).padStart(2, "0")).join("")}`;
}

function toSwatch(hex: string | null): string {
  return hex === null || !/^#[0-9a-f]{6}$/.test(hex) ? "" : `<i style="background:${hex}"></i>`;
}
