import { emfMembers, toEmfLine } from "./adapters/emf-line.js";
import { watchEventLoopDelay } from "./adapters/event-loop-delay.js";
import { createJsonLog, openStdout } from "./adapters/json-log.js";
import { createNvidiaSmi } from "./adapters/nvidia-smi.js";
import { createPrometheusMetrics } from "./adapters/prometheus-metrics.js";
import type { ServerConfig } from "./config.js";
import type { ReadGpuStats } from "./domain/gpu-stats.js";
import { createRedact } from "./domain/secrets.js";
import { epochMs, now } from "./serving/clock.js";
import type { Log } from "./serving/log.js";
import type { Metrics } from "./serving/metrics.js";
import { collectFigures, figureNames } from "./serving/minute-figures.js";

/** How the server can be watched. */
export type Telemetry = Readonly<{
  log: Log;
  metrics: Metrics;
  readGpuStats: ReadGpuStats;
  /** Says what is left to say, and ends what watches. Idempotent. */
  close: () => void;
}>;

const emfEveryMs = 60_000;
/** Several who scrape see the GPUs by one look, and none of them waits for a driver that is slow to wake up. */
const gpuLooks = { keepMs: 5000, waitMs: 1000 };

/**
 * Log, metrics and what watches the process. `log` takes the place of the one to stdout.
 * @throws Error with one line when the dimensions cannot be told from the metrics.
 */
export function openTelemetry(
  config: ServerConfig,
  env: Readonly<Record<string, string | undefined>>,
  log?: Log,
): Telemetry {
  const stdout = openStdout();
  const prometheus = createPrometheusMetrics();
  const emf = config.emf ? openEmf(config, prometheus, (line) => stdout.write(line)) : null;
  const metrics = emf?.metrics ?? prometheus;
  const delay = watchEventLoopDelay();
  metrics.watch("stygig_event_loop_delay_p50_seconds", () => delay.read().p50);
  metrics.watch("stygig_event_loop_delay_p99_seconds", () => delay.read().p99);
  metrics.watch("stygig_event_loop_delay_max_seconds", () => delay.read().max);
  metrics.watch("stygig_resident_memory_bytes", () => process.memoryUsage.rss());
  const fields = config.variant === null ? {} : { variant: config.variant };
  return {
    log: log ?? createJsonLog({ level: config.logLevel, fields, redact: createRedact(env), destination: stdout }),
    metrics,
    readGpuStats: createNvidiaSmi({ now, ...gpuLooks }),
    close: () => {
      emf?.close();
      delay.close();
    },
  };
}

type Emf = Readonly<{ metrics: Metrics; close: () => void }>;

/** A line every minute, and one at the end: whatever the log's level, for nobody reads it there. */
function openEmf(config: ServerConfig, prometheus: Metrics, write: (line: string) => void): Emf {
  const { emfNamespace: namespace, emfDimensions, variant } = config;
  const dimensions = { ...emfDimensions, ...(variant === null ? {} : { VariantName: variant }) };
  const taken = Object.keys(dimensions).find((name) => figureNames.has(name) || emfMembers.has(name));
  if (taken !== undefined)
    throw new Error(`STYGIG_EMF_DIMENSIONS: ${taken} is the name of something else in each line`);
  const { metrics, take } = collectFigures(prometheus);
  const flush = () => write(toEmfLine({ namespace, dimensions, figures: take(), timestampMs: epochMs() }));
  const timer = setInterval(flush, emfEveryMs).unref();
  let isClosed = false;
  return {
    metrics,
    close: () => {
      clearInterval(timer);
      if (!isClosed) flush();
      isClosed = true;
    },
  };
}
