import Table from "cli-table3";
import { toShort } from "../../deploy/load/chart.js";
import type { Comparison } from "./compare-replies.js";

const mostShown = 20;

/** A comparison for the eye. */
export function toComparisonText(comparison: Comparison, names: Readonly<{ a: string; b: string }>): string {
  const { photos, compared, a, b, most_score_difference, differences } = comparison;
  return [
    `A is ${names.a}${toFactsText(a)}`,
    `B is ${names.b}${toFactsText(b)}`,
    `${compared} of ${photos} photos answered by both`,
    toAgreementTable(comparison),
    toSideTable(comparison),
    ...(most_score_difference === null
      ? []
      : [`scores of the same item differ by ${most_score_difference.toFixed(4)} at most`]),
    ...differences
      .slice(0, mostShown)
      .map(
        ({ photo, category_a, category_b, item_overlap }) =>
          `${photo}: ${category_a ?? "-"} | ${category_b ?? "-"}, ${toPercent(item_overlap)} of the items`,
      ),
    ...(differences.length > mostShown ? [`... and ${differences.length - mostShown} more; --json has all`] : []),
  ].join("\n");
}

function toFactsText({ facts }: Comparison["a"]): string {
  return facts === null ? "" : ` (${facts.encoder} ${facts.precision}, catalog ${facts.catalog.slice(0, 12)})`;
}

function toAgreementTable(comparison: Comparison): string {
  const head = ["category by A", "photos", "same category", "items in both"];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const { category, photos, same_category, item_overlap } of comparison.by_category) {
    table.push([category ?? "-", photos, toPercent(same_category), toPercent(item_overlap)]);
  }
  table.push(["all", comparison.compared, toPercent(comparison.same_category), toPercent(comparison.item_overlap)]);
  return table.toString();
}

function toSideTable({ a, b }: Comparison): string {
  const table = new Table({ head: ["", "p50 ms", "p95 ms", "max ms", "failed"], style: { head: [], border: [] } });
  for (const [name, { latency_ms, failures }] of [
    ["A", a],
    ["B", b],
  ] as const) {
    const times = [latency_ms.p50, latency_ms.p95, latency_ms.max].map((ms) => (ms === null ? "-" : toShort(ms)));
    const failed = Object.entries(failures).map(([code, count]) => `${code} ${count}`);
    table.push([name, ...times, failed.join(", ") || "0"]);
  }
  return table.toString();
}

function toPercent(share: number | null): string {
  return share === null ? "-" : `${(100 * share).toFixed(1)} %`;
}
