import { createHash } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { readAll } from "./object-store.js";

type Part = Readonly<{ bytes: Buffer; checksum: string }>;
type StoredUpload = { readonly path: string; readonly parts: Map<number, Part>; initiated: string };

/** What goes wrong with a request instead of an answer. */
type StoreFailure = Readonly<{ status: number; name: string }> | "hangs" | "cut";

/** An S3 that takes objects in one piece or in parts, by path, holds every SHA-256 against what came, and gives them back. */
export type UploadStore = Readonly<{
  /** By `bucket/key`. */
  objects: Map<string, Readonly<{ bytes: Buffer; checksum: string }>>;
  /** Those that are neither completed nor aborted. */
  uploads: Map<string, StoredUpload>;
  /** `PUT part`, `POST complete` and the like, in order. */
  seen: string[];
  /** The next requests of a kind fail. */
  fail: (kind: string, failure: StoreFailure, times?: number) => void;
  listen: RequestListener;
}>;

const base64Sha256 = (...chunks: readonly Buffer[]) =>
  createHash("sha256").update(Buffer.concat(chunks)).digest("base64");

/** Its buckets and their regions; it answers as a server in `region` does. */
export function makeUploadStore(buckets: Readonly<Record<string, string>>, region = "us-east-1"): UploadStore {
  const objects: UploadStore["objects"] = new Map();
  const uploads: UploadStore["uploads"] = new Map();
  const seen: string[] = [];
  const failures = new Map<string, StoreFailure[]>();
  const state = { objects, uploads };
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams: query } = new URL(request.url!, "http://s3");
    const path = decodeURIComponent(pathname.slice(1));
    const kind = toKind(request.method!, path, query);
    seen.push(kind);
    const failure = failures.get(kind)?.shift();
    if (failure === "hangs") return;
    if (failure === "cut") return void request.socket.destroy();
    const body = await readAll(request);
    if (failure !== undefined) return refuse(response, failure.status, failure.name);
    const home = buckets[path.split("/")[0]!];
    if (home === undefined) return refuse(response, 404, "NoSuchBucket");
    response.setHeader("x-amz-bucket-region", home);
    if (home !== region) return refuse(response, 301, "PermanentRedirect");
    const handler = handlers[kind];
    if (handler === undefined) return refuse(response, 405, "MethodNotAllowed");
    handler({ ...state, request, response, path, query, body });
  };
  return {
    ...{ objects, uploads, seen },
    fail: (kind, failure, times = 1) => {
      failures.set(kind, [...(failures.get(kind) ?? []), ...Array<StoreFailure>(times).fill(failure)]);
    },
    listen: (request, response) => {
      serve(request, response).catch(() => request.socket.destroy());
    },
  };
}

function toKind(method: string, path: string, query: URLSearchParams): string {
  if (!path.replace(/\/$/, "").includes("/")) {
    return query.has("uploads") ? "GET uploads" : query.has("list-type") ? "GET list" : `${method} bucket`;
  }
  if (query.has("partNumber")) return `${method} part`;
  if (query.has("uploads")) return `${method} upload`;
  return query.has("uploadId") ? `${method} complete` : `${method} object`;
}

type Asked = Pick<UploadStore, "objects" | "uploads"> &
  Readonly<{
    request: IncomingMessage;
    response: ServerResponse;
    path: string;
    query: URLSearchParams;
    body: Buffer;
  }>;

