import { existsSync, realpathSync } from "node:fs";
import type { RequestListener } from "node:http";
import { fileURLToPath } from "node:url";
import { type HttpServer, listenHttp } from "./adapters/http-server.js";
import { readPageFiles } from "./adapters/page-files.js";
import { readVersion } from "./cli/version.js";
import { parseServerConfig, type ServerConfig, type SettingOrigins, toMaxBodyBytes, toOrigins } from "./config.js";
import { toRequestTimeoutMs } from "./config-admission.js";
import { createRedact } from "./domain/secrets.js";
import { createAdminApp } from "./http/admin.js";
import { createApp } from "./http/app.js";
import { unreadyReasons } from "./http/health.js";
import { watchExhaustion } from "./main-exhaustion.js";
import { serveGenerations } from "./main-generations.js";
import { toLine } from "./main-load.js";
import { type EndSignal, endBySignal, listenToSignals } from "./main-signals.js";
import { openTelemetry, type Telemetry } from "./main-telemetry.js";
import type { DeviceFailure } from "./open-pipeline-encoder.js";
import { now } from "./serving/clock.js";
import { createGate, type Gate } from "./serving/gate.js";
import type { Log } from "./serving/log.js";
import type { Metrics } from "./serving/metrics.js";
import type { ReloadOutcome } from "./serving/reload.js";

/** `artifactFolder` and `port` win over the environment's. */
export type ServeOptions = Readonly<{
  env: Readonly<Record<string, string | undefined>>;
  artifactFolder?: string | undefined;
  /** As the environment would have it. */
  port?: string | undefined;
  /** Whether there is a page where the environment does not say. */
  page?: ServerConfig["page"];
  log?: Log;
}>;

/** Why a server cannot go on, and what its process is to end with: 1 the operator wants an end, 3 no worker is left. */
export type Breakdown = Readonly<{ exitCode: 1 | 3; reason: string }>;

/** A server that answers `/ping`, with 503 until `ready` resolves. */
export type RunningServer = Readonly<{
  port: number;
  /** Of the admin routes, where they are asked for. */
  adminPort: number | null;
  log: Log;
  /** @throws Error with one line when the artifact cannot be served. */
  ready: Promise<void>;
  /** Resolves when serving on is no use; never of a server that is well. */
  broken: Promise<Breakdown>;
  /** After a reload under way, once more if it is asked for meanwhile; what came of it is logged. */
  reload: () => Promise<ReloadOutcome>;
  requestsInFlight: () => number;
  /** Refuses new work, lets accepted work finish within the drain limit, closes everything. Idempotent. */
  stop: () => Promise<void>;
}>;

/**
 * Listens at once, then loads, warms up and becomes ready.
 * @throws Error with one line for each problem of the environment, or when the port cannot be had.
 */
export async function serve({ env, artifactFolder, page, log }: ServeOptions): Promise<RunningServer> {
  const parsed = parseServerConfig(env);
  if ("problems" in parsed) throw new Error(parsed.problems.join("\n"));
  const origins = toOrigins(env);
  const config = {
    ...parsed.value,
    ...(artifactFolder === undefined ? {} : { modelDir: artifactFolder }),
    ...(page === undefined || origins.page !== "default" ? {} : { page }),
  };
  const telemetry = openTelemetry(config, env, log);
  const shown = withOrigins(config, origins);
  telemetry.log.info("config_loaded", { config: shown });
  try {
    return await startServer(config, shown, telemetry);
  } catch (error) {
    telemetry.close();
    throw error;
  }
}

/** Longer than the platform takes between two pings, so that it sees why the process is about to end. */
const exhaustionGraceMs = 6000;

async function startServer(config: ServerConfig, shown: ShownConfig, telemetry: Telemetry): Promise<RunningServer> {
  const { log, metrics, readGpuStats } = telemetry;
  const startedAt = now();
  const maxBytes = config.maxInFlightBytes === "auto" ? 4 * toMaxBodyBytes(config) : config.maxInFlightBytes;
  const gate = createGate(config.maxInFlight, { maxBytes, backlog: () => generations.backlog() });
  let breakDown = (_breakdown: Breakdown): void => {};
  const broken = new Promise<Breakdown>((resolve) => {
    breakDown = resolve;
  });
  const noticeFailure = (failure: DeviceFailure | null) => {
    generations.showEncoder();
    // What a generation that is no longer served runs into ends nothing.
    if (failure?.outcome === "gone" && config.fallback === "exit" && problems().length > 0) {
      breakDown({ exitCode: 1, reason: `${failure.rung} failed, and FALLBACK=exit: ${toLine(failure.reason)}` });
    }
    exhaustion.look();
  };
  const generations = serveGenerations({ config, log, metrics, gate, now, noticeFailure });
  const { served, lanes, reload } = generations;
  const problems = () => served()?.problems() ?? [];
  const exhaustion = watchExhaustion({
    problems,
    graceMs: exhaustionGraceMs,
    log,
    giveUp: (reason) => breakDown({ exitCode: 3, reason }),
  });
  const page = config.page === "on" ? await readPageFiles() : null;
  const app = createApp({ ...toAppSettings(config, lanes), gate, served, metrics, readGpuStats, page, log, now });
  watchGate(metrics, gate, () => unreadyReasons({ gate, served }).length === 0);
  const admin = createAdminApp({ reload, config: shown, log, metrics, now });
  const listeners = await listen({ app, admin }, config, log);
  const ready = generations.loadFirst().then(() => {
    if (gate.state() === "stopping") return;
    gate.become("ready");
    log.info("server_ready", { startup_ms: Math.round(now() - startedAt) });
  });
  // Whoever waits for it hears of a failure; nobody has to.
  ready.catch(() => {});
  const stopAll = async () => {
    await drain({ gate, listeners, log, config });
    exhaustion.end();
    // A session that is cut off while it opens aborts the whole process: what still loads is waited for, then closed.
    await ready.catch(() => {});
    await generations.close();
    telemetry.close();
  };
  let stopped: Promise<void> | null = null;
  const stop = () => {
    stopped ??= stopAll();
    return stopped;
  };
  const [{ port }, operators] = listeners;
  const requestsInFlight = gate.inside;
  return { port, adminPort: operators?.port ?? null, log, ready, broken, reload: reload.soon, requestsInFlight, stop };
}

