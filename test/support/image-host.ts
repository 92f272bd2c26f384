import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer as createRawServer, type Server as RawServer, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { onTestFinished } from "vitest";

/** A server on loopback that ends with its test, its connections cut. */
export type ImageHost = Readonly<{
  port: number;
  /** `METHOD path host` of each request, in order; raw servers have none. */
  seen: readonly string[];
  connections: () => number;
  /** Resolves when nobody is connected any more. */
  whenAlone: () => Promise<void>;
}>;

export function startHost(
  answer: RequestListener,
  tls?: Readonly<{ key: string; cert: string; seeName?: (name: string) => void }>,
): Promise<ImageHost> {
  const seen: string[] = [];
  const listener: RequestListener = (request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.host}`);
    answer(request, response);
  };
  if (tls === undefined) return listen(createServer(listener), seen);
  const server = createTlsServer({ key: tls.key, cert: tls.cert }, listener);
  server.on("secureConnection", (socket: TLSSocket & { servername?: string }) =>
    tls.seeName?.(String(socket.servername)),
  );
  return listen(server, seen);
}

/** Says whatever it likes to whoever connects. */
export function startRawHost(answer: (socket: Socket) => void): Promise<ImageHost> {
  return listen(
    createRawServer((socket) => {
      socket.on("error", () => {});
      answer(socket);
    }),
    [],
  );
}

async function listen(server: RawServer | Server, seen: readonly string[]): Promise<ImageHost> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const waiting: (() => void)[] = [];
  server.on("connection", (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("close", () => {
      sockets.delete(socket);
      if (sockets.size === 0) for (const wake of waiting.splice(0)) wake();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    connections: () => connections,
    whenAlone: () => new Promise((resolve) => (sockets.size === 0 ? resolve() : waiting.push(resolve))),
  };
}
