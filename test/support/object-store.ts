import type { IncomingMessage, ServerResponse } from "node:http";
import { type ImageHost, startHost } from "./image-host.js";

/** An S3 on loopback that keeps what is put into it, its buckets in the path. */
export type ObjectStore = Readonly<{
  host: ImageHost;
  /** By `bucket/key`. */
  objects: Map<string, Readonly<{ bytes: Buffer; contentType: string }>>;
  /** What the SDK's S3 client is made with to find it. */
  sdk: Readonly<{
    endpoint: string;
    forcePathStyle: true;
    region: string;
    credentials: Readonly<{ accessKeyId: string; secretAccessKey: string }>;
  }>;
}>;

export const testIdentity = { accessKeyId: "AKIATEST", secretAccessKey: "secret" };

/** What a reader of a key that is not there is told: 403 where listing is not permitted, 503 where S3 is overloaded. */
export type MissingAnswer = 403 | 404 | 503;

const missingNames: Readonly<Record<MissingAnswer, string>> = {
  403: "AccessDenied",
  404: "NoSuchKey",
  503: "SlowDown",
};

export async function startObjectStore(
  buckets: readonly string[],
  missing: () => MissingAnswer = () => 404,
): Promise<ObjectStore> {
  const objects: ObjectStore["objects"] = new Map();
  const host = await startHost(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url!, "http://s3").pathname.slice(1));
    const body = await readAll(request);
    if (!buckets.includes(path.split("/")[0]!)) return refuse(response, 404, "NoSuchBucket");
    if (request.method === "PUT") {
      objects.set(path, { bytes: body, contentType: request.headers["content-type"] ?? "" });
      return void response.setHeader("etag", '"1"').end();
    }
    const found = objects.get(path);
    if (found === undefined) {
      const status = missing();
      return refuse(response, status, missingNames[status]);
    }
    response.setHeader("content-type", found.contentType).end(found.bytes);
  });
  const sdk = {
    endpoint: `http://127.0.0.1:${host.port}`,
    forcePathStyle: true,
    region: "eu-west-1",
    credentials: testIdentity,
  } as const;
  return { host, objects, sdk };
}

function refuse(response: ServerResponse, status: number, name: string): void {
  response.writeHead(status, { "content-type": "application/xml" });
  response.end(`<?xml version="1.0"?><Error><Code>${name}</Code><Message>no</Message></Error>`);
}

export async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}
