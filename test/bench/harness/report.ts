import Table from "cli-table3";
import type { Bar } from "./bar.js";
import type { Machine } from "./machine.js";
import type { Summary } from "./rounds.js";

/** Numbers, words and summaries, in groups of groups. */
export type ReportedFigures = Readonly<{ [name: string]: number | string | Summary | ReportedFigures }>;

/** What every bench prints. */
export type Report = Readonly<{
  bench: string;
  commit: string;
  machine: Machine;
  /** Fewer rounds and calls than the bars were set for. */
  short: boolean;
  /** False for a short run: then a bar that falls short is no failure. */
  judged: boolean;
  figures: ReportedFigures;
  bars: readonly Bar[];
}>;

/** The report for a person to read. */
export function toReadableText({ bench, commit, machine, judged, figures, bars }: Report): string {
  const { cpu, cores, node, takenByOthers, libraries, date } = machine;
  const versions = Object.entries(libraries).map(([name, version]) => `${name} ${version}`);
  const others = takenByOthers === null ? "" : `, ${Math.round(takenByOthers * 100)} % of its time taken by others`;
  const head = [
    `${bench}, commit ${commit}, ${date}`,
    `${cores} x ${cpu}${others}; ${[`Node ${node}`, ...versions].join(", ")}`,
  ];
  const figureTable = aTable(["Figure", "Value", "Of each round"]);
  figureTable.push(...toRows(figures, ""));
  if (bars.length === 0) return [...head, figureTable.toString()].join("\n");
  const barTable = aTable(["Bar", "Value", "Limit", judged ? "" : "not judged: a short run"]);
  for (const { name, value, limit, limitIs, pass } of bars) {
    barTable.push([name, String(value), `at ${limitIs} ${limit}`, pass ? "passes" : "falls short"]);
  }
  return [...head, figureTable.toString(), barTable.toString()].join("\n");
}

function aTable(head: string[]) {
  return new Table({ head, style: { head: [], border: [], compact: true } });
}

function toRows(figures: ReportedFigures, path: string): string[][] {
  return Object.entries(figures).flatMap(([name, value]) => {
    const place = path === "" ? name : `${path}: ${name}`;
    if (typeof value !== "object") return [[place, String(value), ""]];
    if (isSummary(value)) return [[place, String(value.median), value.raw.join("  ")]];
    const inside = Object.entries(value);
    const isPlain = inside.every(([, each]) => typeof each === "number");
    return isPlain ? [[place, inside.map((pair) => pair.join(" ")).join(", "), ""]] : toRows(value, place);
  });
}

function isSummary(value: Summary | ReportedFigures): value is Summary {
  return Array.isArray(value.raw);
}
