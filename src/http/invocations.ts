import type { Request, RequestHandler } from "express";
import { ServiceError } from "../domain/errors.js";
import type { Recommendation } from "../pipeline.js";
import type { Urgency } from "../serving/batcher.js";
import type { Gate } from "../serving/gate.js";
import type { LogFields } from "../serving/log.js";
import type { Metrics } from "../serving/metrics.js";
import { toAcceptedType } from "./accepted-type.js";
import { answerRecords, maxRecordBytes } from "./answer-records.js";
import { type BodyForm, lineTypes, toBodyForm, toMediaType } from "./body-form.js";
import { predictionsFrame, toInstanceRecords, toLineRecords, toLinesFrame } from "./body-records.js";
import { customAttributesHeader, readTimeoutMs } from "./custom-attributes.js";
import type { TransformWishes } from "./execution-parameters.js";
import { parseBody } from "./instances.js";
import { measureStages, toStageFields } from "./measure-stages.js";
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
  maxAnswerBytes: number;
  /** What a request may take that does not say; the upload of any. */
  transform: Pick<TransformWishes, "lanes">;
  requestTimeoutMs: number;
  /** Who sends requests of one query: people who wait, or a job. */
  urgency: Urgency;
}>;

/** `POST /invocations`: one query in, one answer out; or many of both, in JSON Lines or as a list. */
export function createInvocations(parts: InvocationParts): RequestHandler {
  const { gate, served, metrics, maxBodyBytes, requestTimeoutMs, urgency } = parts;
  return async (request, response) => {
    const form = requireForm(request);
    const contentType = toAcceptedType(request, form);
    const attributes = request.get(customAttributesHeader) ?? "";
    const totalMs = readTimeoutMs(attributes) ?? requestTimeoutMs;
    const { leave, addBytes } = gate.enter({ bytes: toClaim(request, form, maxBodyBytes), budgetMs: totalMs });
    const { signal, uploaded, end } = startRequestSignal(response, { uploadMs: requestTimeoutMs, totalMs });
    const service = served();
    const letGo = service?.hold();
    try {
      if (service === null) throw new ServiceError("not_ready");
      const work = { service, metrics, lanes: parts.transform.lanes(), maxAnswerBytes: parts.maxAnswerBytes };
      if (form === "lines") {
        const records = (itsSignal: AbortSignal) => toLineRecords(request, response, maxBodyBytes, itsSignal);
        return await answerRecords({ ...work, records, frame: toLinesFrame(contentType) }, response, signal);
      }
      const isDeclared = request.headers["content-length"] !== undefined;
      const body = await readBody(request, response, maxBodyBytes, signal, isDeclared ? undefined : addBytes);
      uploaded();
      const parsed = parseBody(form, body, attributes);
      if (parsed.kind === "instances") {
        const records = () => toInstanceRecords(parsed.instances);
        return await answerRecords({ ...work, records, frame: predictionsFrame }, response, signal);
      }
      const recommendation = await service.recommend(parsed.query, signal, urgency);
      measureStages(metrics, recommendation);
      traceOf(response).fields = { body_bytes: body.length, ...toFields(recommendation) };
      sendJson(response, 200, toReply(recommendation, service));
    } finally {
      end();
      letGo?.();
      leave();
    }
  };
}

/** Nothing in JSON Lines is no line; of any other type it is a mistake, whatever type it claims to be. */
function requireForm(request: Request): BodyForm {
  if (!hasNoBody(request)) return toBodyForm(request.headers["content-type"]);
  if (lineTypes.includes(toMediaType(request.headers["content-type"]))) return "lines";
  throw new ServiceError("body_empty");
}

/** The bytes of a body that will be held at once: of lines no more than are worked on, whatever their number. */
function toClaim({ headers }: Request, form: BodyForm, maxBodyBytes: number): number {
  const declared = headers["content-length"];
  if (form === "lines") return Math.min(Number(declared ?? maxRecordBytes), maxRecordBytes, maxBodyBytes);
  return Math.min(Number(declared ?? 0), maxBodyBytes);
}

function toFields({ query, ranking, similar, cache, times }: Recommendation): LogFields {
  return {
    source: query.source.kind,
    mode: query.mode,
    profile: query.profile,
    suggestions: ranking?.suggestions.length ?? similar.length,
    fallback: ranking?.fallback ?? null,
    cache,
    ...toStageFields(times),
  };
}
