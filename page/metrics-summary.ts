type Sample = Readonly<{ name: string; labels: Readonly<Record<string, string>>; value: number }>;

/** A step of the work: all that it took so far, and how much of that was waiting for a worker. */
export type StageCost = Readonly<{
  stage: string;
  runs: number;
  totalMs: number;
  meanMs: number;
  waitMs: number;
  share: number;
}>;

export type MetricsSummary = Readonly<{
  requests: number;
  refused: number;
  inFlight: number;
  /** Dearest first; shares are of all stages together. */
  stages: readonly StageCost[];
  /** Runs of the encoder by how many pictures were in them, `upTo` each; only those that happened. */
  batches: readonly Readonly<{ upTo: string; runs: number; share: number }>[];
  cache: Readonly<{ hit: number; joined: number; miss: number; bytes: number }>;
  /** What encodes now, as provider and precision; null before the first artifact. */
  rung: string | null;
  degraded: boolean;
}>;

/** Prometheus text -> its samples. Lines that are none are left out: comments, and what a later format may add. */
export function parseMetrics(text: string): readonly Sample[] {
  return text.split("\n").flatMap((line) => {
    const [, name, labels = "", value] = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === undefined) return [];
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key!, text!] as const);
    return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
  });
}

/** What an operator looks for first. */
export function toSummary(samples: readonly Sample[]): MetricsSummary {
  const named = (name: string) => samples.filter((sample) => sample.name === name);
  const sumOf = (name: string, labels: Readonly<Record<string, string>> = {}) =>
    named(name)
      .filter((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
      .reduce((sum, { value }) => sum + value, 0);
  const requests = sumOf("stygig_requests_total");
  const rung = named("stygig_encoder_rung").find(({ value }) => value === 1)?.labels;
  const cached = (outcome: string) => sumOf("stygig_cache_requests_total", { outcome });
  return {
    requests,
    refused: requests - sumOf("stygig_requests_total", { code: "ok" }),
    inFlight: sumOf("stygig_requests_in_flight"),
    stages: toStages(named("stygig_stage_duration_seconds_sum"), sumOf),
    batches: toBatches(named("stygig_batch_pictures_bucket")),
    cache: { hit: cached("hit"), joined: cached("joined"), miss: cached("miss"), bytes: sumOf("stygig_cache_bytes") },
    rung: rung === undefined ? null : `${rung.precision} on ${rung.provider}`,
    degraded: sumOf("stygig_encoder_degraded") > 0,
  };
}

type SumOf = (name: string, labels: Readonly<Record<string, string>>) => number;

function toStages(sums: readonly Sample[], sumOf: SumOf): readonly StageCost[] {
  const all = sums.reduce((total, { value }) => total + value, 0);
  const stages = sums.map(({ labels, value }) => {
    const stage = labels.stage ?? "";
    const runs = sumOf("stygig_stage_duration_seconds_count", { stage });
    const waits = sumOf("stygig_queue_seconds_count", { stage });
    return {
      ...{ stage, runs, totalMs: value * 1000 },
      meanMs: runs === 0 ? 0 : (value * 1000) / runs,
      waitMs: waits === 0 ? 0 : (sumOf("stygig_queue_seconds_sum", { stage }) * 1000) / waits,
      share: all === 0 ? 0 : value / all,
    };
  });
  return stages.sort((one, other) => other.totalMs - one.totalMs);
}

/** Prometheus counts each bucket with all below it. */
function toBatches(buckets: readonly Sample[]): MetricsSummary["batches"] {
  const all = buckets.at(-1)?.value ?? 0;
  return buckets
    .map(({ labels, value }, at) => ({ upTo: labels.le ?? "", runs: value - (buckets[at - 1]?.value ?? 0) }))
    .filter(({ runs }) => runs > 0)
    .map((each) => ({ ...each, share: each.runs / all }));
}
