import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { projectFolder } from "../support/project-files.js";
import type { Family } from "./corpus/hostile-request.js";
import { exchange } from "./exchange.js";
import { askWell, type FuzzedServer, readMetrics } from "./fuzzed-server.js";
import { judge } from "./judge.js";
import { planFamilies, type Scheduled, schedule } from "./schedule.js";

export type Outcome = Readonly<{ family: string; statuses: readonly number[]; problems: readonly string[] }>;

/** The server when so many requests have been answered. */
export type Look = Readonly<{ requests: number; residentMiB: number; well: unknown }>;

export type HostileRun = Readonly<{ outcomes: readonly Outcome[]; looks: readonly Look[] }>;

export type HostileOptions = Readonly<{ families: readonly Family[]; count: number; seed: number }>;

/** Fewer together than the server works on at once: none is turned away. */
const lanes = { quick: 24, slow: 200 } as const;
/** Beyond every limit of the server; what lasts longer hangs. */
const hangsAfterMs = { quick: 60_000, slow: 120_000 } as const;
const looksInAll = 40;
/** At each look the page of metrics is read as often, and the median counts. */
const pagesEach = 5;

/** Sends them all, looks after the server again and again, and keeps what was answered wrongly under build/fuzz. */
export async function runHostile(fuzzed: FuzzedServer, options: HostileOptions): Promise<HostileRun> {
  const { families, count, seed } = options;
  const outcomes: Outcome[] = [];
  const looks: Look[] = [await look(fuzzed, 0)];
  const send = async (scheduled: Scheduled) => {
    const { family, request } = scheduled;
    const outcome = await exchange(fuzzed.port, request, hangsAfterMs[family.pace]);
    const problems = judge(request, outcome, fuzzed.forbidden);
    const statuses = outcome.answers.map(({ status }) => status);
    outcomes.push({ family: family.name, statuses, problems });
    if (problems.length > 0) await report(scheduled, problems, seed);
  };
  const [quickLanes, slowLanes] = [createLanes(lanes.quick), createLanes(lanes.slow)];
  const plan = planFamilies(families, count, seed);
  const lookEvery = Math.ceil(plan.length / looksInAll);
  for (const [number, family] of plan.entries()) {
    const own = family.pace === "slow" ? slowLanes : quickLanes;
    await own.add(() => send(schedule(family, number, seed)));
    const isLast = number + 1 === plan.length;
    if ((number + 1) % lookEvery !== 0 && !isLast) continue;
    await quickLanes.empty();
    if (isLast) await slowLanes.empty();
    looks.push(await look(fuzzed, number + 1));
  }
  return { outcomes, looks };
}

type Lanes = Readonly<{
  /** Resolves when it has begun. What fails shows in `empty`. */
  add: (work: () => Promise<void>) => Promise<void>;
  empty: () => Promise<void>;
}>;

function createLanes(most: number): Lanes {
  const running = new Set<Promise<void>>();
  return {
    add: async (work) => {
      if (running.size >= most) await Promise.race(running);
      const one: Promise<void> = work().finally(() => running.delete(one));
      running.add(one);
    },
    empty: async () => void (await Promise.all(running)),
  };
}

async function look({ url }: FuzzedServer, requests: number): Promise<Look> {
  const well = await askWell(url);
  const sizes: number[] = [];
  for (let each = 0; each < pagesEach; each++) {
    sizes.push((await readMetrics(url)).get("stygig_resident_memory_bytes") ?? Number.NaN);
  }
  sizes.sort((one, other) => one - other);
  return { requests, residentMiB: sizes[pagesEach >> 1]! / 2 ** 20, well };
}

/** Says enough to try it again, and leaves the very bytes. */
async function report(
  { number, family, request }: Scheduled,
  problems: readonly string[],
  seed: number,
): Promise<void> {
  const folder = join(projectFolder, "build/fuzz");
  await mkdir(folder, { recursive: true });
  const bytes = Buffer.concat(request.steps.flatMap((step) => ("bytes" in step ? [step.bytes] : [])));
  await writeFile(join(folder, `${seed}-${number}.bin`), bytes);
  console.log(`FUZZ_SEED=${seed}, number ${number}, ${family.name} (${request.name}): ${problems.join("; ")}`);
}
