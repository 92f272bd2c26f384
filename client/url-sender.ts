import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { InvokeError } from "./invoke-error.js";
import type { WireRequest } from "./question.js";
import { type Sender, usualConnections, usualSilenceMs } from "./sender.js";
import { toServiceFailure } from "./service-failure.js";

export type UrlSettings = Readonly<{
  /** Of the server; `/invocations` is added where the address names no path. */
  url: string;
  /** How long the connection may be silent, in ms. */
  silenceMs?: number;
  headers?: Readonly<Record<string, string>>;
}>;

/** No answer of one question is larger: the service itself stops at 25 MB. */
const maxAnswerBytes = 32 * 2 ** 20;

/** Straight to a server, without the platform between. @throws RangeError when the address is none */
export function createUrlSender({ url, silenceMs = usualSilenceMs, headers = {} }: UrlSettings): Sender {
  const target = toTarget(url);
  const isSecure = target.protocol === "https:";
  const settings = { keepAlive: true, maxSockets: usualConnections };
  const agent = isSecure ? new HttpsAgent(settings) : new HttpAgent(settings);
  const start = isSecure ? requestHttps : requestHttp;
  const send = ({ contentType, body, attributes }: WireRequest, signal: AbortSignal) =>
    new Promise<Uint8Array>((resolve, reject) => {
      const attributeHeader = attributes === "" ? {} : { "x-amzn-sagemaker-custom-attributes": attributes };
      const sent = start(target, {
        method: "POST",
        agent,
        signal,
        timeout: silenceMs,
        headers: { ...headers, "content-type": contentType, "content-length": body.length, ...attributeHeader },
      });
      const fail = (error: Error) => reject(signal.aborted ? signal.reason : toFailure(error, target));
      sent.on("timeout", () => sent.destroy(new Error(`nothing was heard for ${silenceMs / 1000} s`)));
      sent.on("error", fail);
      sent.on("response", (response) => {
        collect(response)
          .then((bytes) => resolve(toAnswer(response, bytes)), fail)
          .catch(reject);
      });
      sent.end(body);
    });
  return { send, close: () => agent.destroy() };
}

function toTarget(url: string): URL {
  const target = URL.canParse(url) ? new URL(url) : null;
  if (target === null || !/^https?:$/.test(target.protocol)) {
    throw new RangeError(`${JSON.stringify(url)} is no address such as http://localhost:8080`);
  }
  if (target.pathname === "/") target.pathname = "/invocations";
  return target;
}

async function collect(response: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxAnswerBytes) {
      const message = `the answer is larger than ${maxAnswerBytes / 2 ** 20} MiB`;
      throw new InvokeError({ code: "answer_too_large", message, status: response.statusCode!, isRetryable: false });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** @throws InvokeError for anything but 200 */
function toAnswer({ statusCode = 0, headers }: IncomingMessage, body: Uint8Array): Uint8Array {
  if (statusCode === 200) return body;
  const seconds = /^\d{1,6}$/.exec(headers["retry-after"] ?? "")?.[0];
  const retryAfterMs = seconds === undefined ? null : Number(seconds) * 1000;
  throw toServiceFailure(statusCode, new TextDecoder().decode(body), retryAfterMs);
}

function toFailure(error: Error, { origin }: URL): InvokeError {
  if (error instanceof InvokeError) return error;
  const { code } = error as NodeJS.ErrnoException;
  const message = `${origin} gave no answer: ${error.message || code}`;
  return new InvokeError({ code: "no_answer", message, status: 0, isRetryable: true, cause: error });
}
