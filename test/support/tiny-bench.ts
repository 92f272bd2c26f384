import { atLeast } from "../bench/harness/bar.js";
import { summarizeAll } from "../bench/harness/rounds.js";
import { type BenchRun, type Measured, runBench } from "../bench/harness/run-bench.js";

// A bench for the harness's own tests: `tiny-bench.js VALUE [VARIANT]` holds VALUE against a limit of 2, after rounds of
// two variants, or of the one that is named.
async function tellProcess() {
  return { process: process.pid, startedAt: performance.timeOrigin };
}

const variants = {
  first: tellProcess,
  second: tellProcess,
  crashing: () => Promise.reject(new Error("nothing to measure")),
  endless: () => new Promise<never>(() => {}),
};

async function measure({ parameters: [value, variant], inRounds }: BenchRun): Promise<Measured> {
  const raw = await inRounds(variant === undefined ? ["first", "second"] : [variant]);
  return {
    figures: { value: Number(value), ...summarizeAll(raw), raw: asText(raw) },
    bars: [atLeast("tiny", Number(value), 2)],
    libraries: {},
  };
}

/** Process numbers and times as they are: summaries keep four digits. */
function asText(raw: Awaited<ReturnType<BenchRun["inRounds"]>>) {
  return JSON.stringify(raw);
}

await runBench(import.meta.url, { name: "tiny", parameters: "VALUE [VARIANT]", variants, measure });
