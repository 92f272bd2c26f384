import type { FetchBytes } from "../src/adapters/image-fetcher.js";
import { findAskedLater } from "../src/adapters/image-fetcher-later.js";
import { ServiceError } from "../src/domain/errors.js";
import { longestWaitMs, toWaitMs } from "./retry-after.js";

export type PatientFetchParts = Readonly<{
  fetchImage: FetchBytes;
  /** @throws the signal's reason */
  sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Milliseconds since 1970. */
  epochMs: () => number;
}>;

/** Seven seconds of patience: a host that restarts is back by then. */
const pausesMs = [1000, 2000, 4000] as const;

/**
 * Fetches by URL, and again where that may help. A host that says when it may be asked again is left alone until then, for
 * all its pictures, but never for longer than `longestWaitMs` at a time. @throws as `FetchBytes`, for the last time
 */
export function createPatientFetch({ fetchImage, sleep, epochMs }: PatientFetchParts) {
  const busyUntil = new Map<string, number>();

  /** Nobody waits longer than a host may ask for, though the clock is set back meanwhile. */
  const busyMs = (host: string) => Math.min((busyUntil.get(host) ?? 0) - epochMs(), longestWaitMs);

  return async (url: string, signal: AbortSignal): Promise<Uint8Array> => {
    const { host } = new URL(url);
    for (let attempt = 0, pauseMs = busyMs(host); ; attempt += 1) {
      if (pauseMs > 0) await sleep(pauseMs, signal);
      try {
        return await fetchImage({ kind: "url", url }, signal, () => {});
      } catch (error) {
        const asked = findAskedLater(error);
        if (asked !== null) {
          busyUntil.set(host, Math.max(busyUntil.get(host) ?? 0, epochMs() + toWaitMs(asked, epochMs())));
        }
        const usualMs = pausesMs[attempt];
        if (!isPassing(error) || usualMs === undefined) throw error;
        pauseMs = Math.max(usualMs, busyMs(host));
      }
    }
  };
}

/** Later it may be otherwise. */
export function isPassing(error: unknown): boolean {
  return error instanceof ServiceError && ["reference_unreachable", "reference_timeout"].includes(error.code);
}
