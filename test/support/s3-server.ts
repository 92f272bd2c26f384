import type { IncomingMessage, ServerResponse } from "node:http";
import { createS3Reader } from "../../src/adapters/s3-objects.js";
import { type ImageHost, startHost } from "./image-host.js";

/** What a bucket answers for one key: the object, an error by S3's name, or whatever is done by hand. */
export type S3Answer =
  | Uint8Array
  | Readonly<{ status: number; name: string; headers?: Readonly<Record<string, string>> }>
  | ((response: ServerResponse, request: IncomingMessage) => void);

/** A server on loopback that speaks enough of S3, with its buckets in the path: `/bucket/key` to answer. */
export function startS3(answerTo: (path: string, request: IncomingMessage) => S3Answer): Promise<ImageHost> {
  return startHost((request, response) => {
    const answer = answerTo(request.url!.replace(/\?x-id=GetObject$/, ""), request);
    if (typeof answer === "function") return answer(response, request);
    if (answer instanceof Uint8Array) return void response.end(answer);
    const { status, name, headers } = answer;
    response.writeHead(status, { "content-type": "application/xml", ...headers });
    response.end(`<?xml version="1.0"?><Error><Code>${name}</Code><Message>secret account 123</Message></Error>`);
  });
}

/** A reader of that server's with an identity of its own. */
export function readerOf({ port }: ImageHost, region = "eu-west-1") {
  return createS3Reader({
    endpoint: `http://127.0.0.1:${port}`,
    forcePathStyle: true,
    region,
    credentials: { accessKeyId: "AKIATEST", secretAccessKey: "secret" },
  });
}
