import type { Capacity } from "../../deploy/load/find-capacity.js";
import type { LoadReport } from "../../deploy/load/report.js";
import type { Measurement } from "../../deploy/planner/measurement.js";
import { addMeasurement } from "../../deploy/planner/measurement-file.js";
import type { LoadtestFlags } from "./loadtest-flags.js";
import { exitCodes, tell, tellProblems } from "./output.js";

export type Found = Readonly<{ report: LoadReport; capacity: Capacity | null; flags: LoadtestFlags }>;

/** Adds what was found to the planner's file; where it would mislead, says why and fails instead. */
export async function saveMeasurement(file: string, found: Found): Promise<void> {
  const problems = findDoubts(found);
  if (problems.length > 0) {
    return tellProblems(
      problems.map((problem) => `not saved: ${problem}`),
      exitCodes.failed,
    );
  }
  await addMeasurement(file, toMeasurement(found));
  tell(`added to ${file}`);
}

const mostLateMs = 20;

/** A plan is made of these figures: what is doubtful of them must not get in. */
export function findDoubts({ report, capacity }: Found): readonly string[] {
  if (capacity === null || capacity.sustainedPerSecond === null || capacity.held === null) {
    return ["the search found no rate that is borne"];
  }
  const late = report.sent_late_ms.p99 ?? 0;
  return [
    ...(report.ended === "interrupted" ? ["it was interrupted"] : []),
    ...(report.good === 0 ? ["nothing was answered at 70 % of the limit"] : []),
    ...(report.errors > report.good / 100 ? ["more than one in a hundred failed at 70 % of the limit"] : []),
    ...(late > mostLateMs ? [`requests were sent ${late.toFixed(0)} ms late: this machine limits the load`] : []),
    ...(Object.keys(report.caches).some((cache) => cache !== "miss")
      ? ["the service's memory answered some: leave --same-bytes out"]
      : []),
    ...(report.precisions.length === 1 ? [] : ["the service does not say which precision its encoder runs in"]),
  ];
}

/** The planner's row, where doubts have been ruled out. */
export function toMeasurement({ report, capacity, flags }: Found): Measurement {
  const { p50, p95, p99 } = report.latency_ms;
  return {
    kind: "measured",
    machine: flags.machine ?? flags.instanceType!,
    instanceType: flags.instanceType ?? null,
    mode: "sync",
    precision: report.precisions[0] as Measurement["precision"],
    lanes: Number(flags.lanes),
    sustainedRps: capacity!.sustainedPerSecond!,
    idleP50Ms: capacity!.idle.recorder.tally.latencies.at(0.5),
    utilization: capacity!.heldShare,
    arrivals: flags.arrivals,
    p50Ms: p50!,
    p95Ms: p95,
    p99Ms: p99!,
    date: report.started_at.slice(0, 10),
    commit: flags.commit!,
    note: `stygig loadtest --find-capacity of ${report.target}, ${report.pictures}`,
  };
}
