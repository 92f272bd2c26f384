import Table from "cli-table3";
import { toItemId } from "../domain/candidate.js";
import type { Rgb } from "../domain/image.js";
import { toShownScore } from "../domain/score.js";
import type { Recommendation } from "../pipeline.js";

/** An answer as a table for the eye; with `colors`, each garment's color as a block of true color. */
export function toOutfitTable(answer: Recommendation, colors: boolean): string {
  return [toHeading(answer, colors), toTable(answer, colors), toFooting(answer)].filter(Boolean).join("\n");
}

function toHeading({ ranking, color }: Recommendation, colors: boolean): string {
  const swatch = color === null ? "" : `${toSwatchText(color.rgb, colors)} `;
  if (ranking === null) return `${swatch}the nearest items`;
  const { queryCategory, categorySource, confidence } = ranking;
  const sureness = confidence === null ? "" : `, ${Math.round(confidence * 100)} % sure`;
  const source = { vote: "voted", caller: "as you said", none: "nobody could say" }[categorySource];
  return `${swatch}${queryCategory ?? "an unknown garment"} (${source}${sureness})`;
}

function toTable({ ranking, similar }: Recommendation, colors: boolean): string {
  const head =
    ranking === null ? ["#", "item", "category", "similarity"] : ["#", "", "item", "category", "score", "color", "why"];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const [i, { candidate, similarity }] of similar.entries()) {
    table.push([i + 1, toItemId(candidate), candidate.category ?? "-", similarity.toFixed(4)]);
  }
  for (const { candidate, rank, parts, harmony, boosted } of ranking?.suggestions ?? []) {
    const swatch = candidate.color === null ? "" : toSwatchText(candidate.color.rgb, colors);
    const why = boosted ? "goes together" : "";
    table.push([
      rank,
      swatch,
      toItemId(candidate),
      candidate.category ?? "-",
      toShownScore(parts).toFixed(4),
      harmony.harmony,
      why,
    ]);
  }
  return table.toString();
}

function toFooting({ ranking, times }: Recommendation): string {
  const fallback = ranking?.fallback
    ? `No outfit was found (${ranking.fallback}); these are the most similar pieces.\n`
    : "";
  return `${fallback}${times.totalMs.toFixed(1)} ms`;
}

function toSwatchText(rgb: Rgb, colors: boolean): string {
  return colors
    ? `\u001b[48;2;${rgb.join(";")}m    \u001b[0m`
    : `#${rgb.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}
