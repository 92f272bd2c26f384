import { autoOr, onOrOff, wholeNumber } from "./config-parsers.js";
import { setting } from "./config-setting.js";

const mebibyte = 1024 * 1024;
const hourMs = 3_600_000;

/** How much is worked on at once, for how long, and what is kept of it. */
export const admissionSettings = {
  maxInFlight: setting({
    variables: ["STYGIG_MAX_IN_FLIGHT"],
    parse: wholeNumber({ min: 1, max: 100_000 }),
    usual: 128,
    unit: null,
    help: "Requests worked on at once; the next one is answered 429.",
  }),
  maxInFlightBytes: setting({
    variables: ["STYGIG_MAX_IN_FLIGHT_BYTES"],
    parse: autoOr(wholeNumber({ min: 1024, max: 1024 * 1024 * mebibyte })),
    usual: "auto",
    unit: "bytes",
    help: "Bodies held at once, beyond which a request is answered 429; auto is four of the largest.",
  }),
  maxInFlightPixels: setting({
    variables: ["STYGIG_MAX_IN_FLIGHT_PIXELS"],
    parse: autoOr(wholeNumber({ min: 1, max: 1_000_000_000_000 })),
    usual: "auto",
    unit: "pixels",
    help: "Pixels that wait for a decoder or are in one, beyond which a request is answered 429; auto is four of the largest pictures.",
  }),
  requestTimeoutMs: setting({
    variables: ["STYGIG_REQUEST_TIMEOUT_MS"],
    parse: autoOr(wholeNumber({ min: 10, max: hourMs })),
    usual: "auto",
    unit: "ms",
    help: "How long a request may take, its upload included, before it is answered 504; auto is 55000, in async and batch an hour.",
  }),
  isAsync: setting({
    variables: ["STYGIG_ASYNC", "ASYNC_INFERENCE"],
    parse: onOrOff,
    usual: false,
    unit: null,
    help: "Whether this is an asynchronous endpoint: the platform tells its containers nothing of it.",
  }),
  maxBatch: setting({
    variables: ["STYGIG_MAX_BATCH"],
    parse: wholeNumber({ min: 1, max: 256 }),
    // Batches of 4 gave 15 % over single pictures on two CPU cores; twice that leaves room for wider machines.
    usual: 8,
    unit: null,
    help: "Most pictures in one run of the encoder, where they may share one; int8 models take one at a time.",
  }),
  cacheEntries: setting({
    variables: ["STYGIG_CACHE_ENTRIES", "EMBED_CACHE_MAX"],
    parse: wholeNumber({ min: 0, max: 10_000_000 }),
    usual: 2000,
    unit: null,
    help: "Pictures whose embedding and colors are kept; with 0 none are, and equal ones at the same time are still seen once.",
  }),
  cacheBytes: setting({
    variables: ["STYGIG_CACHE_BYTES"],
    parse: wholeNumber({ min: 1024, max: 64 * 1024 * mebibyte }),
    usual: 64 * mebibyte,
    unit: "bytes",
    help: "Memory for them; the one not asked for the longest goes first.",
  }),
  cacheTtlMs: setting({
    variables: ["STYGIG_CACHE_TTL_MS"],
    parse: wholeNumber({ min: 1, max: 30 * 24 * hourMs }),
    usual: hourMs,
    unit: "ms",
    help: "How long each is kept; of pictures that cannot be read, at most 10000.",
  }),
} as const;

type Limits = Readonly<{ requestTimeoutMs: number | "auto"; isAsync: boolean; isBatch: boolean }>;

/** How long a request may take. The platform gives up after 60 s, of queued and batch work after an hour; an answer in time says why. */
export function toRequestTimeoutMs({ requestTimeoutMs, isAsync, isBatch }: Limits): number {
  if (requestTimeoutMs !== "auto") return requestTimeoutMs;
  return isAsync || isBatch ? hourMs : 55_000;
}
