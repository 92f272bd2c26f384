import type { Request, RequestHandler, Response } from "express";
import type { Now } from "../serving/clock.js";
import type { Log, LogFields } from "../serving/log.js";
import type { Metrics } from "../serving/metrics.js";
import { toFailureFields } from "./logged-failure.js";
import { startTrace, type Trace } from "./trace.js";

/** Asked again and again by machines: logged only when refused, never counted as work. */
const quietRoutes: ReadonlySet<string> = new Set(["/ping", "/metrics", "/health", "/gpu/stats"]);

/** The page and what it loads, too. */
function isQuiet(route: string): boolean {
  return quietRoutes.has(route) || route === "/" || route.startsWith("/page/") || route.startsWith("/catalog/");
}

type ObserveParts = Readonly<{ log: Log; metrics: Metrics; now: Now; routes: ReadonlySet<string> }>;

/** One log line and one observation per request, once its answer has left or its caller has. */
export function observeRequests({ log, metrics, now, routes }: ObserveParts): RequestHandler {
  return (request, response, next) => {
    const startedAt = now();
    const trace = startTrace(response);
    response.once("close", () => {
      const totalMs = now() - startedAt;
      const route = routes.has(request.path) ? request.path : "other";
      const code = toCode(response, trace);
      if (!isQuiet(route)) {
        metrics.count("stygig_requests_total", { route, status: String(toStatus(response) ?? "none"), code });
        metrics.observe("stygig_request_duration_seconds", { route, code }, totalMs / 1000);
      }
      if (isQuiet(route) && response.statusCode < 400) return;
      const level = code === "internal" || code === "encoder_failed" ? "error" : "info";
      log[level]("request_finished", { ...toFields(request, response, trace), route, code, total_ms: round(totalMs) });
    });
    next();
  };
}

/** `ok`, a code of the catalog, or `caller_left` when nobody waited for the answer. */
function toCode(response: Response, { failure }: Trace): string {
  if (!response.writableFinished) return "caller_left";
  return failure?.code ?? "ok";
}

/** A caller who left early got none. */
function toStatus({ headersSent, statusCode }: Response): number | null {
  return headersSent ? statusCode : null;
}

function toFields(request: Request, response: Response, trace: Trace): LogFields {
  // The platform's own limit; whatever is longer or cannot be printed did not come from it.
  const inferenceId = request.get("x-amzn-sagemaker-inference-id");
  const isShown = inferenceId !== undefined && /^[\x20-\x7e]{1,64}$/.test(inferenceId);
  return {
    request_id: trace.id,
    ...(isShown ? { inference_id: inferenceId } : {}),
    method: request.method,
    status: toStatus(response),
    ...trace.fields,
    // What went wrong after the caller left went wrong because of it.
    ...(trace.failure === null || !response.writableFinished ? {} : toFailureFields(trace.failure)),
  };
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
