import type { RequestBody } from "../src/http/query-schema.js";

/** What is asked, by the service's own names: a picture's bytes or another source, and options. */
export type Question = Omit<Readonly<RequestBody>, "image"> & Readonly<{ image?: Uint8Array | undefined }>;

/** A request as it goes over any of the wires. */
export type WireRequest = Readonly<{
  contentType: string;
  body: Uint8Array;
  /** For `X-Amzn-SageMaker-Custom-Attributes`; blank for none. */
  attributes: string;
}>;

/** V4's name for the bytes of a picture of any kind. */
const imageType = "application/x-image";
/** The platform's own limit of the header. */
const maxAttributeCharacters = 1024;

/**
 * A picture goes as it is, its options in the header, which saves base64's third; where they do not fit, or where the
 * header may not arrive, everything goes as JSON.
 */
export function toWireRequest(question: Question, optionsIn: "header" | "body"): WireRequest {
  const { image, ...rest } = question;
  const options = Object.entries(rest).filter(([, value]) => value !== undefined && value !== null);
  if (image === undefined) return toJsonRequest(Object.fromEntries(options));
  const attributes = toAttributes(options);
  const fits = attributes !== null && attributes.length <= maxAttributeCharacters;
  if (fits && (optionsIn === "header" || attributes === "")) return { contentType: imageType, body: image, attributes };
  const base64 = Buffer.from(image.buffer, image.byteOffset, image.byteLength).toString("base64");
  return toJsonRequest({ image: base64, ...Object.fromEntries(options) });
}

function toJsonRequest(fields: Readonly<Record<string, unknown>>): WireRequest {
  return { contentType: "application/json", body: Buffer.from(JSON.stringify(fields)), attributes: "" };
}

/** `key=value` between commas, percent-encoded, a list as its key many times; null where a header cannot say it. */
export function toAttributes(options: readonly (readonly [string, unknown])[]): string | null {
  const pairs = options.flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((each: unknown) => [name, each] as const),
  );
  if (pairs.some(([, value]) => typeof value === "object")) return null;
  return pairs.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join(",");
}
