import { type Connection, openConnection, type Reply } from "./connection.js";

/** What became of the requests of one span of time. Latencies in ms, from when each was due. */
export type LoadResult = Readonly<{
  /** Answers with 200. */
  latenciesMs: readonly number[];
  /** Answers with 429. */
  refusalsMs: readonly number[];
  /** By status, and "no answer". */
  counts: Readonly<Record<string, number>>;
  /** Answers with 200 that came within the span, per second, ... */
  goodPerSecond: number;
  /** ... and how many came after it. */
  left: number;
  /** Requests sent within the span, per second. */
  offeredPerSecond: number;
  /** Of all cores' time in the span, what this process took, in [0, 1]. */
  ownShare: number;
}>;

export type Target = Readonly<{ port: number; cores: number; next: () => readonly Uint8Array[] }>;

/** Requests at fixed instants, whatever becomes of those before: what a caller waits is counted from its instant. */
export async function openLoop(target: Target, ratePerSecond: number, seconds: number): Promise<LoadResult> {
  const tally = createTally(target.cores);
  const idle: Connection[] = [];
  const underWay = new Set<Promise<void>>();
  const startedAt = performance.now();
  const count = Math.round(ratePerSecond * seconds);
  for (let sent = 0; sent < count; ) {
    const dueCount = Math.min(count, Math.floor(((performance.now() - startedAt) / 1000) * ratePerSecond) + 1);
    for (; sent < dueCount; sent++) {
      const dueAt = startedAt + (1000 * sent) / ratePerSecond;
      const work = askOne(target, idle, tally, dueAt).finally(() => underWay.delete(work));
      underWay.add(work);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const result = tally.close();
  await Promise.all(underWay);
  for (const connection of idle) connection.close();
  return result();
}

/** Callers who each ask again as soon as they have an answer, until `requests` have been asked. */
export async function closedLoop(target: Target, callers: number, requests: number): Promise<LoadResult> {
  const tally = createTally(target.cores);
  let left = requests;
  const call = async () => {
    const idle: Connection[] = [];
    while (left-- > 0) await askOne(target, idle, tally, performance.now());
    for (const connection of idle) connection.close();
  };
  await Promise.all(Array.from({ length: callers }, call));
  return tally.close()();
}

async function askOne(target: Target, idle: Connection[], tally: Tally, dueAt: number): Promise<void> {
  tally.sent();
  try {
    const connection = takeOpen(idle) ?? (await openConnection(target.port));
    const reply = await connection.ask(target.next());
    tally.answered(reply, dueAt);
    idle.push(connection);
  } catch {
    tally.lost();
  }
}

function takeOpen(idle: Connection[]): Connection | null {
  for (let last = idle.pop(); last !== undefined; last = idle.pop()) if (last.isOpen()) return last;
  return null;
}

type Tally = Readonly<{
  sent: () => void;
  answered: (reply: Reply, dueAt: number) => void;
  lost: () => void;
  /** Ends the span; the result counts what is answered after it as well. */
  close: () => () => LoadResult;
}>;

function createTally(cores: number): Tally {
  const [latenciesMs, refusalsMs]: [number[], number[]] = [[], []];
  const counts: Record<string, number> = {};
  const [startedAt, cpu] = [performance.now(), process.cpuUsage()];
  let [sent, good] = [0, 0];
  let isOpen = true;
  const count = (name: string) => {
    counts[name] = (counts[name] ?? 0) + 1;
  };
  return {
    sent: () => {
      sent++;
    },
    answered: ({ status }, dueAt) => {
      count(String(status));
      if (status === 200) latenciesMs.push(performance.now() - dueAt);
      if (status === 200 && isOpen) good++;
      if (status === 429) refusalsMs.push(performance.now() - dueAt);
    },
    lost: () => count("no answer"),
    close: () => {
      isOpen = false;
      const spanMs = performance.now() - startedAt;
      const { user, system } = process.cpuUsage(cpu);
      const [goodPerSecond, offeredPerSecond] = [(1000 * good) / spanMs, (1000 * sent) / spanMs];
      const ownShare = (user + system) / 1000 / (spanMs * cores);
      return () => {
        const left = latenciesMs.length - good;
        return { latenciesMs, refusalsMs, counts, goodPerSecond, left, offeredPerSecond, ownShare };
      };
    },
  };
}
