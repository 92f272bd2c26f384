import { existsSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type HttpServer, listenHttp } from "./adapters/http-server.js";
import { createJsonLog } from "./adapters/json-log.js";
import { createPrometheusMetrics } from "./adapters/prometheus-metrics.js";
import { parseServerConfig, type ServerConfig, type SettingOrigins, toMaxBodyBytes, toOrigins } from "./config.js";
import { createApp } from "./http/app.js";
import { toEncoderFields, unreadyReasons } from "./http/health.js";
import { type OpenPipeline, openPipeline } from "./open-pipeline.js";
import type { DeviceFailure } from "./open-pipeline-encoder.js";
import type { EncoderState } from "./pipeline.js";
import { now } from "./serving/clock.js";
import { createGate, type Gate } from "./serving/gate.js";
import type { Log } from "./serving/log.js";
import type { Metrics } from "./serving/metrics.js";

/** `artifactFolder` wins over the environment's. */
export type ServeOptions = Readonly<{
  env: Readonly<Record<string, string | undefined>>;
  artifactFolder?: string | undefined;
  log?: Log;
}>;

/** A server that answers `/ping`, with 503 until `ready` resolves. */
export type RunningServer = Readonly<{
  port: number;
  /** @throws Error with one line when the artifact cannot be served. */
  ready: Promise<void>;
  /** Never resolves. @throws Error with one line when the device has failed and the operator wants an end then. */
  broken: Promise<never>;
  /** Refuses new work, lets accepted work finish within the drain limit, closes everything. Idempotent. */
  stop: () => Promise<void>;
}>;

/**
 * Listens at once, then loads, warms up and becomes ready.
 * @throws Error with one line for each problem of the environment, or when the port cannot be had.
 */
export async function serve({ env, artifactFolder, log }: ServeOptions): Promise<RunningServer> {
  const parsed = parseServerConfig(env);
  if ("problems" in parsed) throw new Error(parsed.problems.join("\n"));
  const config = artifactFolder === undefined ? parsed.value : { ...parsed.value, modelDir: artifactFolder };
  const ownLog = log ?? createJsonLog(config.logLevel);
  ownLog.info("config_loaded", { config: withOrigins(config, toOrigins(env)) });
  return startServer(config, ownLog);
}

async function startServer(config: ServerConfig, log: Log): Promise<RunningServer> {
  const startedAt = now();
  const gate = createGate(config.maxInFlight);
  const metrics = createPrometheusMetrics();
  let pipeline: OpenPipeline | null = null;
  const served = () =>
    pipeline === null ? null : { ...pipeline, items: pipeline.catalog.items, hold: () => () => {} };
  const { maxPayloadMb, maxConcurrentTransforms, batchStrategy, requestTimeoutMs, maxAnswerBytes } = config;
  const app = createApp({
    ...{ gate, served, metrics, log, now, requestTimeoutMs, maxBodyBytes: toMaxBodyBytes(config) },
    maxAnswerBytes,
    transform: { maxPayloadMb, maxConcurrentTransforms, batchStrategy, lanes: () => pipeline?.lanes ?? 1 },
  });
  metrics.watch("stygig_requests_in_flight", gate.inside);
  metrics.watch("stygig_ready", () => (unreadyReasons({ gate, served }).length === 0 ? 1 : 0));
  const http = await listenHttp(app, config.port);
  log.info("server_listening", { port: http.port });
  let breakDown = (_error: Error): void => {};
  const broken = new Promise<never>((_resolve, reject) => {
    breakDown = reject;
  });
  const ready = load({ config, log, metrics, breakDown }).then(async (loaded) => {
    if (gate.state() === "stopping") return loaded.close();
    pipeline = loaded;
    gate.become("ready");
    log.info("server_ready", { startup_ms: Math.round(now() - startedAt) });
  });
  // Whoever waits for them hears of a failure; nobody has to.
  ready.catch(() => {});
  broken.catch(() => {});
  let stopped: Promise<void> | null = null;
  const stop = () => {
    // A session that is cut off while it opens aborts the whole process: what still loads is waited for, then closed.
    stopped ??= drain({ gate, http, log, config })
      .then(() => ready.catch(() => {}))
      .then(() => pipeline?.close());
    return stopped;
  };
  return { port: http.port, ready, broken, stop };
}

type LoadParts = Readonly<{
  config: ServerConfig;
  log: Log;
  metrics: Metrics;
  breakDown: (error: Error) => void;
}>;

