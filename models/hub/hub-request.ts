import { explainNetworkFailure } from "./explain-failure.js";
import type { HubSettings } from "./hub-settings.js";
import { passingFailure } from "./retry.js";

/** The hub, and how long one of its sockets may stay silent. */
export type Hub = HubSettings & Readonly<{ inactivityMs: number; signal: AbortSignal }>;

export type HubRequest = Readonly<{
  method: "GET" | "HEAD";
  /** Below the endpoint, beginning with a slash, encoded. */
  path: string;
  headers?: Readonly<Record<string, string>>;
}>;

export type HubReply = Readonly<{
  status: number;
  headers: Headers;
  /** What the hub itself says of the file: the headers of its last reply before another host takes over. */
  declared: Headers;
  /** Whether `headers` are those of another host, such as the hub's storage. */
  isElsewhere: boolean;
  host: string;
  /** The body as it comes in; silence for too long is a failure. */
  chunks: () => AsyncGenerator<Uint8Array>;
}>;

/** The hub needs two: a renamed repository, then its storage. */
const maxRedirects = 5;

/**
 * Sends one request and gives its reply to `use`; whatever is left of the body afterwards is dropped.
 * Redirects are followed by hand: the token goes to the endpoint's own origin, and never again once the trail has left
 * it. A `HEAD` is not followed elsewhere, since what the hub declares is all it asks for.
 * @throws Error a passing one for what the network does; the signal's reason.
 */
export async function withHubReply<T>(hub: Hub, request: HubRequest, use: (reply: HubReply) => Promise<T>): Promise<T> {
  const watch = watchSilence(hub.inactivityMs);
  const signal = AbortSignal.any([hub.signal, watch.signal]);
  const trail: Trail = { host: new URL(hub.endpoint).host };
  let response: Response | null = null;
  try {
    const arrived = await follow(hub, request, signal, trail);
    response = arrived.response;
    const chunks = () => chunksOf(arrived.response, watch);
    return await use({ ...arrived, status: arrived.response.status, headers: arrived.response.headers, chunks });
  } catch (error) {
    hub.signal.throwIfAborted();
    if (watch.signal.aborted) throw passingFailure(`${trail.host} was silent for ${hub.inactivityMs / 1000} s`);
    throw explainNetworkFailure(trail.host, error);
  } finally {
    watch.end();
    // A body that failed has nothing left to drop.
    await response?.body?.cancel().catch(() => {});
  }
}

type Trail = { host: string };
type Arrived = Readonly<{ response: Response; declared: Headers; isElsewhere: boolean; host: string }>;

async function follow(hub: Hub, request: HubRequest, signal: AbortSignal, trail: Trail): Promise<Arrived> {
  const { origin } = new URL(hub.endpoint);
  let url = new URL(`${hub.endpoint}${request.path}`);
  let isElsewhere = false;
  let declared = new Headers();
  for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
    isElsewhere ||= url.origin !== origin;
    trail.host = url.host;
    const headers = new Headers({ ...request.headers, "accept-encoding": "identity", "user-agent": "stygig" });
    if (!isElsewhere && hub.token !== null) headers.set("authorization", `Bearer ${hub.token}`);
    const response = await fetch(url, { method: request.method, headers, redirect: "manual", signal });
    if (!isElsewhere) declared = merge(declared, response.headers);
    const next = redirectOf(response, url);
    const isEnough = request.method === "HEAD" && next !== null && next.origin !== origin;
    if (next === null || isEnough) return { response, declared, isElsewhere, host: url.host };
    await response.body?.cancel();
    if (url.protocol === "https:" && next.protocol !== "https:") {
      throw new Error(`${url.host} redirects from https to ${next.protocol}//${next.host}: refused`);
    }
    url = next;
  }
  throw new Error(`${url.host} redirects more than ${maxRedirects} times`);
}

/** A renamed repository's redirect may declare the commit, and the reply after it the rest. */
function merge(earlier: Headers, later: Headers): Headers {
  const merged = new Headers(earlier);
  for (const [name, value] of later) merged.set(name, value);
  return merged;
}

function redirectOf(response: Response, base: URL): URL | null {
  if (![301, 302, 303, 307, 308].includes(response.status)) return null;
  const location = response.headers.get("location");
  if (location === null || !URL.canParse(location, base.href)) {
    throw new Error(`${base.host} redirects to nowhere (${response.status} without a usable Location)`);
  }
  const next = new URL(location, base);
  if (next.protocol !== "http:" && next.protocol !== "https:") {
    throw new Error(`${base.host} redirects to ${next.protocol}: refused`);
  }
  return next;
}

type SilenceWatch = Readonly<{ signal: AbortSignal; heard: () => void; pause: () => void; end: () => void }>;

/** Aborts its signal when nothing was heard for so long. */
function watchSilence(inactivityMs: number): SilenceWatch {
  const controller = new AbortController();
  const silent = () => controller.abort();
  let timer: NodeJS.Timeout | undefined = setTimeout(silent, inactivityMs);
  const pause = () => clearTimeout(timer);
  return {
    signal: controller.signal,
    heard: () => {
      clearTimeout(timer);
      timer = setTimeout(silent, inactivityMs);
    },
    pause,
    end: pause,
  };
}

async function* chunksOf(response: Response, watch: SilenceWatch): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  for (;;) {
    watch.heard();
    const { done, value } = await reader.read();
    // While the disk is busy, silence is ours.
    watch.pause();
    if (done) return;
    yield value;
  }
}
