import type { Waiting } from "../../client/waiting.js";
import type { Arrivals } from "../../deploy/load/arrivals.js";
import { failureCount } from "../../deploy/load/recorder.js";
import { toLoadText } from "../../deploy/load/report-page.js";
import type { LoadRun } from "../../deploy/load/run-load.js";
import { tell } from "./output.js";

/** A line that is written anew on a terminal; elsewhere, such as in a log, a line now and then. */
const [terminalMs, logMs] = [250, 5000];

/** Shows how a run goes until the function that it gives is called. */
export function showProgress(recorder: LoadRun["recorder"], arrivals: Arrivals, { now }: Waiting): () => void {
  const isTerminal = process.stderr.isTTY === true;
  const startedAt = now();
  const name = toLoadText(toShownLoad(arrivals));
  const show = () => {
    const { tally } = recorder;
    const errors = failureCount(tally);
    const underWay = tally.sent - tally.good - tally.cutOff - (errors - (tally.failures.get("not_sent") ?? 0));
    const times = [0.5, 0.99].map((at) => tally.latencies.at(at)?.toFixed(0) ?? "-");
    const seconds = ((now() - startedAt) / 1000).toFixed(0);
    const line = `${name}, ${seconds} s: ${tally.good} good, ${errors} errors, ${underWay} under way, p50 ${times[0]} ms, p99 ${times[1]} ms`;
    if (isTerminal) process.stderr.write(`\r\u001b[K${line}`);
    else tell(line);
  };
  const timer = setInterval(show, isTerminal ? terminalMs : logMs);
  return () => {
    clearInterval(timer);
    if (isTerminal) process.stderr.write("\r\u001b[K");
  };
}

function toShownLoad(arrivals: Arrivals): Parameters<typeof toLoadText>[0] {
  if (arrivals.kind === "closed") return arrivals;
  const { kind, fromPerSecond, toPerSecond, spacing } = arrivals;
  return { kind, from_per_second: fromPerSecond, to_per_second: toPerSecond, spacing };
}
