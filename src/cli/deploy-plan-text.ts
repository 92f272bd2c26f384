import Table from "cli-table3";
import type { Plan } from "../../deploy/planner/plan.js";
import type { V4Plan } from "../../deploy/planner/policy-v4.js";
import type { Quote, Rejection } from "../../deploy/planner/quote.js";

/** So many quotes and GPUs are shown; JSON has them all. */
const mostQuotes = 8;
const mostGpus = 3;

/** A plan for the eye: the choice and what it rests on, the quotes, the other modes, the GPUs, and who is left out. */
export function toPlanText({ chosen, reason, quotes, alternatives, breakEven, rejected }: Plan): string {
  const dearer = quotes.length - mostQuotes;
  const gpus = [...breakEven].sort((first, second) => first.rpsToMatch - second.rpsToMatch).slice(0, mostGpus);
  return [
    ...(chosen === null ? [reason] : choiceLines(chosen, reason)),
    toTable(quotes.slice(0, mostQuotes)),
    ...(dearer > 0 ? [`  and ${dearer} that cost more (--json has them)`] : []),
    ...(alternatives.length === 0 ? [] : ["Other modes, the cheapest of each:", toTable(alternatives)]),
    ...alternatives.map(({ mode, formula, remark }) => `  ${mode}: ${formula}; ${remark}`),
    ...(gpus.length === 0 ? [] : ["Where a GPU begins to pay:"]),
    ...gpus.map(({ text }) => `  ${text}`),
    ...rejectionLines(rejected),
  ].join("\n");
}

/** What is too dear or too slow one by one; what nothing is known of by name; what was excluded by a flag not at all. */
function rejectionLines(rejected: readonly Rejection[]): readonly string[] {
  const told = rejected
    .filter(({ kind }) => ["budget", "fleet", "slow"].includes(kind))
    .map(({ reason }) => `  ${reason}`);
  const named = (kind: Rejection["kind"], what: string) => {
    const names = rejected.filter((each) => each.kind === kind).map(({ name }) => name);
    return names.length === 0 ? [] : [`  ${what}: ${names.join(", ")}`];
  };
  const lines = [...told, ...named("unpriced", "no known price"), ...named("untimed", "never timed")];
  return lines.length === 0 ? [] : ["Not quoted:", ...lines];
}

/** V4's choice, and what V4 did not look at. */
export function toV4Text({ quote, reason, warnings }: Exclude<V4Plan, { refusal: string }>): string {
  return [...choiceLines({ ...quote, warnings }, reason), toTable([quote])].join("\n");
}

function choiceLines({ evidence, basis, formula, warnings }: Quote, reason: string): readonly string[] {
  return [reason, `  ${basis}: ${evidence}`, `  price: ${formula}`, ...warnings.map((warning) => `  note: ${warning}`)];
}

function toTable(quotes: readonly Quote[]): string {
  const head = ["mode", "type", "count", "busy", "p95", "USD/month", "USD/1,000", "USD/1 M", "basis"];
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  for (const quote of quotes) {
    table.push([
      quote.mode,
      quote.name,
      quote.count,
      `${(quote.utilization * 100).toFixed(0)} %`,
      quote.p95Ms === null || !Number.isFinite(quote.p95Ms) ? "-" : `${quote.p95Ms.toFixed(0)} ms`,
      quote.monthlyUsd.toFixed(2),
      quote.usdPerThousand.toFixed(5),
      quote.usdPerMillion.toFixed(2),
      quote.basis,
    ]);
  }
  return table.toString();
}