async function load(parts: LoadParts): Promise<OpenPipeline> {
  const { config, log, metrics } = parts;
  let state: (() => EncoderState) | null = null;
  const pipeline = await openPipeline({
    ...config,
    artifactFolder: config.modelDir,
    report: (pool, { reason, wasBusy, restartsLeft }) => {
      metrics.count("stygig_workers_lost_total", { pool });
      log.warn("worker_lost", { pool, reason, was_busy: wasBusy, restarts_left: restartsLeft });
    },
    reportFailure: (failure) => {
      reportFailure(parts, failure);
      if (state !== null) showRung(metrics, state());
    },
  });
  const { facts, notes, lanes } = pipeline;
  const { catalogDigest, items, index, encoder, preprocess, rules } = facts;
  const labels = { catalog_digest: catalogDigest, index, encoder, preprocess, rules: rules.name };
  state = facts.encoderState;
  const { provider, precision } = state();
  log.info("artifact_loaded", { ...labels, provider, precision, items, lanes });
  log.info("encoder_opened", toEncoderFields(state()));
  for (const note of notes) log.warn("part_refused", { note });
  metrics.set("stygig_served_info", labels, 1);
  showRung(metrics, state());
  try {
    if (config.warmModel) await pipeline.warmUp();
  } catch (error) {
    await pipeline.close();
    throw new Error(`the warm-up failed: ${toLine(error)}`, { cause: error });
  }
  return pipeline;
}

function reportFailure({ config, log, metrics, breakDown }: LoadParts, failure: DeviceFailure): void {
  const { outcome, rung, next, reason } = failure;
  metrics.count("stygig_device_errors_total", { outcome });
  log.warn("device_failed", { outcome, rung, next, reason: toLine(reason) });
  if (outcome !== "gone" || config.fallback !== "exit") return;
  breakDown(new Error(`${rung} failed, and FALLBACK=exit: ${toLine(reason)}`));
}

/** The rung in use is 1, those that were are 0. */
function showRung(metrics: Metrics, { provider, precision, degraded, rungs }: EncoderState): void {
  for (const rung of rungs) {
    if (rung.outcome !== "chosen" || rung.model === null) continue;
    metrics.set("stygig_encoder_rung", { provider: rung.provider, precision: rung.model }, 0);
  }
  metrics.set("stygig_encoder_rung", { provider, precision }, 1);
  metrics.set("stygig_encoder_degraded", {}, degraded ? 1 : 0);
}

type DrainParts = Readonly<{ gate: Gate; http: HttpServer; log: Log; config: ServerConfig }>;

/** The port stays open while work is left, so that callers are told 503 instead of being refused a connection. */
async function drain({ gate, http, log, config }: DrainParts): Promise<void> {
  const startedAt = now();
  gate.become("stopping");
  log.info("server_stopping", { requests_in_flight: gate.inside() });
  let limit: NodeJS.Timeout | undefined;
  const expired = new Promise<void>((resolve) => {
    limit = setTimeout(resolve, config.drainTimeoutMs);
  });
  await Promise.race([gate.whenEmpty(), expired]);
  clearTimeout(limit);
  await http.close(Math.max(0, config.drainTimeoutMs - (now() - startedAt)));
  log.info("server_stopped", { requests_cut: gate.inside() });
}

/** The server as a process: from its environment to its exit code. 2: the environment is wrong; 1: it cannot serve. */
export async function runServer(options: Partial<ServeOptions> = {}): Promise<number> {
  const env = options.env ?? process.env;
  const parsed = parseServerConfig(env);
  if ("problems" in parsed) return complain(parsed.problems, 2);
  const asked = stopSignal();
  let server: RunningServer | null = null;
  try {
    server = await serve({ ...options, env });
    await Promise.race([server.ready, asked]);
    await Promise.race([asked, server.broken]);
    await server.stop();
    return 0;
  } catch (error) {
    await server?.stop();
    return complain([toLine(error)], 1);
  }
}

/** Resolves at the first SIGTERM or SIGINT; the second one ends the process on the spot. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let isAsked = false;
    for (const [signal, number] of [["SIGTERM", 15] as const, ["SIGINT", 2] as const]) {
      process.on(signal, () => {
        if (isAsked) process.exit(128 + number);
        isAsked = true;
        resolve();
      });
    }
  });
}

function complain(problems: readonly string[], exitCode: 1 | 2): number {
  for (const problem of problems) process.stderr.write(`stygig: ${problem}\n`);
  return exitCode;
}

function withOrigins(config: ServerConfig, origins: SettingOrigins): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => [name, { value, from: origins[name as keyof ServerConfig] }]),
  );
}

function toLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, " ");
}

// The platform adds the argument `serve`, local tools others; none of them changes what this file does.
const [, script] = process.argv;
const isStartedDirectly =
  script !== undefined && existsSync(script) && realpathSync(script) === fileURLToPath(import.meta.url);
if (isStartedDirectly) process.exit(await runServer());
