import type { ModelInput } from "../domain/clip-input.js";
import {
  chooseSetting,
  type EncoderGoal,
  type EncoderSetting,
  type MeasuredSetting,
} from "../domain/encoder-setting.js";
import { probeImage } from "../domain/probe-image.js";
import type { ProviderTimes } from "../domain/provider-speed.js";
import type { Now } from "../serving/clock.js";
import type { OpenRung } from "./onnx-encoder-rung.js";

/** What `auto` found out. `note` says why not everything was measured; null when it was. */
export type SettingReport = Readonly<{
  goal: EncoderGoal;
  chosen: EncoderSetting;
  measured: readonly MeasuredSetting[];
  note: string | null;
}>;

export type FastestOptions = Readonly<{
  candidates: readonly [EncoderSetting, ...EncoderSetting[]];
  goal: EncoderGoal;
  /** Null: nothing can be measured, and the first candidate is taken. */
  now: Now | null;
  side: number;
  open: (setting: EncoderSetting) => Promise<OpenRung | Readonly<{ refused: string }>>;
}>;

type Fastest = Readonly<{ opened: OpenRung; report: SettingReport }>;

/** Beyond the sessions that serve in any case. */
const budgetMs = 1000;
/** Pictures that take less are decoded many times slower than they are encoded: nothing could be gained. */
const worthMeasuringMs = 1;
/** Enough for a median that one hiccup does not move. */
const mostRuns = 9;
const leastSliceMs = 40;
/** More sessions than the first candidate's open side by side, but in each other's way. */
const forMore = 1.5;

/**
 * Opens the candidates in turn, times each on the probe picture, and keeps the fastest open. The measuring takes at
 * most a second, by what the first one's opening took; what would take longer is not measured.
 */
export async function openFastest(options: FastestOptions): Promise<Fastest | Readonly<{ refused: string }>> {
  const { candidates, goal, now, side, open } = options;
  const startedAt = now?.() ?? 0;
  const first = await open(candidates[0]);
  if ("refused" in first) return first;
  const unmeasured = (note: string | null): Fastest => ({
    opened: first,
    report: { goal, chosen: first.setting, measured: [], note },
  });
  if (candidates.length === 1) return unmeasured(null);
  if (now === null) return unmeasured("there is no clock to measure by");
  const openMs = now() - startedAt;
  const pictureMs = await timePicture(first, side, 3, now);
  if (pictureMs < worthMeasuringMs) return unmeasured(`a picture takes ${pictureMs.toFixed(2)} ms in any setting`);
  const toOpenMs = (setting: EncoderSetting) => (setting.workers > first.setting.workers ? openMs * forMore : openMs);
  const openingMs = candidates.slice(1).reduce((sum, each) => sum + toOpenMs(each), 0);
  const sliceMs = (budgetMs - openingMs) / candidates.length;
  if (sliceMs < Math.max(leastSliceMs, pictureMs * 4)) {
    return unmeasured(`opening another session takes ${Math.round(openMs)} ms, too much of ${budgetMs}`);
  }
  return measureAll(first, { ...options, now, toOpenMs, sliceMs });
}

type MeasureOptions = FastestOptions &
  Readonly<{ now: Now; toOpenMs: (setting: EncoderSetting) => number; sliceMs: number }>;

async function measureAll(first: OpenRung, options: MeasureOptions): Promise<Fastest> {
  const { candidates, goal, now, side, open, toOpenMs, sliceMs } = options;
  const deadline = now() + budgetMs;
  const measured = [await measure(first, side, sliceMs, now)];
  let best = first;
  let note: string | null = null;
  for (const candidate of candidates.slice(1)) {
    if (now() + toOpenMs(candidate) > deadline) {
      note = `${candidate.workers} x ${candidate.threads} was not tried for want of time`;
      break;
    }
    const other = await open(candidate);
    if ("refused" in other) {
      note = `${candidate.workers} x ${candidate.threads} cannot be had: ${other.refused}`;
      continue;
    }
    measured.push(await measure(other, side, Math.min(sliceMs, deadline - now()), now));
    const { workers, threads } = chooseSetting(measured, goal);
    const isBetter = workers === candidate.workers && threads === candidate.threads;
    await (isBetter ? best : other).close();
    if (isBetter) best = other;
  }
  return { opened: best, report: { goal, chosen: best.setting, measured, note } };
}

/** Half of the time with one caller, half with one for each worker. */
async function measure(rung: OpenRung, side: number, sliceMs: number, now: Now): Promise<MeasuredSetting> {
  const millisecondsEach = await timePicture(rung, side, mostRuns, now, sliceMs / 2);
  const startedAt = now();
  const lanes = Array.from({ length: rung.setting.workers }, () => runUntil(rung, side, now, startedAt + sliceMs / 2));
  const pictures = (await Promise.all(lanes)).reduce((sum, each) => sum + each, 0);
  return { ...rung.setting, millisecondsEach, imagesPerSecond: (pictures * 1000) / (now() - startedAt) };
}

/** Pictures encoded one after the other; at least one. */
async function runUntil(rung: OpenRung, side: number, now: Now, deadline: number): Promise<number> {
  const input = probeInput(side);
  let pictures = 0;
  do {
    await rung.encode([input]);
    pictures++;
  } while (pictures < mostRuns && now() < deadline);
  return pictures;
}

/** The medians of one picture on both, in ms, each looked at when nothing else runs here. */
export async function timeAgainstCpu(gpu: OpenRung, cpu: OpenRung, side: number, now: Now): Promise<ProviderTimes> {
  // Three are enough of what may take a second each.
  return { cpuMs: await timePicture(cpu, side, 3, now), gpuMs: await timePicture(gpu, side, mostRuns, now) };
}

/** Median time of one picture alone, in ms; ends early, after one run at least, when the time is over. */
async function timePicture(
  rung: OpenRung,
  side: number,
  runs: number,
  now: Now,
  withinMs = Number.POSITIVE_INFINITY,
): Promise<number> {
  const input = probeInput(side);
  const times: number[] = [];
  for (const beganAt = now(); times.length < runs && (times.length === 0 || now() - beganAt < withinMs); ) {
    const startedAt = now();
    await rung.encode([input]);
    times.push(now() - startedAt);
  }
  return times.sort((one, other) => one - other)[times.length >> 1]!;
}

function probeInput(side: number): ModelInput {
  return { side, data: probeImage(side).pixels };
}
