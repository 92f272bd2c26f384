import type { RequestHandler } from "express";
import type { EncoderState } from "../pipeline.js";
import type { Gate } from "../serving/gate.js";
import { sendEmpty, sendJson } from "./send.js";
import type { Served } from "./served.js";

type HealthParts = Readonly<{ gate: Gate; served: () => Served | null }>;

const reasonOfState = { loading: "the model or catalog is still loading", stopping: "the server is stopping" } as const;

/** Why `/ping` is not 200, one sentence each; empty when it is. Load is never a reason. */
export function unreadyReasons({ gate, served }: HealthParts): readonly string[] {
  const state = gate.state();
  return state === "ready" ? (served()?.problems() ?? []) : [reasonOfState[state]];
}

/** `GET /ping`: 200 or 503, always empty; does nothing but look. */
export function createPing(parts: HealthParts): RequestHandler {
  return (_request, response) => sendEmpty(response, unreadyReasons(parts).length === 0 ? 200 : 503);
}

/** `GET /health`: the same for people, with reasons and what is served. */
export function createHealth(parts: HealthParts): RequestHandler {
  return (_request, response) => {
    const reasons = unreadyReasons(parts);
    const state = parts.gate.state();
    const facts = parts.served()?.facts ?? null;
    sendJson(response, reasons.length === 0 ? 200 : 503, {
      status: state === "ready" && reasons.length > 0 ? "failing" : state,
      reasons,
      requests_in_flight: parts.gate.inside(),
      catalog_digest: facts?.catalogDigest ?? null,
      items: facts?.items ?? null,
      index: facts?.index ?? null,
      encoder: facts?.encoder ?? null,
      ...(facts === null ? unknownEncoder : toEncoderFields(facts.encoderState())),
      preprocess: facts?.preprocess ?? null,
    });
  };
}

const unknownEncoder = { provider: null, precision: null, model_digest: null, degraded: null };

/** For health and log: the rung in use, how it came to be that one, and with how many sessions and threads. */
export function toEncoderFields(state: EncoderState) {
  const { provider, precision, digest, degraded, workers, threads, rungs, setting } = state;
  return {
    ...{ provider, precision, model_digest: digest, degraded },
    encoder_rungs: rungs,
    encoder_setting: {
      ...{ workers, threads },
      optimize_for: setting.goal,
      measured: setting.measured.map((each) => ({
        ...{ workers: each.workers, threads: each.threads },
        milliseconds_each: round(each.millisecondsEach),
        images_per_second: round(each.imagesPerSecond),
      })),
      note: setting.note,
    },
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
