import { fork } from "node:child_process";
import { median, shown } from "./quantile.js";

/** The figures of one process, by name. */
export type Figures = Readonly<Record<string, number>>;

/** The figures of all rounds, by variant and by figure: `raw[variant][figure][round]`. */
export type RawFigures = Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;

/** What a process sends of itself: its figures and the processor time it took. */
export type Sent = Readonly<{ figures: Figures; cpuMs: number }>;

/** Runs a script in a process of its own that sends its figures. @throws Error when it ends without */
export function measureApart(script: string, parameters: readonly string[]): Promise<Sent> {
  return new Promise((resolve, reject) => {
    // What a variant prints is not data; the figures come over the channel.
    const child = fork(script, parameters, { stdio: ["ignore", 2, 2, "ipc"] });
    let sent: Sent | undefined;
    child.once("message", (message) => {
      sent = message as Sent;
    });
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      if (sent !== undefined && code === 0) resolve(sent);
      else reject(new Error(`${parameters.join(" ")}: the process ended with ${signal ?? code} and no figures`));
    });
  });
}

/**
 * Each variant once a round, one after the other, every second round in the opposite order: a machine that warms up
 * or slows down favors nobody.
 */
export async function measureInRounds(
  names: readonly string[],
  rounds: number,
  measure: (name: string, round: number) => Promise<Figures>,
): Promise<RawFigures> {
  const raw: Record<string, Record<string, number[]>> = Object.fromEntries(names.map((name) => [name, {}]));
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const figures = await measure(name, round);
      for (const [figure, value] of Object.entries(figures)) {
        raw[name]![figure] ??= [];
        raw[name]![figure].push(value);
      }
    }
  }
  return raw;
}

/** The median of a figure over the rounds, and the rounds. */
export type Summary = Readonly<{ median: number; raw: readonly number[] }>;

function summarize(raw: readonly number[]): Summary {
  return { median: shown(median(raw)), raw: raw.map(shown) };
}

/** Every figure of every variant, summarized. */
export function summarizeAll(raw: RawFigures): Readonly<Record<string, Readonly<Record<string, Summary>>>> {
  return mapValues(raw, (figures) => mapValues(figures, summarize));
}

/** First over second, round by round and then the median: both sides of each ratio have seen the same machine. */
export function ratioOf(first: readonly number[], second: readonly number[]): number {
  if (first.length !== second.length)
    throw new RangeError(`${first.length} rounds cannot be held against ${second.length}`);
  return shown(median(first.map((value, round) => value / second[round]!)));
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
