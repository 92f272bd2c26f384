import type { Arrivals } from "../../deploy/load/arrivals.js";
import type { LoadBounds } from "../../deploy/load/run-load.js";
import { type Thresholds, v4Policy } from "../../deploy/load/verdict.js";
import type { Parsed } from "../domain/parsed.js";
import { parseServiceTarget, type ServiceTarget } from "./service-target.js";

/** As typed. */
export type LoadtestFlags = Readonly<{
  url?: string;
  endpoint?: string;
  region?: string;
  image?: readonly string[];
  photos?: string;
  sameBytes?: boolean;
  topK?: string;
  rate?: string;
  ramp?: string;
  concurrency?: string;
  findCapacity?: boolean;
  arrivals: "constant" | "poisson";
  durationS: string;
  requests: string;
  maxInFlight: string;
  drainS: string;
  policy?: string;
  maxP99Ms?: string;
  maxP95Ms?: string;
  maxErrors?: string;
  minRps?: string;
  json?: boolean;
  report?: string;
  saveMeasurement?: string;
  instanceType?: string;
  machine?: string;
  lanes?: string;
  commit?: string;
}>;

/** What a load test does, once its flags hold together. */
export type LoadtestPlan = Readonly<{
  target: ServiceTarget;
  /** Null for a search of what is borne. */
  arrivals: Arrivals | null;
  spacing: "constant" | "poisson";
  bounds: LoadBounds;
  thresholds: Thresholds;
  topK: number | null;
}>;

/** A day, ten million, and as many callers as there are connections: beyond lies a typing error. */
const [mostSeconds, mostRequests, mostRate, mostCallers] = [86_400, 10_000_000, 20_000, 1024];
/** Gentle enough for whoever only tries the command. */
const usualRate = 10;

/** The plan, or every problem at once. */
export function parseLoadtest(flags: LoadtestFlags): Parsed<LoadtestPlan> {
  const problems: string[] = [];
  const number = createNumberReader(problems);
  const target = toTarget(flags, problems);
  const arrivals = toArrivals(flags, number, problems);
  const bounds: LoadBounds = {
    durationMs: 1000 * number("--duration-s", flags.durationS, { above: 0, most: mostSeconds }),
    maxRequests: number("--requests", flags.requests, { above: 0, most: mostRequests, isWhole: true }),
    maxInFlight: number("--max-in-flight", flags.maxInFlight, { above: 0, most: mostCallers, isWhole: true }),
    drainMs: 1000 * number("--drain-s", flags.drainS, { above: 0, most: mostSeconds }),
  };
  const thresholds = toThresholds(flags, number);
  const topK = flags.topK === undefined ? null : number("--top-k", flags.topK, { above: 0, most: 1e6, isWhole: true });
  problems.push(...findMeasurementProblems(flags));
  if (flags.image !== undefined && flags.photos !== undefined) problems.push("give either --image or --photos");
  const [first, ...rest] = problems;
  if (first !== undefined || target === null) return { problems: [first ?? "no target", ...rest] };
  return { value: { target, arrivals, spacing: flags.arrivals, bounds, thresholds, topK } };
}

type Range = Readonly<{ above: number; most: number; isWhole?: boolean; mayBeBound?: boolean }>;
type ReadNumber = (flag: string, text: string, range: Range) => number;

/** Gives a number of the range, or notes the problem and gives one that is never used. */
function createNumberReader(problems: string[]): ReadNumber {
  return (flag, text, { above, most, isWhole = false, mayBeBound = false }) => {
    const value = /^\d{1,9}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
    const isIn =
      (mayBeBound ? value >= above : value > above) && value <= most && (!isWhole || Number.isInteger(value));
    if (isIn) return value;
    const kind = isWhole ? "a whole number" : "a number";
    problems.push(
      `${flag} ${JSON.stringify(text)} is not ${kind} ${mayBeBound ? "from" : "above"} ${above} to ${most}`,
    );
    return 1;
  };
}

