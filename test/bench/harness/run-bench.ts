import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Bar } from "./bar.js";
import { BenchFailure } from "./bench-failure.js";
import { lockBenches } from "./lock.js";
import { describeCommit, describeMachine, type Machine } from "./machine.js";
import { watchOthers } from "./others.js";
import { type Report, type ReportedFigures, toReadableText } from "./report.js";
import { type Figures, measureApart, measureInRounds, type RawFigures, type Sent } from "./rounds.js";

/**
 * One way of doing something, measured in a process of its own. What further processes of its own take of the
 * processors it tells `countCpu`.
 */
export type Variant = (run: VariantRun, countCpu: (cpuMs: number) => void) => Promise<Figures>;
export type VariantRun = Readonly<{ short: boolean; parameters: readonly string[] }>;

export type Measured = Readonly<{ figures: ReportedFigures; bars: readonly Bar[]; libraries: Machine["libraries"] }>;

export type BenchRun = Readonly<{
  /** Fewer calls, to see that everything runs. */
  short: boolean;
  /** What was typed after the bench's name. */
  parameters: readonly string[];
  /**
   * Every named variant once a round, each time in a fresh process. `parameters` is what those are given; `rounds` is
   * for variants that take minutes.
   */
  inRounds: (names: readonly string[], parameters?: readonly string[], rounds?: number) => Promise<RawFigures>;
}>;

export type Bench = Readonly<{
  name: string;
  /** What is typed after the name, as usage shows it: capital words must be there, those in brackets may be. */
  parameters?: string;
  variants: Readonly<Record<string, Variant>>;
  measure: (run: BenchRun) => Promise<Measured>;
}>;

/** Enough for a median with a round to spare on either side. */
const usualRounds = 5;
/** Of the machine's time: what the system itself and the starting and ending of processes take. */
const quietShare = 0.1;
const variantFlag = "--variant";

/**
 * The whole of a bench's script: measures, prints the report (JSON with `--json`) and exits 1 when a bar falls short,
 * unless the run is `--short`. Called with `--variant` it is one of its own fresh processes.
 */
export async function runBench(scriptUrl: string, bench: Bench): Promise<void> {
  try {
    if (process.argv[2] === variantFlag) await runVariant(bench);
    else await runWhole(fileURLToPath(scriptUrl), bench);
  } catch (error) {
    tell(`bench ${bench.name}: ${error instanceof BenchFailure ? error.message : describe(error)}`);
    process.exitCode = error instanceof BenchFailure ? error.exitCode : 1;
    if (process.connected) process.removeAllListeners("disconnect").disconnect();
  }
}

async function runVariant(bench: Bench): Promise<void> {
  const [name, given] = process.argv.slice(3);
  const send = process.send?.bind(process);
  const variant = bench.variants[name ?? ""];
  if (send === undefined || given === undefined || variant === undefined) {
    throw new BenchFailure(`${variantFlag} is for the bench's own processes`, 2);
  }
  // Whoever started this is gone, perhaps killed: nobody waits for the figures.
  process.once("disconnect", () => process.kill(process.pid, "SIGKILL"));
  let othersMs = 0;
  const figures = await variant(JSON.parse(given) as VariantRun, (cpuMs) => {
    othersMs += cpuMs;
  });
  const { user, system } = process.cpuUsage();
  const sent: Sent = { figures, cpuMs: (user + system) / 1000 + othersMs };
  await new Promise<void>((resolve) => send(sent, () => resolve()));
  process.removeAllListeners("disconnect").disconnect();
}

async function runWhole(script: string, bench: Bench): Promise<void> {
  const { json, short, parameters } = parseCommandLine(bench);
  lockBenches();
  const others = watchOthers();
  const inRounds: BenchRun["inRounds"] = (names, given = [], rounds = usualRounds) =>
    measureInRounds(names, short ? 1 : rounds, async (name, round) => {
      tell(`bench ${bench.name}: round ${round + 1}, ${name}`);
      const run: VariantRun = { short, parameters: given };
      const start = () => measureApart(script, [variantFlag, name, JSON.stringify(run)]);
      return (await others.during(start)).figures;
    });
  const { figures, bars, libraries } = await bench.measure({ short, parameters, inRounds });
  const machine = describeMachine(libraries, others.share());
  const report: Report = {
    ...{ bench: bench.name, commit: describeCommit(), machine, short, judged: !short },
    ...{ figures, bars },
  };
  process.stdout.write(`${json ? JSON.stringify(report, null, 2) : toReadableText(report)}\n`);
  const failed = bars.filter(({ pass }) => !pass);
  if ((machine.takenByOthers ?? 0) > quietShare)
    tell(`bench ${bench.name}: other processes were at work; see takenByOthers`);
  for (const { name, value, limitIs, limit } of short ? [] : failed) {
    tell(`bench ${bench.name}: ${name} is ${value}, and ${limit} is the ${limitIs}`);
  }
  if (!short && failed.length > 0) process.exitCode = 1;
}

function parseCommandLine({ name, parameters = "" }: Bench) {
  const usage = `Usage: npm run bench -- ${`${name} ${parameters}`.trim()} [--json] [--short]`;
  const words = parameters.split(" ").filter((word) => word !== "");
  const least = words.filter((word) => !word.startsWith("[")).length;
  const { json, short, positionals } = parseFlags(usage);
  if (positionals.length < least || positionals.length > words.length) throw new BenchFailure(usage, 2);
  return { json, short, parameters: positionals };
}

function parseFlags(usage: string) {
  try {
    const options = { json: { type: "boolean", default: false }, short: { type: "boolean", default: false } } as const;
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    return { ...values, positionals };
  } catch (error) {
    throw new BenchFailure(`${(error as Error).message.split(". ")[0]}. ${usage}`, 2);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
