import { createHash } from "node:crypto";
import type { AsyncInput } from "./async-submitter.js";
import { InvokeError } from "./invoke-error.js";
import { type Question, toAttributes, toWireRequest, type WireRequest } from "./question.js";
import { type S3Location, type S3Store, toLocationIn } from "./s3-store.js";

/** What InvokeEndpointAsync takes inside the call. */
const maxInlineBytes = 128_000;
/** The platform's limit for what lies in S3. */
const maxObjectBytes = 2 ** 30;

/** A picture that lies in S3 already, with options if any. */
export type PlacedQuestion = Readonly<{ inputLocation: string }> & Omit<Question, "image">;

type PlaceParts = Readonly<{ store: S3Store; inputFolder: string | undefined; signal: AbortSignal }>;

/**
 * What the call carries: the question itself where it fits, otherwise where it has been put. The name there is the
 * digest of the content: a second try puts the same object, and two callers do not disturb each other. It stays, for
 * the platform may read it hours later; a rule of the bucket removes it.
 * @throws InvokeError `body_too_large_for_async` | `storage_failed`; the signal's reason
 */
export async function placeInput(
  question: Question | PlacedQuestion,
  { store, inputFolder, signal }: PlaceParts,
): Promise<AsyncInput> {
  if ("inputLocation" in question) return toPlacedInput(question);
  // Whether the header reaches an asynchronous container is nowhere promised.
  const request = toWireRequest(question, "body");
  if (request.body.length <= maxInlineBytes) return request;
  const digest = createHash("sha256").update(request.body).digest("hex");
  const location = requireLocation(request, inputFolder, digest);
  await store.put(location, request.body, request.contentType, signal);
  const inputLocation = `s3://${location.bucket}/${location.key}`;
  return { contentType: request.contentType, attributes: "", inputLocation };
}

/** Its content type is the one for a picture of any kind: the object's own type does not travel. */
function toPlacedInput({ inputLocation, ...options }: PlacedQuestion): AsyncInput {
  const attributes = toAttributes(Object.entries(options).filter(([, value]) => value != null)) ?? "";
  return { contentType: "application/x-image", attributes, inputLocation };
}

function requireLocation({ body }: WireRequest, folder: string | undefined, name: string): S3Location {
  if (body.length > maxObjectBytes) {
    throw tooLarge(`the request has ${body.length} bytes and an asynchronous endpoint takes ${maxObjectBytes}`);
  }
  const location = folder === undefined ? null : toLocationIn(folder, name);
  if (location !== null) return location;
  throw tooLarge(
    `the request has ${body.length} bytes, of which ${maxInlineBytes} go inside the call: name a folder to put it in, s3://bucket/folder`,
  );
}

function tooLarge(message: string): InvokeError {
  return new InvokeError({ code: "body_too_large_for_async", message, status: null, isRetryable: false });
}