function toAppSettings(config: ServerConfig, lanes: () => number) {
  const { maxPayloadMb, maxConcurrentTransforms, batchStrategy, maxAnswerBytes } = config;
  return {
    ...{ maxAnswerBytes, maxBodyBytes: toMaxBodyBytes(config), requestTimeoutMs: toRequestTimeoutMs(config) },
    urgency: config.isBatch ? ("batch" as const) : ("interactive" as const),
    transform: { maxPayloadMb, maxConcurrentTransforms, batchStrategy, lanes },
    version: readVersion(),
  };
}

function watchGate(metrics: Metrics, gate: Gate, isReady: () => boolean): void {
  metrics.watch("stygig_requests_in_flight", gate.inside);
  metrics.watch("stygig_requests_in_flight_bytes", gate.bytesInside);
  metrics.watch("stygig_ready", () => (isReady() ? 1 : 0));
}

type Listeners = readonly [HttpServer, ...HttpServer[]];

/** The platform's port, and the operator's on the loopback address where one is configured. */
async function listen(
  { app, admin }: Readonly<Record<"app" | "admin", RequestListener>>,
  { port, adminPort, keepAliveMs }: ServerConfig,
  log: Log,
): Promise<Listeners> {
  const http = await listenHttp(app, port, { keepAliveMs });
  log.info("server_listening", { port: http.port });
  if (adminPort === null) return [http];
  try {
    const operators = await listenHttp(admin, adminPort, { address: "127.0.0.1" });
    log.info("admin_listening", { port: operators.port });
    return [http, operators];
  } catch (error) {
    await http.close(0);
    throw error;
  }
}

type DrainParts = Readonly<{ gate: Gate; listeners: Listeners; log: Log; config: ServerConfig }>;

/** The port stays open while work is left, so that callers are told 503 instead of being refused a connection. */
async function drain({ gate, listeners, log, config }: DrainParts): Promise<void> {
  const startedAt = now();
  gate.become("stopping");
  log.info("server_stopping", { requests_in_flight: gate.inside() });
  let limit: NodeJS.Timeout | undefined;
  const expired = new Promise<void>((resolve) => {
    limit = setTimeout(resolve, config.drainTimeoutMs);
  });
  await Promise.race([gate.whenEmpty(), expired]);
  clearTimeout(limit);
  const leftMs = Math.max(0, config.drainTimeoutMs - (now() - startedAt));
  await Promise.all(listeners.map((each) => each.close(leftMs)));
  log.info("server_stopped", { requests_cut: gate.inside() });
}

/** Beyond the drain limit, for closing what is open. */
const closeGraceMs = 3000;

/**
 * The server as a process: from its environment to its exit code. 0: it was asked to end, and let accepted work finish;
 * 1: it cannot serve; 2: the environment is wrong; 3: its workers are used up.
 */
export async function runServer(options: Partial<ServeOptions> = {}): Promise<number> {
  const given = options.env ?? process.env;
  const env = options.port === undefined ? given : { ...given, SAGEMAKER_BIND_TO_PORT: options.port };
  const parsed = parseServerConfig(env);
  // A secret in the wrong variable is quoted as what that must not be.
  const redact = createRedact(env);
  if ("problems" in parsed) return complain(parsed.problems.map(redact), 2);
  let server: RunningServer | null = null;
  const cut = (signal: EndSignal) => {
    server?.log.warn("server_cut", { signal, requests_cut: server.requestsInFlight() });
    endBySignal(signal);
  };
  const asked = listenToSignals({ reload: () => void server?.reload(), cut });
  const stop = async () => {
    // Native code that hangs cannot be waited for, nor ended in any other way.
    setTimeout(() => cut("SIGTERM"), parsed.value.drainTimeoutMs + closeGraceMs).unref();
    await server?.stop();
  };
  const fail = async ({ exitCode, reason }: Breakdown) => {
    await stop();
    server?.log.error("server_failed", { exit_code: exitCode, reason });
    return complain([redact(reason)], exitCode);
  };
  try {
    server = await serve({ ...options, env });
    await Promise.race([server.ready, asked]);
    const breakdown = await Promise.race([asked, server.broken]);
    if (breakdown !== undefined) return await fail(breakdown);
    await stop();
    return 0;
  } catch (error) {
    return await fail({ exitCode: 1, reason: toLine(error) });
  }
}

function complain(problems: readonly string[], exitCode: 1 | 2 | 3): number {
  for (const problem of problems) process.stderr.write(`stygig: ${problem}\n`);
  return exitCode;
}

type ShownConfig = Readonly<Record<string, unknown>>;

function withOrigins(config: ServerConfig, origins: SettingOrigins): ShownConfig {
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => [name, { value, from: origins[name as keyof ServerConfig] }]),
  );
}

// The platform adds the argument `serve`, local tools others; none of them changes what this file does.
const [, script] = process.argv;
const isStartedDirectly =
  script !== undefined && existsSync(script) && realpathSync(script) === fileURLToPath(import.meta.url);
if (isStartedDirectly) process.exit(await runServer());
