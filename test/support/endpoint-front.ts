import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { type ImageHost, startHost } from "./image-host.js";
import { type ObjectStore, readAll, testIdentity } from "./object-store.js";

/** What the platform shows of a call, as it arrived. */
export type SeenCall = Readonly<{ operation: "sync" | "async"; headers: IncomingHttpHeaders; bodyBytes: number }>;

export type EndpointFront = Readonly<{
  host: ImageHost;
  calls: readonly SeenCall[];
  sdk: Readonly<{ endpoint: string; region: string; credentials: typeof testIdentity }>;
}>;

export type FrontSettings = Readonly<{
  /** The containers behind each endpoint, by variant; the first one takes what names none. */
  endpoints: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** How long a container may take, in ms. */
  modelTimeoutMs?: number;
  store?: ObjectStore;
  /** Whether the endpoint has a path for failures. */
  tellsFailures?: boolean;
}>;

type ModelAnswer = Readonly<{ status: number; contentType: string; body: Buffer }>;

const outputBucket = "sagemaker-output";
/** The platform's own cut of what a model says. */
const maxOriginalMessage = 2048;

/**
 * Speaks the platform's runtime protocol in front of servers: InvokeEndpoint, and InvokeEndpointAsync with a store.
 * A model's failure becomes 424 with its words cut; what is asynchronous is answered in a place of the front's choice.
 */
export async function startEndpointFront(settings: FrontSettings): Promise<EndpointFront> {
  const calls: SeenCall[] = [];
  const host = await startHost(async (request, response) => {
    const [, name, operation] = /^\/endpoints\/([^/]+)\/(async-)?invocations$/.exec(request.url!) ?? [];
    const body = await readAll(request);
    calls.push({ operation: operation ? "async" : "sync", headers: request.headers, bodyBytes: body.length });
    const variants = settings.endpoints[name ?? ""];
    const wanted = header(request, "x-amzn-sagemaker-target-variant");
    const url = wanted === undefined ? Object.values(variants ?? {})[0] : variants?.[wanted];
    if (url === undefined) return refuse(response, 400, "ValidationError", `Endpoint ${name} of account 1 not found.`);
    if (!header(request, "authorization")?.includes(testIdentity.accessKeyId)) {
      return refuse(response, 403, "UnrecognizedClientException", "The security token is invalid.");
    }
    if (operation) return answerAsync(settings, url, request, body, response);
    const answer = await askModel(settings, url, toModelHeaders(request, "content-type", "accept"), body);
    if (answer.status !== 200) return refuseModel(response, answer);
    response.writeHead(200, { "content-type": answer.contentType, "x-amzn-invoked-production-variant": "blue" });
    response.end(answer.body);
  });
  const sdk = { endpoint: `http://127.0.0.1:${host.port}`, region: "eu-west-1", credentials: testIdentity };
  return { host, calls, sdk };
}

function header({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function toModelHeaders(request: IncomingMessage, typeHeader: string, acceptHeader: string): Record<string, string> {
  const pairs = [
    ["content-type", header(request, typeHeader)],
    ["accept", header(request, acceptHeader)],
    ["x-amzn-sagemaker-custom-attributes", header(request, "x-amzn-sagemaker-custom-attributes")],
  ] as const;
  return Object.fromEntries(pairs.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

async function askModel(
  { modelTimeoutMs = 60_000 }: FrontSettings,
  url: string,
  headers: Record<string, string>,
  body: Buffer,
): Promise<ModelAnswer> {
  const signal = AbortSignal.timeout(modelTimeoutMs);
  try {
    const response = await fetch(`${url}/invocations`, {
      method: "POST",
      headers,
      body: Uint8Array.from(body),
      signal,
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    return { status: response.status, contentType: response.headers.get("content-type") ?? "", body: bytes };
  } catch {
    return { status: 0, contentType: "", body: Buffer.from("") };
  }
}

function toModelMessage({ status, body }: ModelAnswer): string {
  const kind = status >= 500 || status === 0 ? "server" : "client";
  return `Received ${kind} error (${status}) from primary with message "${body.toString().slice(0, maxOriginalMessage)}". See the log.`;
}

function refuseModel(response: ServerResponse, answer: ModelAnswer): void {
  refuse(response, 424, "ModelError", toModelMessage(answer), {
    OriginalStatusCode: answer.status,
    OriginalMessage: answer.body.toString().slice(0, maxOriginalMessage),
    LogStreamArn: "arn:aws:logs:eu-west-1:1:log-group:/aws/sagemaker/Endpoints/looks",
  });
}

function refuse(response: ServerResponse, status: number, type: string, message: string, fields: object = {}): void {
  response.writeHead(status, { "content-type": "application/json", "x-amzn-errortype": type });
  response.end(JSON.stringify({ Message: message, message, ...fields }));
}

async function answerAsync(
  settings: FrontSettings,
  url: string,
  request: IncomingMessage,
  inline: Buffer,
  response: ServerResponse,
): Promise<void> {
  const location = header(request, "x-amzn-sagemaker-inputlocation");
  const store = settings.store!;
  if ((location === undefined) === (inline.length === 0) || inline.length > 128_000) {
    return refuse(
      response,
      400,
      "ValidationError",
      "Exactly one of Body and InputLocation, Body of at most 128000 bytes",
    );
  }
  const [output, failure] = [`${outputBucket}/${randomUUID()}.out`, `${outputBucket}/failures/${randomUUID()}`];
  const failureHeader =
    settings.tellsFailures === false ? {} : { "x-amzn-sagemaker-failurelocation": `s3://${failure}` };
  response.writeHead(202, {
    "content-type": "application/json",
    "x-amzn-sagemaker-outputlocation": `s3://${output}`,
    ...failureHeader,
  });
  response.end(JSON.stringify({ InferenceId: randomUUID() }));
  const input = location === undefined ? inline : store.objects.get(location.replace("s3://", ""))?.bytes;
  const headers = toModelHeaders(request, "x-amzn-sagemaker-content-type", "x-amzn-sagemaker-accept");
  const answer =
    input === undefined
      ? { status: 404, contentType: "", body: Buffer.from(`${location} cannot be downloaded`) }
      : await askModel(settings, url, headers, input);
  if (answer.status === 200) store.objects.set(output, { bytes: answer.body, contentType: answer.contentType });
  else store.objects.set(failure, { bytes: Buffer.from(toModelMessage(answer)), contentType: "text/plain" });
}
