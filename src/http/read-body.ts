import type { Request, Response } from "express";
import { ServiceError } from "../domain/errors.js";

/** How long the rest of a refused upload is thrown away before the connection is cut. */
const lingerMs = 5000;

/**
 * More than the largest body that the platform sends to a real-time endpoint. A connection that is not read does not show
 * that its caller has left: whoever sends no more than this is noticed at once.
 */
const readAheadBytes = 8 * 1024 * 1024;

/**
 * The whole body. A declared length over the limit is refused before a byte is read, an undeclared one at the limit.
 * `arrived` is told of each piece, and refuses it by throwing.
 * @throws ServiceError `body_empty` | `body_too_large` | `body_malformed` | `media_type_unsupported`; the signal's reason
 */
export async function readBody(
  request: Request,
  response: Response,
  maxBytes: number,
  signal: AbortSignal,
  arrived: (bytes: number) => void = () => {},
): Promise<Uint8Array> {
  requireReadable(request, maxBytes);
  // Whoever asks first uploads only now, so that a refusal costs nobody the upload.
  if (request.headers.expect !== undefined) response.writeContinue();
  const body = await collect(request, maxBytes, signal, arrived);
  if (body.length === 0) throw new ServiceError("body_empty");
  return body;
}

/**
 * The body piece by piece. Beyond some megabytes that nobody has wanted yet, the rest stays with the sender.
 * An empty body has no pieces. @throws ServiceError as `readBody`, but never `body_empty`; the signal's reason
 */
export async function* readChunks(
  request: Request,
  response: Response,
  maxBytes: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  requireReadable(request, maxBytes);
  if (request.headers.expect !== undefined) response.writeContinue();
  const arrived: Buffer[] = [];
  let [size, waiting] = [0, 0];
  const state: { outcome: "open" | "ended" | "failed"; failure: unknown; wake: () => void } = {
    ...{ outcome: "open", failure: null },
    wake: () => {},
  };
  const settle = (outcome: "ended" | "failed", failure: unknown = null): void => {
    if (state.outcome === "open") Object.assign(state, { outcome, failure });
    state.wake();
  };
  const take = (chunk: Buffer): void => {
    size += chunk.length;
    waiting += chunk.length;
    arrived.push(chunk);
    if (waiting >= readAheadBytes) request.pause();
    if (size > maxBytes) settle("failed", tooLarge(maxBytes));
    state.wake();
  };
  const finish = () => settle("ended");
  const fail = () => settle("failed", new ServiceError("body_malformed", { reason: "the body ended early" }));
  const leave = () => settle("failed", signal.reason);
  if (signal.aborted) leave();
  signal.addEventListener("abort", leave, { once: true });
  request.on("end", finish).on("error", fail).on("close", fail).on("data", take);
  try {
    for (;;) {
      if (state.outcome === "failed") throw state.failure;
      const chunk = arrived.shift();
      waiting -= chunk?.length ?? 0;
      if (waiting < readAheadBytes) request.resume();
      if (chunk !== undefined) yield chunk;
      else if (state.outcome === "ended") return;
      else await nextOf(state);
    }
  } finally {
    request.off("data", take).off("end", finish).off("error", fail).off("close", fail);
    signal.removeEventListener("abort", leave);
  }
}

function nextOf(state: { wake: () => void }): Promise<void> {
  return new Promise((resolve) => {
    state.wake = resolve;
  });
}

/** No body at all, which needs no content type either. */
export function hasNoBody({ headers }: Request): boolean {
  return headers["transfer-encoding"] === undefined && Number(headers["content-length"] ?? 0) === 0;
}

/**
 * Lets a caller who is still sending read the answer: closing at once would reset the connection and lose it.
 * The rest is thrown away unread, for a bounded time.
 */
export function discardRest(request: Request): void {
  if (request.complete || request.destroyed) return;
  const cut = setTimeout(() => request.destroy(), lingerMs);
  request.once("close", () => clearTimeout(cut));
  request.resume();
}

/** Node closes as soon as it has answered where the caller asks for it: here only once the rest has been thrown away. */
export function closeAfterRest(request: Request, response: Response): void {
  if (request.complete || response.shouldKeepAlive) return;
  response.shouldKeepAlive = true;
  request.once("end", () => request.socket.end());
}

function requireReadable({ headers }: Request, maxBytes: number): void {
  const encoding = (headers["content-encoding"] ?? "identity").toLowerCase();
  if (encoding !== "identity") throw new ServiceError("media_type_unsupported", { content_encoding: encoding });
  const declared = Number(headers["content-length"] ?? 0);
  if (declared > maxBytes) throw tooLarge(maxBytes, declared);
}

function collect(
  request: Request,
  maxBytes: number,
  signal: AbortSignal,
  arrived: (bytes: number) => void,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const stop = () => {
      request.off("data", take).off("end", finish).off("error", fail).off("close", fail);
      signal.removeEventListener("abort", leave);
    };
    function take(chunk: Buffer): void {
      size += chunk.length;
      try {
        if (size > maxBytes) throw tooLarge(maxBytes);
        arrived(chunk.length);
        chunks.push(chunk);
      } catch (error) {
        stop();
        reject(error);
      }
    }
    function finish(): void {
      stop();
      resolve(Buffer.concat(chunks, size));
    }
    function fail(): void {
      stop();
      reject(new ServiceError("body_malformed", { reason: "the body ended early" }));
    }
    function leave(): void {
      stop();
      reject(signal.reason);
    }
    if (signal.aborted) return leave();
    signal.addEventListener("abort", leave, { once: true });
    request.on("data", take).on("end", finish).on("error", fail).on("close", fail);
  });
}

function tooLarge(limit: number, declared?: number): ServiceError {
  const details = { limit_bytes: limit, ...(declared === undefined ? {} : { declared_bytes: declared }) };
  return new ServiceError("body_too_large", details);
}
