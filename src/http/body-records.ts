import type { Request, Response } from "express";
import { ServiceError } from "../domain/errors.js";
import { splitLines } from "../domain/split-lines.js";
import { type BodyRecord, maxRecordBytes, type RecordFrame } from "./answer-records.js";
import { parseQuery, toRecordQuery } from "./parse-query.js";
import { readChunks } from "./read-body.js";

/**
 * Without a line feed at the end: whoever puts answers together adds one, and a blank line would shift what follows.
 * The content type is the one that the caller accepts.
 */
export function toLinesFrame(contentType: string): RecordFrame {
  return { contentType, before: "", between: "\n", after: "" };
}

export const predictionsFrame: RecordFrame = {
  ...{ contentType: "application/json", before: '{"predictions":[', between: ",", after: "]}" },
};

/** The lines of a body as they arrive; one that is too long or cannot be read fails alone. @throws as `readChunks` */
export async function* toLineRecords(
  request: Request,
  response: Response,
  maxBodyBytes: number,
  signal: AbortSignal,
): AsyncGenerator<BodyRecord> {
  const maxLineBytes = Math.min(maxBodyBytes, maxRecordBytes);
  for await (const line of splitLines(readChunks(request, response, maxBodyBytes, signal), maxLineBytes)) {
    const toQuery = () => {
      if (line === null) throw new ServiceError("body_too_large", { limit_bytes: maxLineBytes });
      return parseQuery("lines", line, undefined);
    };
    yield { toQuery, bytes: line?.length ?? 0 };
  }
}

/** They lie in memory already, so their size is no reason to wait. */
export async function* toInstanceRecords(instances: readonly unknown[]): AsyncGenerator<BodyRecord> {
  for (const instance of instances) yield { toQuery: () => toRecordQuery(instance), bytes: 0 };
}
