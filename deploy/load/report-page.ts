import { drawChart, toShort } from "./chart.js";
import { escapeHtml } from "./html-text.js";
import type { LatencyFigures } from "./latencies.js";
import type { LoadReport } from "./report.js";

/** A load test's report as one HTML file that loads nothing and runs no script. */
export function toReportPage(report: LoadReport): string {
  const verdict = report.ended === "interrupted" ? "interrupted" : report.passed ? "passed" : "failed";
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Load test of ${escapeHtml(report.target)}</title>
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #1b1b1f; background: #fff; }
table { border-collapse: collapse; margin: 1rem 0; } td, th { padding: .25rem .8rem; text-align: right; border-bottom: 1px solid #ddd; font-variant-numeric: tabular-nums; }
td:first-child, th:first-child { text-align: left; }
figure { margin: 1.5rem 0; } svg { width: 100%; height: auto; font-size: 12px; fill: #444; } .title { font-size: 15px; font-weight: 600; fill: #1b1b1f; }
.grid { stroke: #e3e3e8; } .limit { stroke: #b3261e; stroke-dasharray: 6 4; }
figcaption i { display: inline-block; width: 1rem; height: .3rem; margin: 0 .4rem .2rem 1rem; }
.passed { color: #146c2e; } .failed, .interrupted { color: #b3261e; }
</style>
<h1>Load test of ${escapeHtml(report.target)}: <span class="${verdict}">${verdict}</span></h1>
<p>${escapeHtml(`${toLoadText(report.load)} for ${toShort(report.bounds.duration_ms / 1000)} s, ${report.pictures}. ${report.started_at}, stygig ${report.version}${toOwnText(report)}.`)}</p>
${report.notes.map((note) => `<p>${escapeHtml(note)}</p>`).join("\n")}
${toChecksTable(report)}
<table><tr><th>Requests<th>sent<th>good<th>errors<th>cut off<th>good a second</tr>
<tr><td><td>${report.sent}<td>${report.good}<td>${report.errors}<td>${report.cut_off}<td>${toShort(report.good_per_second)}</tr></table>
${toErrorsTable(report)}
${toLatencyTable(report)}
${toCharts(report)}
</html>
`;
}

function toOwnText({ own_cpu_share }: LoadReport): string {
  return own_cpu_share === null ? "" : `; the load itself took ${toShort(100 * own_cpu_share)} % of a core`;
}

/** `20 a second`, `5 to 100 a second, by chance`, `100 callers`. */
export function toLoadText(load: LoadReport["load"]): string {
  if (load.kind === "closed") return load.callers === 1 ? "1 caller" : `${load.callers} callers`;
  const [from, to] = [toShort(load.from_per_second), toShort(load.to_per_second)];
  const rate = from === to ? `${from} a second` : `${from} to ${to} a second`;
  return load.spacing === "poisson" ? `${rate}, by chance` : rate;
}

function toChecksTable({ checks }: LoadReport): string {
  if (checks.length === 0) return "";
  const rows = checks.map(({ name, limit, found, passed }) => {
    const outcome = passed ? "passed" : "failed";
    return `<tr><td>${escapeHtml(name)}<td>${toShort(limit)}<td>${toText(found)}<td class="${outcome}">${outcome}</tr>`;
  });
  return `<table><tr><th>Check<th>limit<th>found<th></tr>${rows.join("")}</table>`;
}

function toErrorsTable({ errors_by_code }: LoadReport): string {
  const rows = Object.entries(errors_by_code).map(([code, count]) => `<tr><td>${escapeHtml(code)}<td>${count}</tr>`);
  return rows.length === 0 ? "" : `<table><tr><th>Error<th>times</tr>${rows.join("")}</table>`;
}

function toLatencyTable(report: LoadReport): string {
  const rows: readonly (readonly [string, LatencyFigures])[] = [
    ["from when it was due", report.latency_ms],
    ["from when it was sent", report.since_sent_ms],
    ["until an error", report.error_latency_ms],
    ["sent late by", report.sent_late_ms],
    ...Object.entries(report.stages_ms).map(([stage, figures]) => [`in the service: ${stage}`, figures] as const),
  ];
  const cells = ({ count, mean, p50, p90, p95, p99, p999, max }: LatencyFigures) =>
    [count, mean, p50, p90, p95, p99, p999, max].map((value) => `<td>${toText(value)}`).join("");
  const head = ["ms", "count", "mean", "p50", "p90", "p95", "p99", "p99.9", "max"]
    .map((name) => `<th>${name}`)
    .join("");
  const shown = rows.filter(([, { count }]) => count > 0);
  return `<table><tr>${head}</tr>${shown.map(([name, figures]) => `<tr><td>${escapeHtml(name)}${cells(figures)}</tr>`).join("")}</table>`;
}

function toText(value: number | null): string {
  return value === null ? "-" : toShort(value);
}

const [blue, orange, red, gray] = ["#2f5fd0", "#d07a1f", "#b3261e", "#77777f"];

function toCharts(report: LoadReport): string {
  const { windows, percentiles, checks, capacity } = report;
  const seconds = (
    field: "p50_ms" | "p95_ms" | "p99_ms" | "offered_per_second" | "good_per_second" | "failed_per_second",
  ) => windows.map((window) => [window.from_ms / 1000, window[field]] as const);
  const limit = checks.find(({ name }) => name === "p99_ms");
  const latency = drawChart({
    title: "Latency by when a request was due",
    ...{ xTitle: "seconds", yTitle: "ms" },
    limit: limit === undefined ? null : { name: `p99 limit ${limit.limit} ms`, y: limit.limit },
    series: [
      { name: "p50", color: blue!, points: seconds("p50_ms") },
      { name: "p95", color: orange!, points: seconds("p95_ms") },
      { name: "p99", color: red!, points: seconds("p99_ms") },
    ],
  });
  const rates = drawChart({
    title: "Requests a second by when they were due",
    ...{ xTitle: "seconds", yTitle: "a second" },
    series: [
      { name: "offered", color: gray!, points: seconds("offered_per_second") },
      { name: "good", color: blue!, points: seconds("good_per_second") },
      { name: "errors", color: red!, points: seconds("failed_per_second") },
    ],
  });
  // Each nine as far as the one before: where the tail begins is then to be seen.
  const nines = (at: number) => -Math.log10(1 - Math.min(at, 0.99999));
  const tail = drawChart({
    title: "Latency by percentile",
    ...{ xTitle: "percentile", yTitle: "ms" },
    xTicks: [0, 0.5, 0.9, 0.99, 0.999, 0.9999].map((at) => [nines(at), `${Number((100 * at).toFixed(2))} %`] as const),
    series: [
      {
        name: "latency",
        color: blue!,
        points: percentiles.filter(({ at }) => at < 1).map(({ at, ms }) => [nines(at), ms]),
      },
    ],
  });
  const search =
    capacity === null
      ? ""
      : drawChart({
          title: `What is borne: ${capacity.sustained_per_second === null ? "nothing" : `${toShort(capacity.sustained_per_second)} a second`}`,
          ...{ xTitle: "requests a second", yTitle: "ms" },
          series: [
            {
              name: "latency of each step",
              color: orange!,
              points: [...capacity.steps]
                .sort((first, second) => first.per_second - second.per_second)
                .map(({ per_second, latency_ms }) => [per_second, latency_ms] as const),
            },
          ],
        });
  return [latency, rates, tail, search].join("\n");
}