function toTarget({ url, endpoint }: LoadtestFlags, problems: string[]): ServiceTarget | null {
  const text = url ?? endpoint;
  if (text === undefined || (url !== undefined && endpoint !== undefined)) {
    problems.push("give either --url or --endpoint");
    return null;
  }
  const target = parseServiceTarget(text);
  if ("value" in target && (target.value.kind === "url") === (url !== undefined)) return target.value;
  problems.push(`${url === undefined ? "--endpoint" : "--url"} ${JSON.stringify(text)} is none`);
  return null;
}

function toArrivals(flags: LoadtestFlags, number: ReadNumber, problems: string[]): Arrivals | null {
  const { rate, ramp, concurrency, findCapacity = false, arrivals: spacing, policy } = flags;
  const kinds = [rate, ramp, concurrency, findCapacity || undefined].filter((each) => each !== undefined);
  if (kinds.length > 1) problems.push("give one of --rate, --ramp, --concurrency and --find-capacity");
  if (findCapacity) return null;
  if (concurrency !== undefined) {
    const callers = number("--concurrency", concurrency, { above: 0, most: mostCallers, isWhole: true });
    return { kind: "closed", callers };
  }
  if (ramp !== undefined) {
    const [from = "", to = "", ...more] = ramp.split(":");
    if (to === "" || more.length > 0) problems.push(`--ramp ${JSON.stringify(ramp)} is not FROM:TO, such as 5:100`);
    const fromPerSecond = number("--ramp", from, { above: 0, most: mostRate, mayBeBound: true });
    return { kind: "open", fromPerSecond, toPerSecond: number("--ramp", to, { above: 0, most: mostRate }), spacing };
  }
  if (rate === undefined && policy === "v4") return { kind: "closed", callers: v4Policy.callers };
  const perSecond = rate === undefined ? usualRate : number("--rate", rate, { above: 0, most: mostRate });
  return { kind: "open", fromPerSecond: perSecond, toPerSecond: perSecond, spacing };
}

/** A limit that is given wins over the policy's. */
function toThresholds(
  { policy, maxP99Ms, maxP95Ms, maxErrors, minRps }: LoadtestFlags,
  number: ReadNumber,
): Thresholds {
  const isV4 = policy === "v4";
  const ms = (flag: string, text: string | undefined) =>
    text === undefined ? null : number(flag, text, { above: 0, most: 3_600_000 });
  const errors =
    maxErrors === undefined
      ? null
      : number("--max-errors", maxErrors, { above: 0, most: mostRequests, isWhole: true, mayBeBound: true });
  return {
    maxP99Ms: ms("--max-p99-ms", maxP99Ms) ?? (isV4 ? v4Policy.maxP99Ms : null),
    maxP95Ms: ms("--max-p95-ms", maxP95Ms),
    maxErrors: errors ?? (isV4 ? v4Policy.maxErrors : null),
    minPerSecond: minRps === undefined ? null : number("--min-rps", minRps, { above: 0, most: mostRate }),
  };
}

function findMeasurementProblems(flags: LoadtestFlags): readonly string[] {
  const { saveMeasurement, findCapacity, instanceType, machine, lanes, commit } = flags;
  if (saveMeasurement === undefined) return [];
  return [
    ...(findCapacity ? [] : ["--save-measurement needs --find-capacity: what a machine bears is what it keeps"]),
    ...(instanceType === undefined && machine === undefined
      ? ["--save-measurement needs --instance-type or --machine"]
      : []),
    ...(/^[1-9]\d{0,3}$/.test(lanes ?? "")
      ? []
      : ["--save-measurement needs --lanes: pictures worked on side by side"]),
    ...(/^[0-9a-f]{7,40}$/.test(commit ?? "") ? [] : ["--save-measurement needs --commit: the one that was measured"]),
  ];
}
