import type { WireRequest } from "./question.js";

/** One way to the service. */
export type Sender = Readonly<{
  /**
   * Sends once and gives the bytes of the answer with 200.
   * @throws InvokeError; the signal's reason
   */
  send: (request: WireRequest, signal: AbortSignal) => Promise<Uint8Array>;
  /** Cuts what is still open. */
  close: () => void;
}>;

/**
 * How long a connection may be silent, in ms. The platform gives a model 60 s and wants its callers to wait at least
 * 70: who gives up earlier never learns what became of the request.
 */
export const usualSilenceMs = 75_000;

/** Connections at once; the SDK's own 50 would queue what a load test means to send. */
export const usualConnections = 1024;
