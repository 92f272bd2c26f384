/** Sessions at work side by side, and the threads of each. */
export type EncoderSetting = Readonly<{ workers: number; threads: number }>;

/** Shortest time for one picture alone, or most pictures a second. */
export type EncoderGoal = "latency" | "throughput";

export type SettingWishes = Readonly<{
  workers: number | "auto";
  threads: number | "auto";
  goal: EncoderGoal;
}>;

/** What the sessions have to share. */
export type Room = Readonly<{ cores: number; modelBytes: number; freeBytes: number }>;

/** One setting tried: `millisecondsEach` of one picture alone, `imagesPerSecond` with every worker busy. */
export type MeasuredSetting = EncoderSetting & Readonly<{ millisecondsEach: number; imagesPerSecond: number }>;

/** A session holds the weights, the runtime's own copy of many of them, and what lies between its layers. */
const bytesPerModelByte = 2.5;
/** What `auto` leaves for pictures, the catalog and everything else. */
const shareOfMemory = 0.5;
/** Two measurements of the same differ by as much: the earlier, usual setting stays unless another is clearly better. */
const clearlyBetter = 1.05;

/**
 * The settings worth trying, the one that usually wins first; never empty. Pure. What is asked for by number is taken;
 * `auto` fills cores and memory, and no more.
 */
export function candidateSettings(wishes: SettingWishes, room: Room): readonly [EncoderSetting, ...EncoderSetting[]] {
  const [first, ...rest] = proposals(wishes, room).map(({ workers, threads }) => ({
    workers: Math.max(1, Math.floor(workers)),
    threads: Math.max(1, Math.floor(threads)),
  }));
  const unlike = (each: EncoderSetting, i: number) => ![first!, ...rest].slice(0, i + 1).some((it) => isSame(it, each));
  return [first!, ...rest.filter(unlike)];
}

function proposals({ workers, threads, goal }: SettingWishes, room: Room): readonly EncoderSetting[] {
  const { cores } = room;
  const fitting = workersThatFit(room);
  if (workers !== "auto" && threads !== "auto") return [{ workers, threads }];
  // More threads than a graph can use only wait for one another, which one thread shows.
  if (workers !== "auto") return [cores / workers, 1].map((each) => ({ workers, threads: each }));
  if (threads !== "auto") return [{ workers: Math.min(fitting, cores / threads), threads }];
  const byWorkers = [cores, ...(cores >= 4 ? [2] : []), 1]
    .map((each) => Math.min(each, fitting))
    .map((each) => ({ workers: each, threads: cores / each }));
  return goal === "throughput" ? byWorkers : byWorkers.reverse();
}

/** The best of what was measured, in the order of the candidates. @throws RangeError for none: a caller's bug. */
export function chooseSetting(measured: readonly MeasuredSetting[], goal: EncoderGoal): MeasuredSetting {
  const [first, ...rest] = measured;
  if (first === undefined) throw new RangeError("nothing was measured");
  const worth = (each: MeasuredSetting) => (goal === "latency" ? 1 / each.millisecondsEach : each.imagesPerSecond);
  return rest.reduce((best, each) => (worth(each) > worth(best) * clearlyBetter ? each : best), first);
}

function workersThatFit({ modelBytes, freeBytes }: Room): number {
  return Math.max(1, Math.floor((freeBytes * shareOfMemory) / Math.max(1, modelBytes * bytesPerModelByte)));
}

function isSame(one: EncoderSetting, other: EncoderSetting): boolean {
  return one.workers === other.workers && one.threads === other.threads;
}
