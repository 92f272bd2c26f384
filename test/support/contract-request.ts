import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";

/** An answer to the last byte. */
export type Answer = Readonly<{
  status: number;
  headers: IncomingHttpHeaders;
  /** From the status line to the blank line. */
  headerBytes: number;
  body: Buffer;
  /** Of the request, head and body, until its answer began. */
  sentBytes: number;
}>;

export type Question = Readonly<{
  /** By default POST where there is a body, else GET. */
  method?: string;
  /** By default /invocations. */
  path?: string;
  headers?: Readonly<Record<string, string>>;
  /** In pieces it has no declared length, unless a header tells one. */
  body?: Uint8Array | string | Iterable<Uint8Array>;
  /** Whether the end of the request is held back for ever. */
  isUnfinished?: boolean;
  /** Whether all of the body is sent whatever has been answered meanwhile, as long as the connection lasts. */
  isStubborn?: boolean;
  agent?: Agent;
}>;

/** A connection of its own for each question: what one of them leaves behind is no other's. */
const oneEach = new Agent({ keepAlive: false });

/** Asks, sending only as fast as it is read, and no further once the answer has begun. */
export function ask(url: string, question: Question): Promise<Answer> {
  const { body, path = "/invocations", method = body === undefined ? "GET" : "POST" } = question;
  const { isUnfinished = false, isStubborn = false } = question;
  const isWhole = typeof body === "string" || body instanceof Uint8Array;
  const headers = {
    ...(isWhole ? { "content-length": String(Buffer.byteLength(body) + (isUnfinished ? 1 : 0)) } : {}),
    ...question.headers,
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(url + path, { method, headers, agent: question.agent ?? oneEach });
    let isAnswered = false;
    // A connection that is cut after its answer has begun shows in the answer.
    outgoing.on("error", (error) => void (isAnswered || reject(error)));
    const sent = sendBody(outgoing, isWhole ? [Buffer.from(body)] : (body ?? []), () => isAnswered && !isStubborn);
    const finished = sent.then(() => {
      if (!isUnfinished && (!isAnswered || isStubborn)) outgoing.end();
    });
    outgoing.once("response", async (response) => {
      isAnswered = true;
      const sentBytes = outgoing.socket?.bytesWritten ?? 0;
      try {
        const answer = await readAnswer(response, sentBytes);
        if (isStubborn) await finished;
        resolve(answer);
      } catch (error) {
        reject(error);
      }
      if (!outgoing.writableEnded) outgoing.destroy();
    });
  });
}

async function sendBody(
  outgoing: ReturnType<typeof request>,
  pieces: Iterable<Uint8Array>,
  isAnswered: () => boolean,
): Promise<void> {
  outgoing.flushHeaders();
  for (const piece of pieces) {
    if (isAnswered() || outgoing.destroyed) return;
    if (!outgoing.write(piece)) await nextOf(outgoing, ["drain", "response", "close"]);
  }
}

/** Resolves with the first of these events; what fails shows elsewhere. */
function nextOf(outgoing: ReturnType<typeof request>, events: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      for (const event of events) outgoing.off(event, wake);
      resolve();
    };
    for (const event of events) outgoing.on(event, wake);
  });
}

async function readAnswer(response: IncomingMessage, sentBytes: number): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const { statusCode: status = 0, statusMessage = "", httpVersion, rawHeaders, headers } = response;
  const lines = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${rawHeaders[at + 1]}`] : []));
  const head = [`HTTP/${httpVersion} ${status} ${statusMessage}`, ...lines, "", ""].join("\r\n");
  return { status, headers, headerBytes: Buffer.byteLength(head, "latin1"), body: Buffer.concat(chunks), sentBytes };
}

/** Sends exactly this text and gives all that comes back until the other side ends the connection. */
export async function askRaw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port || 80), hostname);
  socket.write(text, "latin1");
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks).toString("latin1");
}

/** What JSON says. */
// biome-ignore lint/suspicious/noExplicitAny: checks look into whatever was answered
export function parse({ body }: Pick<Answer, "body">): any {
  return JSON.parse(body.toString());
}

/** The value of a series on the metrics page; one that is not there has counted nothing. */
export async function metricOf(url: string, series: string): Promise<number> {
  const text = (await ask(url, { path: "/metrics" })).body.toString();
  const line = text.split("\n").find((each) => each.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1) ?? 0);
}
