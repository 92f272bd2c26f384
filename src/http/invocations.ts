import type { Request, RequestHandler } from "express";
import { ServiceError } from "../domain/errors.js";
import type { Recommendation, StageTimes } from "../pipeline.js";
import type { Gate } from "../serving/gate.js";
import type { LogFields } from "../serving/log.js";
import type { Metrics } from "../serving/metrics.js";
import { customAttributesHeader } from "./custom-attributes.js";
import { parseQuery, toBodyForm } from "./parse-query.js";
import { hasNoBody, readBody } from "./read-body.js";
import { startRequestSignal } from "./request-signal.js";
import { sendJson } from "./send.js";
import type { Served } from "./served.js";
import { toReply } from "./to-reply.js";
import { traceOf } from "./trace.js";

export type InvocationParts = Readonly<{
  gate: Gate;
  served: () => Served | null;
  metrics: Metrics;
  maxBodyBytes: number;
  requestTimeoutMs: number;
}>;

const producible = ["application/json", "application/*", "*/*"];

/** `POST /invocations`: one query in, one answer out. */
export function createInvocations(parts: InvocationParts): RequestHandler {
  const { gate, served, metrics, maxBodyBytes, requestTimeoutMs } = parts;
  return async (request, response) => {
    requireAccept(request);
    if (hasNoBody(request)) throw new ServiceError("body_empty");
    const form = toBodyForm(request.headers["content-type"]);
    const leave = gate.enter();
    const { signal, end } = startRequestSignal(response, requestTimeoutMs);
    const service = served();
    const letGo = service?.hold();
    try {
      if (service === null) throw new ServiceError("not_ready");
      const body = await readBody(request, response, maxBodyBytes, signal);
      const query = parseQuery(form, body, request.get(customAttributesHeader));
      const recommendation = await service.recommend(query, signal);
      measure(metrics, recommendation);
      const trace = traceOf(response);
      trace.fields = { body_bytes: body.length, ...toFields(recommendation) };
      sendJson(response, 200, toReply(recommendation, service));
    } finally {
      end();
      letGo?.();
      leave();
    }
  };
}

/** None or a blank one takes anything. Parameters such as a charset do not matter; a type with `q=0` is not accepted. */
function requireAccept(request: Request): void {
  if (!request.headers.accept?.trim()) return;
  const accepted = request.accepts().map((type) => type.toLowerCase());
  if (accepted.some((type) => producible.includes(type))) return;
  throw new ServiceError("accept_unsupported", { produced: "application/json" });
}

const stages = { decode: "decodeMs", encode: "encodeMs", search: "searchMs", rank: "rankMs" } as const;

function measure(metrics: Metrics, { times, ranking }: Recommendation): void {
  for (const [stage, field] of Object.entries(stages)) {
    const ms = times[field];
    if (ms !== null) metrics.observe("stygig_stage_duration_seconds", { stage }, ms / 1000);
  }
  if (ranking !== null && ranking.fallback !== null) {
    metrics.count("stygig_fallbacks_total", { reason: ranking.fallback });
  }
}

function toFields({ query, ranking, similar, times }: Recommendation): LogFields {
  return {
    source: query.source.kind,
    mode: query.mode,
    profile: query.profile,
    suggestions: ranking?.suggestions.length ?? similar.length,
    fallback: ranking?.fallback ?? null,
    ...toTimes(times),
  };
}

function toTimes(times: StageTimes): LogFields {
  const entries = Object.entries(stages).map(([stage, field]) => [`${stage}_ms`, times[field]] as const);
  return Object.fromEntries(entries.map(([name, ms]) => [name, ms === null ? null : Math.round(ms * 10) / 10]));
}
