import type { Response } from "express";
import { type ErrorCode, ServiceError } from "../domain/errors.js";
import type { Query } from "../domain/query.js";
import type { Metrics } from "../serving/metrics.js";
import { toErrorReply } from "./error-response.js";
import { measureStages } from "./measure-stages.js";
import type { Served } from "./served.js";
import { createSpool } from "./spool.js";
import { toReply } from "./to-reply.js";
import { traceOf } from "./trace.js";
import { workInOrder } from "./work-in-order.js";

/** One of many requests in a body, not read yet: `toQuery` may refuse it. */
export type BodyRecord = Readonly<{ toQuery: () => Query; bytes: number }>;

/** What stands around the answers. */
export type RecordFrame = Readonly<{ contentType: string; before: string; between: string; after: string }>;

export type RecordWork = Readonly<{
  service: Pick<Served, "recommend" | "facts" | "items">;
  metrics: Metrics;
  records: (signal: AbortSignal) => AsyncIterable<BodyRecord>;
  frame: RecordFrame;
  /** How many pictures can be encoded side by side. */
  lanes: number;
  maxAnswerBytes: number;
}>;

/** No further record is read while those at work are as large as the largest single request of a real-time endpoint. */
export const maxRecordBytes = 25 * 1024 * 1024;
/** A usual answer never sees the disk, and all the requests that there may be at once take little memory. */
const maxMemoryBytes = 1024 * 1024;

/** They say something about this server and nothing about the record: the platform does better to try all of it again. */
const serverFailures: ReadonlySet<ErrorCode> = new Set([
  "overloaded",
  "not_ready",
  "shutting_down",
  "deadline_exceeded",
]);

/**
 * Answers every record in its place, with an error object where it fails, and sends the whole as a 200.
 * @throws ServiceError of the request as a whole, before anything is sent; the signal's reason
 */
export async function answerRecords(work: RecordWork, response: Response, signal: AbortSignal): Promise<void> {
  const { frame, records, metrics, maxAnswerBytes } = work;
  const spool = createSpool({ maxMemoryBytes, maxBytes: maxAnswerBytes });
  const progress: Progress = { records: 0, record_failures: {} };
  // The line is written as soon as the answer has left, or its caller.
  traceOf(response).fields = progress;
  try {
    await spool.add(frame.before);
    await workInOrder<BodyRecord, RecordAnswer>({
      ...{ items: records, atOnce: toRecordsAtOnce(work.lanes), signal },
      ...{ sizeOf: ({ bytes }) => bytes, maxSizeAtWork: maxRecordBytes },
      work: (record, itsSignal) => answerRecord(work, record, itsSignal),
      put: async ({ text, failure }) => {
        await spool.add(progress.records === 0 ? text : frame.between + text);
        progress.records++;
        metrics.count("stygig_records_total", { code: failure?.code ?? "ok" });
        if (failure !== null) note(response, progress, failure);
      },
    });
    await spool.add(frame.after);
    await spool.send(response, frame.contentType, signal);
  } finally {
    await spool.close();
  }
}

/**
 * One in each lane, the next one decoded for each, and two on their way there or from there: enough to keep the machine
 * at work, and little beside the requests that are admitted at once.
 */
function toRecordsAtOnce(lanes: number): number {
  return 2 * lanes + 2;
}

/** As it is logged: records answered so far, and how many of them failed by which code. */
type Progress = { records: number; record_failures: Partial<Record<ErrorCode, number>> };

type RecordAnswer = Readonly<{ text: string; failure: ServiceError | null }>;

async function answerRecord(
  { service, metrics }: RecordWork,
  { toQuery }: BodyRecord,
  signal: AbortSignal,
): Promise<RecordAnswer> {
  try {
    const recommendation = await service.recommend(toQuery(), signal, "batch");
    measureStages(metrics, recommendation);
    return { text: JSON.stringify(toReply(recommendation, service)), failure: null };
  } catch (error) {
    signal.throwIfAborted();
    const failure = error instanceof ServiceError ? error : new ServiceError("internal", {}, error);
    if (serverFailures.has(failure.code)) throw failure;
    return { text: JSON.stringify(toErrorReply(failure).body), failure };
  }
}

/** What nobody foresaw is for the log to tell in full, although its answer is one line among others. */
function note(response: Response, { record_failures: failures }: Progress, failure: ServiceError): void {
  failures[failure.code] = (failures[failure.code] ?? 0) + 1;
  if (failure.code === "internal") traceOf(response).failure ??= failure;
}
