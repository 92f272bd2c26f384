import Table from "cli-table3";
import type { Reply, ReplyRow } from "../../client/client.js";

/** An answer as a table for the eye, with all that V4's test client printed of it. */
export function toReplyTable(reply: Reply): string {
  return [toHeading(reply), toTable(reply), toFooting(reply)].filter(Boolean).join("\n");
}

function toHeading({ query_item, category_vote, mode }: Reply): string {
  const color = query_item.dominant_color ?? "no color";
  if (mode === "similar") return `${color}: the nearest items`;
  const sureness =
    category_vote === null || category_vote.confidence === null
      ? ""
      : `, ${Math.round(category_vote.confidence * 100)} % sure`;
  return `${color}: ${category_vote?.category ?? "an unknown garment"}${sureness}`;
}

function toTable({ recommendations }: Reply): string {
  const head = ["#", "item", "category", "gender", "score", "color", "fit", "gender fit", "garment color"];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const row of recommendations) table.push(toCells(row));
  return table.toString();
}

function toCells(row: ReplyRow): string[] {
  return [
    String(row.rank),
    row.item_id,
    row.category ?? "-",
    row.gender,
    ...[row.score, row.color_score, row.category_score, row.gender_score].map((score) => score?.toFixed(4) ?? "-"),
    toHexColor(row) ?? "-",
  ];
}

/** The garment's own color as `#rrggbb`; null where the catalog does not know it. */
function toHexColor({ colors }: ReplyRow): string | null {
  const color: unknown = colors[0];
  if (!Array.isArray(color) || color.length !== 3) return null;
  const channels = color.map((channel) => Math.min(255, Math.max(0, Math.round(Number(channel)))) || 0);
  return `#${channels.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}

function toFooting({ fallback, fallback_reason, metadata, encoder, profile }: Reply): string {
  const reason = fallback ? `No outfit was found (${fallback_reason}); these are the most similar pieces.\n` : "";
  const ms = typeof metadata.processing_time_ms === "number" ? `${metadata.processing_time_ms.toFixed(1)} ms` : "";
  return `${reason}${ms} in the service, ${metadata.total_items} items, ${encoder}, profile ${profile}`;
}