const handlers: Readonly<Record<string, (asked: Asked) => void>> = {
  "HEAD bucket": ({ response }) => void response.end(),
  "GET uploads": ({ uploads, response, path, query }) => {
    const bucket = path.replace(/\/$/, "");
    const found = [...uploads].filter(([, each]) => each.path.startsWith(`${bucket}/${query.get("prefix") ?? ""}`));
    const lines = found.map(
      ([id, each]) =>
        `<Upload><Key>${each.path.slice(bucket.length + 1)}</Key><UploadId>${id}</UploadId>` +
        `<Initiated>${each.initiated}</Initiated></Upload>`,
    );
    sendXml(response, "ListMultipartUploadsResult", lines.join(""));
  },
  "GET list": ({ objects, response, path, query }) => {
    const bucket = path.replace(/\/$/, "");
    const keys = [...objects.keys()].flatMap((each) =>
      each.startsWith(`${bucket}/`) ? [each.slice(bucket.length + 1)] : [],
    );
    const after = query.get("continuation-token") ?? "";
    const left = keys.filter((key) => key.startsWith(query.get("prefix") ?? "") && key > after).sort();
    const page = left.slice(0, keysPerPage);
    const rest =
      page.length < left.length ? `<NextContinuationToken>${xmlOf(page.at(-1)!)}</NextContinuationToken>` : "";
    const contents = page.map((key) => {
      const { bytes } = objects.get(`${bucket}/${key}`)!;
      const tag = `<ETag>&quot;${etagOf(bytes)}&quot;</ETag>`;
      return `<Contents><Key>${xmlOf(key)}</Key>${tag}<Size>${bytes.length}</Size></Contents>`;
    });
    sendXml(response, "ListBucketResult", `<IsTruncated>${rest !== ""}</IsTruncated>${contents.join("")}${rest}`);
  },
  "GET object": ({ objects, request, response, path }) => {
    const found = objects.get(path);
    if (found === undefined) return refuse(response, 404, "NoSuchKey");
    const etag = `"${etagOf(found.bytes)}"`;
    const wanted = request.headers["if-match"];
    if (wanted !== undefined && wanted !== etag) return refuse(response, 412, "PreconditionFailed");
    response.writeHead(200, { "content-length": found.bytes.length, etag }).end(found.bytes);
  },
  "HEAD object": ({ objects, request, response, path }) => {
    const found = objects.get(path);
    if (found === undefined) return refuse(response, 404, "NotFound");
    if (request.headers["x-amz-checksum-mode"] === "ENABLED") {
      response.setHeader("x-amz-checksum-sha256", found.checksum);
    }
    response.writeHead(200, { "content-length": found.bytes.length, etag: `"${etagOf(found.bytes)}"` }).end();
  },
  "PUT object": ({ objects, request, response, path, body }) => {
    const checksum = base64Sha256(body);
    if (request.headers["x-amz-checksum-sha256"] !== checksum) return refuse(response, 400, "BadDigest");
    objects.set(path, { bytes: body, checksum });
    response.writeHead(200, { etag: '"1"', "x-amz-checksum-sha256": checksum }).end();
  },
  "POST upload": ({ uploads, request, response, path }) => {
    if (request.headers["x-amz-checksum-algorithm"] !== "SHA256") return refuse(response, 400, "InvalidRequest");
    const id = `upload-${uploads.size + 1}`;
    uploads.set(id, { path, parts: new Map(), initiated: new Date().toISOString() });
    sendXml(response, "InitiateMultipartUploadResult", `<UploadId>${id}</UploadId>`);
  },
  "PUT part": ({ uploads, request, response, query, body }) => {
    const upload = uploads.get(query.get("uploadId")!);
    if (upload === undefined) return refuse(response, 404, "NoSuchUpload");
    const checksum = base64Sha256(body);
    if (request.headers["x-amz-checksum-sha256"] !== checksum) return refuse(response, 400, "BadDigest");
    upload.parts.set(Number(query.get("partNumber")), { bytes: body, checksum });
    response.writeHead(200, { etag: `"${etagOf(body)}"`, "x-amz-checksum-sha256": checksum }).end();
  },
  "POST complete": ({ objects, uploads, response, path, query, body }) => {
    const id = query.get("uploadId")!;
    const upload = uploads.get(id);
    if (upload === undefined) return refuse(response, 404, "NoSuchUpload");
    const numbers = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber>/g)].map(([, text]) => Number(text));
    const parts = numbers.map((number) => upload.parts.get(number));
    if (parts.includes(undefined) || numbers.some((number, at) => number !== at + 1)) {
      return refuse(response, 400, "InvalidPart");
    }
    const whole = parts as readonly Part[];
    if (whole.slice(0, -1).some(({ bytes }) => bytes.length < 5 * 2 ** 20)) {
      return refuse(response, 400, "EntityTooSmall");
    }
    const digests = whole.map(({ checksum }) => Buffer.from(checksum, "base64"));
    objects.set(path, {
      bytes: Buffer.concat(whole.map(({ bytes }) => bytes)),
      checksum: `${base64Sha256(...digests)}-${whole.length}`,
    });
    uploads.delete(id);
    sendXml(response, "CompleteMultipartUploadResult", `<ETag>"${whole.length}"</ETag>`);
  },
  "DELETE complete": ({ uploads, response, query }) => {
    if (!uploads.delete(query.get("uploadId")!)) return refuse(response, 404, "NoSuchUpload");
    response.writeHead(204).end();
  },
};

/** Few enough that a small listing has several. */
const keysPerPage = 4;

function xmlOf(text: string): string {
  return text.replace(/[<>&"'\p{Cc}]/gu, (each) => `&#${each.codePointAt(0)};`);
}

function etagOf(bytes: Buffer): string {
  return createHash("md5").update(bytes).digest("hex");
}

function sendXml(response: ServerResponse, name: string, content: string): void {
  response.writeHead(200, { "content-type": "application/xml" });
  response.end(`<?xml version="1.0"?><${name}>${content}</${name}>`);
}

function refuse(response: ServerResponse, status: number, name: string): void {
  response.writeHead(status, { "content-type": "application/xml" });
  response.end(`<?xml version="1.0"?><Error><Code>${name}</Code><Message>not this time</Message></Error>`);
}
