export type ProgressParts = Readonly<{
  tell: (line: string) => void;
  /** Milliseconds of any clock that does not jump. */
  now: () => number;
}>;

/** How far something is, and how fast it has been so far. */
export type Pace = Readonly<{ rate: string; left: string }>;

/** Less is done before anybody looks into a log. */
const leastTotal = 1000;
const linesInAll = 10;

/** How far a job is that nobody watches: a line in its log for every tenth of what there is to do. */
export function createProgressLines({ tell, now }: ProgressParts) {
  let underway: Readonly<{ what: string; started: number }> | null = null;
  let told = 0;
  return (what: string, done: number, total: number): void => {
    if (underway?.what !== what) [underway, told] = [{ what, started: now() }, 0];
    const tenth = Math.floor((done / total) * linesInAll);
    if (total < leastTotal || tenth <= told) return;
    told = tenth;
    const { rate, left } = toPace(done, total, now() - underway.started);
    tell(`${done} of ${total} ${what}, ${rate}/s, ${left} left`);
  };
}

/** `143.2` a second and `4:05`, by everything so far. */
export function toPace(done: number, total: number, elapsedMs: number): Pace {
  const rate = done / Math.max(elapsedMs / 1000, 1e-3);
  const seconds = Math.ceil((total - done) / rate);
  return { rate: rate.toFixed(1), left: `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}` };
}
