/** How often a call is made before and while it is timed. */
export type Calls = Readonly<{ warmUps: number; timed: number }>;

/** Milliseconds of each timed call, one after the other. */
export async function timeCalls(call: () => Promise<unknown>, { warmUps, timed }: Calls): Promise<readonly number[]> {
  const times: number[] = [];
  for (let made = 0; made < warmUps + timed; made++) {
    const start = performance.now();
    await call();
    if (made >= warmUps) times.push(performance.now() - start);
  }
  return times;
}

/** Calls finished per second while `callers` make them without a pause, `calls` of them altogether, after as many warm-ups as callers. */
export async function callsPerSecond(call: () => Promise<unknown>, callers: number, calls: number): Promise<number> {
  await Promise.all(Array.from({ length: callers }, call));
  let left = calls;
  const keepCalling = async () => {
    while (left > 0) {
      left--;
      await call();
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: callers }, keepCalling));
  return (1000 * calls) / (performance.now() - start);
}
