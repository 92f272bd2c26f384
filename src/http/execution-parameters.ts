import type { RequestHandler } from "express";
import { sendJson } from "./send.js";

/** What a batch transform job may ask of us; null where the job does not say. */
export type TransformWishes = Readonly<{
  maxPayloadMb: number | null;
  maxConcurrentTransforms: number | null;
  batchStrategy: "multi_record" | "single_record" | null;
  /** Requests that can be worked on side by side; known once the encoder is open. */
  lanes: () => number;
}>;

const usualPayloadMb = 6;
/** The platform refuses jobs whose payload times concurrency is more. */
const maxProductMb = 100;

/**
 * `GET /execution-parameters`, in whole numbers. The job's own strategy is repeated, for both suit us; otherwise it is
 * left out, because its default (many records) is the one we want, and the platform's local mode refuses the spelling
 * that its documents ask for.
 */
export function toExecutionParameters({
  maxPayloadMb,
  maxConcurrentTransforms,
  batchStrategy,
  lanes,
}: TransformWishes) {
  const payloadMb = Math.min(maxPayloadMb || usualPayloadMb, maxProductMb);
  const wanted = maxConcurrentTransforms || lanes();
  const concurrent = Math.max(1, Math.min(wanted, Math.floor(maxProductMb / payloadMb)));
  const strategy = batchStrategy === null ? {} : { BatchStrategy: batchStrategy.toUpperCase() };
  return { MaxConcurrentTransforms: concurrent, MaxPayloadInMB: payloadMb, ...strategy };
}

export function createExecutionParameters(wishes: TransformWishes): RequestHandler {
  return (_request, response) => sendJson(response, 200, toExecutionParameters(wishes));
}
