import type { Parsed } from "../../src/domain/parsed.js";
import type { Precision } from "./estimate.js";

/** How looks may be answered; `auto` is sync, with what the other ways would cost beside it. */
export type Mode = "sync" | "async" | "serverless" | "batch";

/** What is wanted of an endpoint. */
export type Demand = Readonly<{
  /** Looks a second: at the peak for endpoints, over the month for batch. */
  rps: number;
  /** What 95 of 100 looks must stay under, in ms; null where nobody waits, in async and batch. */
  p95Ms: number | null;
  mode: Mode | "auto";
  gpu: "never" | "auto" | "always";
  /** The most that a month of 730 hours may cost; null is no limit. */
  budgetUsd: number | null;
  /** The share of every instance's rate that stays free, in [0, 0.95]. */
  headroom: number;
  region: string;
  /** What the encoder runs in; int8 only where its gate passed. */
  precision: Precision;
  /** What the image was built for. */
  architecture: "amd64" | "arm64";
}>;

/**
 * The share that stays free where nobody says otherwise: the reference's percentiles were taken at 70 % of its rate.
 */
const usualHeadroom = 0.3;

export type DemandFlags = Readonly<
  Partial<
    Record<
      "rps" | "p95Ms" | "mode" | "gpu" | "budgetUsd" | "headroom" | "region" | "precision" | "architecture",
      string
    >
  >
>;

type Collect = (problem: string) => void;

/** Flags as typed to a demand, or every problem at once. Never throws. */
export function parseDemand(flags: DemandFlags): Parsed<Demand> {
  const problems: string[] = [];
  const tell: Collect = (problem) => problems.push(problem);
  const mode = wordOf("--mode", flags.mode ?? "auto", ["auto", "sync", "async", "serverless", "batch"], tell);
  const demand: Demand = {
    rps: numberOf("--rps", flags.rps, { above: 0, atMost: 1e6 }, tell) ?? Number.NaN,
    p95Ms: p95Of(flags.p95Ms, mode, tell),
    mode,
    gpu: wordOf("--gpu", flags.gpu ?? "auto", ["never", "auto", "always"], tell),
    budgetUsd:
      flags.budgetUsd === undefined ? null : numberOf("--budget-usd", flags.budgetUsd, { above: 0, atMost: 1e9 }, tell),
    headroom:
      flags.headroom === undefined
        ? usualHeadroom
        : (numberOf("--headroom", flags.headroom, { atLeast: 0, atMost: 0.95 }, tell) ?? usualHeadroom),
    region: regionOf(flags.region ?? "us-east-1", tell),
    precision: wordOf("--precision", flags.precision ?? "int8", ["int8", "fp32"], tell),
    architecture: wordOf("--architecture", flags.architecture ?? "amd64", ["amd64", "arm64"], tell),
  };
  if (demand.gpu === "always" && mode === "serverless") tell("--gpu always: serverless endpoints have no GPU");
  const [first, ...rest] = problems;
  return first === undefined ? { value: demand } : { problems: [first, ...rest] };
}

function p95Of(text: string | undefined, mode: Demand["mode"], tell: Collect): number | null {
  if (text === undefined) {
    if (mode !== "async" && mode !== "batch") tell("--p95-ms is missing: what 95 of 100 looks must stay under");
    return null;
  }
  if (mode === "batch") tell("--p95-ms means nothing in batch: nobody waits for a single look");
  return numberOf("--p95-ms", text, { above: 0, atMost: 3_600_000 }, tell);
}

type Range = Readonly<{ above: number; atMost: number }> | Readonly<{ atLeast: number; atMost: number }>;

/** Digits with at most one point: "1e3", "+1", "12abc" and " 1" are typing errors. */
function numberOf(flag: string, text: string | undefined, range: Range, tell: Collect): number | null {
  if (text === undefined) {
    tell(`${flag} is missing`);
    return null;
  }
  const value = /^(\d{1,12}(\.\d{1,12})?|\.\d{1,12})$/.test(text) ? Number(text) : Number.NaN;
  const isEnough = "above" in range ? value > range.above : value >= range.atLeast;
  if (isEnough && value <= range.atMost) return value;
  const from = "above" in range ? `above ${range.above}` : `from ${range.atLeast}`;
  tell(`${flag} must be a number ${from}, at most ${range.atMost}, not "${text}"`);
  return null;
}

function wordOf<const Word extends string>(
  flag: string,
  text: string,
  words: readonly [Word, ...Word[]],
  tell: Collect,
): Word {
  const word = words.find((each) => each === text);
  if (word === undefined) tell(`${flag} must be ${words.join(", ").replace(/, (?=[^,]*$)/, " or ")}, not "${text}"`);
  return word ?? words[0];
}

function regionOf(text: string, tell: Collect): string {
  if (!/^[a-z]{2,3}(-[a-z]+)+-\d{1,2}$/.test(text)) tell(`--region must be an AWS region, not "${text}"`);
  return text;
}
