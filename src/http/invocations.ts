import type { Request, RequestHandler } from "express";
import { ServiceError } from "../domain/errors.js";
import type { Recommendation } from "../pipeline.js";
import type { Gate } from "../serving/gate.js";
import type { LogFields } from "../serving/log.js";
import type { Metrics } from "../serving/metrics.js";
import { toAcceptedType } from "./accepted-type.js";
import { answerRecords } from "./answer-records.js";
import { type BodyForm, lineTypes, toBodyForm, toMediaType } from "./body-form.js";
import { predictionsFrame, toInstanceRecords, toLineRecords, toLinesFrame } from "./body-records.js";
import { customAttributesHeader } from "./custom-attributes.js";
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
  transform: Pick<TransformWishes, "lanes">;
  requestTimeoutMs: number;
}>;

/** `POST /invocations`: one query in, one answer out; or many of both, in JSON Lines or as a list. */
export function createInvocations(parts: InvocationParts): RequestHandler {
  const { gate, served, metrics, maxBodyBytes, requestTimeoutMs } = parts;
  return async (request, response) => {
    const form = requireForm(request);
    const contentType = toAcceptedType(request, form);
    const leave = gate.enter();
    const { signal, end } = startRequestSignal(response, requestTimeoutMs);
    const service = served();
    const letGo = service?.hold();
    try {
      if (service === null) throw new ServiceError("not_ready");
      const work = { service, metrics, lanes: parts.transform.lanes(), maxAnswerBytes: parts.maxAnswerBytes };
      if (form === "lines") {
        const records = (itsSignal: AbortSignal) => toLineRecords(request, response, maxBodyBytes, itsSignal);
        return await answerRecords({ ...work, records, frame: toLinesFrame(contentType) }, response, signal);
      }
      const body = await readBody(request, response, maxBodyBytes, signal);
      const parsed = parseBody(form, body, request.get(customAttributesHeader));
      if (parsed.kind === "instances") {
        const records = () => toInstanceRecords(parsed.instances);
        return await answerRecords({ ...work, records, frame: predictionsFrame }, response, signal);
      }
      const recommendation = await service.recommend(parsed.query, signal);
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

function toFields({ query, ranking, similar, times }: Recommendation): LogFields {
  return {
    source: query.source.kind,
    mode: query.mode,
    profile: query.profile,
    suggestions: ranking?.suggestions.length ?? similar.length,
    fallback: ranking?.fallback ?? null,
    ...toStageFields(times),
  };
}
