import { median } from "../harness/quantile.js";
import type { RawFigures } from "../harness/rounds.js";

export type Precision = "fp32" | "int8";

/** Sessions side by side, and the threads of each. */
export type Setting = Readonly<{ workers: number; threads: number }>;

/** The two ends, latency and throughput, a single thread for comparison, and where there are cores enough a middle. */
export function settingsFor(cores: number): readonly Setting[] {
  const settings = [
    { workers: 1, threads: cores },
    { workers: cores, threads: 1 },
    { workers: 1, threads: 1 },
    ...(cores >= 4 ? [{ workers: Math.floor(cores / 2), threads: 2 }] : []),
  ];
  const isFirst = (setting: Setting, place: number) => {
    return settings.findIndex((each) => nameOf(each) === nameOf(setting)) === place;
  };
  return settings.filter(isFirst);
}

export function nameOf({ workers, threads }: Setting): string {
  const plural = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;
  return `${plural(workers, "worker")} x ${plural(threads, "thread")}`;
}

/** The variant and the figure of it with the best median over the rounds. */
export type Best = Readonly<{ variant: string; figure: string; raw: readonly number[] }>;

/** @throws RangeError when no variant has such a figure */
export function bestOf(raw: RawFigures, isWanted: (figure: string) => boolean, better: "least" | "most"): Best {
  const sign = better === "least" ? 1 : -1;
  const [best] = Object.entries(raw)
    .flatMap(([variant, figures]) =>
      Object.entries(figures).map(([figure, values]) => ({ variant, figure, raw: values })),
    )
    .filter(({ figure }) => isWanted(figure))
    .sort((left, right) => sign * (median(left.raw) - median(right.raw)));
  if (best === undefined) throw new RangeError("nothing was measured that could be the best");
  return best;
}
