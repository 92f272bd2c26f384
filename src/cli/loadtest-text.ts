import Table from "cli-table3";
import { toShort } from "../../deploy/load/chart.js";
import type { LatencyFigures } from "../../deploy/load/latencies.js";
import type { LoadReport } from "../../deploy/load/report.js";
import { toLoadText } from "../../deploy/load/report-page.js";

/** A report for the eye. */
export function toReportText(report: LoadReport): string {
  const { errors_by_code, knee, capacity, checks, notes } = report;
  const errors = Object.entries(errors_by_code).map(([code, count]) => `${code} ${count}`);
  return [
    `${report.target}: ${toLoadText(report.load)}, ${toShort(report.took_ms / 1000)} s, ${report.pictures}`,
    `${report.sent} sent, ${report.good} good (${toShort(report.good_per_second)} a second), ${report.errors} errors${errors.length === 0 ? "" : `: ${errors.join(", ")}`}`,
    toTable(report),
    ...(knee === null ? [] : [toKneeText(knee)]),
    ...(capacity === null ? [] : [toCapacityText(capacity)]),
    ...checks.map(({ name, limit, found, passed }) => {
      const shown = found === null ? "nothing" : toShort(found);
      return `${passed ? "passed" : "FAILED"}: ${name} ${shown}, limit ${toShort(limit)}`;
    }),
    ...notes,
  ].join("\n");
}

function toTable({ latency_ms, since_sent_ms, stages_ms }: LoadReport): string {
  const head = ["ms", "mean", "p50", "p90", "p95", "p99", "p99.9", "max"];
  const table = new Table({ head, style: { head: [], border: [] }, colAligns: ["left"] });
  const add = (name: string, { count, mean, p50, p90, p95, p99, p999, max }: LatencyFigures) => {
    if (count === 0) return;
    table.push([name, ...[mean, p50, p90, p95, p99, p999, max].map((ms) => (ms === null ? "-" : toShort(ms)))]);
  };
  add("since due", latency_ms);
  add("since sent", since_sent_ms);
  for (const [stage, figures] of Object.entries(stages_ms)) add(`  ${stage}`, figures);
  return table.toString();
}

function toKneeText({ per_second, is_reached, most_p95_ms }: NonNullable<LoadReport["knee"]>): string {
  const limit = `p95 ${toShort(most_p95_ms)} ms, three times the beginning's, or 1 % errors`;
  if (per_second === null) return `knee: below everything that was tried (${limit})`;
  return is_reached ? `knee: ${toShort(per_second)} a second (${limit})` : `knee: not reached (${limit})`;
}

function toCapacityText({ sustained_per_second, idle_ms, held_share }: NonNullable<LoadReport["capacity"]>): string {
  const idle = idle_ms.p50 === null ? "no answer to one caller alone" : `one caller alone ${toShort(idle_ms.p50)} ms`;
  if (sustained_per_second === null) return `borne: nothing (${idle})`;
  return `borne: ${toShort(sustained_per_second)} a second (${idle}); the figures above are at ${100 * held_share} % of it`;
}
