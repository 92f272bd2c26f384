import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** A server that listens. */
export type HttpServer = Readonly<{
  port: number;
  /** Stops listening, lets answers on their way arrive, and cuts what is left after the grace. */
  close: (graceMs: number) => Promise<void>;
}>;

export type HttpOptions = Readonly<{
  /** All addresses unless one is given. */
  address?: string;
  /** How long an idle connection may be counted on; five seconds if not given. */
  keepAliveMs?: number;
}>;

const usualKeepAliveMs = 5000;
// Node announces whole seconds: what is beyond them is for a request that was sent in the last of them.
const keepAliveSpareMs = 900;
const headersAfterMs = 5000;
const sweepEveryMs = 25;

/**
 * Listens on a port; 0 takes any free one.
 * @throws Error for the operator, with one line, when the port cannot be had.
 */
export async function listenHttp(
  listener: RequestListener,
  port: number,
  { address = "0.0.0.0", keepAliveMs = usualKeepAliveMs }: HttpOptions = {},
): Promise<HttpServer> {
  const keepAliveTimeout = Math.floor(keepAliveMs / 1000) * 1000 + keepAliveSpareMs;
  // No limit on receiving a whole request: its own deadline knows better than a second clock.
  const headersTimeout = keepAliveTimeout + headersAfterMs;
  // Without a host header there is no HTTP/1.1; Node's own refusal is not as ours are.
  const server = createServer({ keepAliveTimeout, headersTimeout, requestTimeout: 0, requireHostHeader: false });
  const answer: RequestListener = (request, response) => {
    noteOwed(request, response);
    const path = toPath(request.url ?? "");
    const isHostless = request.httpVersion === "1.1" && request.headers.host === undefined;
    if (isHostless || path === null) return refuse(response, 400);
    request.url = path;
    return listener(request, response);
  };
  server.on("request", answer);
  // Node would ask for every announced upload; the listener asks only for those it will read.
  server.on("checkContinue", answer);
  server.on("checkExpectation", (_request, response) => refuse(response, 417));
  server.on("clientError", refuseUnreadable);
  server.listen(port, address);
  try {
    await once(server, "listening");
  } catch (error) {
    throw toListenError(port, error as NodeJS.ErrnoException);
  }
  return { port: (server.address() as AddressInfo).port, close: (graceMs) => closeServer(server, graceMs) };
}

/** What is not quite HTTP has no route; Node's own answers lack the length that every answer of ours has. */
function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { connection: "close", "content-length": 0 }).end();
}

/**
 * What a request asks for, from its path on: of an address that is given whole its host does not matter. Null where
 * there is no path, for which Express has pages of its own.
 */
function toPath(target: string): string | null {
  if (target.startsWith("/") || target === "*") return target;
  if (!URL.canParse(target)) return null;
  const { pathname, search } = new URL(target);
  return pathname.startsWith("/") ? pathname + search : null;
}

/** Of each connection the requests that have no answer yet, each with a promise of its end. */
const owed = new WeakMap<object, Map<IncomingMessage, Promise<void>>>();

function noteOwed(request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request;
  const requests = owed.get(socket) ?? new Map<IncomingMessage, Promise<void>>();
  owed.set(socket, requests);
  const answered = new Promise<void>((resolve) => {
    response.once("close", () => {
      requests.delete(request);
      resolve();
    });
  });
  requests.set(request, answered);
}

const refused = new WeakSet<Socket>();

/**
 * What is not HTTP at all. The refusal comes behind the answers to what came before it on its connection: in front of
 * them it would be taken for one of those.
 */
async function refuseUnreadable({ code }: NodeJS.ErrnoException, socket: Socket): Promise<void> {
  if (refused.has(socket)) return;
  refused.add(socket);
  const before = [...(owed.get(socket) ?? [])].filter(([request]) => request.complete);
  await Promise.all(before.map(([, answered]) => answered));
  if (!socket.writable) return void socket.destroy();
  const timedOut = code === "ERR_HTTP_REQUEST_TIMEOUT" ? "408 Request Timeout" : "400 Bad Request";
  const status = code === "HPE_HEADER_OVERFLOW" ? "431 Request Header Fields Too Large" : timedOut;
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

function toListenError(port: number, error: NodeJS.ErrnoException): Error {
  const reasons: Readonly<Record<string, string>> = { EADDRINUSE: "is already in use", EACCES: "may not be used" };
  return new Error(`port ${port} ${reasons[error.code ?? ""] ?? `cannot be listened on (${error.code})`}`);
}

async function closeServer(server: Server, graceMs: number): Promise<void> {
  const closed = once(server, "close");
  server.close();
  // A connection whose answer is still being sent counts as busy now and idle a moment later.
  const sweep = setInterval(() => server.closeIdleConnections(), sweepEveryMs);
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}
