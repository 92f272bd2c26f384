import { type ClientRequest, type RequestOptions, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import type { Readable } from "node:stream";

/** A reply's head, and its body as it comes in. Header names are in lower case. */
export type HttpReply = Readonly<{
  status: number;
  headers: Readonly<Partial<Record<"location" | "content-length" | "retry-after" | "date", string | undefined>>>;
  body: Readable;
}>;

export type HttpTarget = Readonly<{
  url: URL;
  /** Where to connect to, and nowhere else; the name in the URL is only for TLS and the Host header. */
  addresses: readonly [string, ...string[]];
  /** PEM certificates to trust instead of Node's own. */
  trusted?: string | undefined;
}>;

/**
 * Sends one GET and gives the reply to `use`; whatever is left of it afterwards is dropped with its connection.
 * Each request has a connection of its own: one that is kept could serve a later request unchecked.
 * @throws Error for what the network or TLS does, aborting included; what `use` throws
 */
export async function withHttpReply<T>(
  target: HttpTarget,
  signal: AbortSignal,
  use: (reply: HttpReply) => Promise<T>,
): Promise<T> {
  const request = send(target, signal);
  // Late errors of a connection that is no longer wanted have nobody to go to.
  request.on("error", () => {});
  try {
    return await use(await replyOf(request));
  } finally {
    request.destroy();
  }
}

function send({ url, addresses, trusted }: HttpTarget, signal: AbortSignal): ClientRequest {
  const options: RequestOptions = {
    agent: false,
    signal,
    lookup: lookupIn(addresses),
    headers: { accept: "image/*", "accept-encoding": "identity", "user-agent": "stygig" },
  };
  const request =
    url.protocol === "https:" ? requestHttps(url, withTrust(options, trusted)) : requestHttp(url, options);
  return request.end();
}

function withTrust(options: RequestOptions, trusted: string | undefined) {
  return trusted === undefined ? options : { ...options, ca: trusted };
}

/** Answers with the given addresses whatever is asked. */
function lookupIn(addresses: readonly [string, ...string[]]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_hostname, { all }, callback) => {
    if (all) callback(null, found);
    else callback(null, found[0]!.address, found[0]!.family);
  };
}

function replyOf(request: ClientRequest): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    request.once("error", reject);
    request.once("close", () => reject(new Error("the connection was closed without a reply")));
    request.once("response", (response) => {
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: response });
    });
  });
}
