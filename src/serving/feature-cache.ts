import { type ErrorCode, ServiceError } from "../domain/errors.js";
import type { Urgency } from "./batcher.js";

declare const exactly: unique symbol;
/** Names the exact bytes, the model and the preparation: two different pictures can never share one. */
export type FeatureKey = string & { readonly [exactly]: true };

/** Where entries are kept: least recently used first out, bounded in entries and bytes. */
export type Store<Value> = Readonly<{
  get: (key: string) => Value | undefined;
  set: (key: string, value: Value, cost: Readonly<{ bytes: number; ttlMs: number }>) => void;
  entries: () => number;
  bytes: () => number;
}>;

/** What is kept of one key: what was found out, or why nothing can be. */
export type Entry<Features> = Readonly<{ features: Features }> | Readonly<{ failure: ServiceError }>;

export type CacheOutcome = "hit" | "miss" | "joined";

export type FeatureCacheOptions<Features> = Readonly<{
  store: Store<Entry<Features>>;
  ttlMs: number;
  /** What an entry takes beside its key. */
  bytesOf: (features: Features) => number;
  /** Told of each question, also of one that is answered with a failure. */
  report?: (outcome: CacheOutcome) => void;
}>;

export type FeatureRequest<Features> = Readonly<{
  key: FeatureKey;
  /** Who asks while a picture is under way joins those of the same urgency: nobody waits at a job's pace. */
  urgency: Urgency;
  signal: AbortSignal;
  /** Its signal is aborted, with the reason of the last one, when all who wait for it have left. */
  compute: (signal: AbortSignal) => Promise<Features>;
}>;

export type FeatureCache<Features> = Readonly<{
  /**
   * What is known of a key, or is found out once for all who ask meanwhile.
   * @throws the signal's reason as soon as it is aborted; whatever `compute` throws, to all who waited for it
   */
  get: (request: FeatureRequest<Features>) => Promise<Readonly<{ features: Features; outcome: CacheOutcome }>>;
}>;

/** Failures of the picture itself; whatever else fails may succeed the next time. */
const keptFailures: readonly ErrorCode[] = ["image_undecodable", "image_too_many_pixels"];
/** Long enough for a caller who tries again and again, short enough for a wrong verdict. */
const failureTtlMs = 10_000;
/** A key, an error and what surrounds them; features say themselves what they take. */
const overheadBytes = 1000;

/** One computation and those who wait for it. */
type Flight<Features> = Readonly<{ found: Promise<Features>; callers: Set<symbol>; controller: AbortController }>;

export function createFeatureCache<Features>(options: FeatureCacheOptions<Features>): FeatureCache<Features> {
  const flights = new Map<string, Flight<Features>>();
  return {
    get: async ({ key, urgency, signal, compute }) => {
      signal.throwIfAborted();
      const { store, report } = options;
      const entry = store.get(key);
      if (entry !== undefined) {
        report?.("hit");
        if ("failure" in entry) throw entry.failure;
        return { features: entry.features, outcome: "hit" };
      }
      const name = `${urgency} ${key}`;
      const joined = flights.get(name);
      const outcome = joined === undefined ? "miss" : "joined";
      report?.(outcome);
      const flight = joined ?? start(flights, name, (shared) => computeAndKeep(options, key, compute(shared)));
      return { features: await wait(flight, signal, () => forget(flights, name, flight)), outcome };
    },
  };
}

function start<Features>(
  flights: Map<string, Flight<Features>>,
  name: string,
  compute: (signal: AbortSignal) => Promise<Features>,
): Flight<Features> {
  const controller = new AbortController();
  const flight: Flight<Features> = { found: compute(controller.signal), callers: new Set(), controller };
  flights.set(name, flight);
  const end = () => forget(flights, name, flight);
  // Those who wait hear of a failure; when all have left there is nobody to tell.
  flight.found.then(end, end);
  return flight;
}

/** Whoever asks from now on begins anew. */
function forget<Features>(flights: Map<string, Flight<Features>>, name: string, flight: Flight<Features>): void {
  if (flights.get(name) === flight) flights.delete(name);
}

/** The flight's outcome for one caller; `abandon` comes before the abort, so that nobody joins a flight that ends. */
function wait<Features>(
  { found, callers, controller }: Flight<Features>,
  signal: AbortSignal,
  abandon: () => void,
): Promise<Features> {
  const caller = Symbol("caller");
  callers.add(caller);
  return new Promise((resolve, reject) => {
    const leave = () => {
      callers.delete(caller);
      reject(signal.reason);
      if (callers.size > 0) return;
      abandon();
      controller.abort(signal.reason);
    };
    signal.addEventListener("abort", leave, { once: true });
    found.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
  });
}

async function computeAndKeep<Features>(
  { store, ttlMs, bytesOf }: FeatureCacheOptions<Features>,
  key: FeatureKey,
  computed: Promise<Features>,
): Promise<Features> {
  try {
    const features = await computed;
    store.set(key, { features }, { bytes: overheadBytes + bytesOf(features), ttlMs });
    return features;
  } catch (error) {
    if (error instanceof ServiceError && keptFailures.includes(error.code)) {
      store.set(key, { failure: error }, { bytes: overheadBytes, ttlMs: Math.min(ttlMs, failureTtlMs) });
    }
    throw error;
  }
}
