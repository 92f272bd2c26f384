import { ServiceError } from "../domain/errors.js";

/**
 * The bytes of a JSON body's picture: base64 or a data URL. As lenient as V4, which skipped line breaks and every other
 * character outside the alphabet; the URL-safe alphabet and missing padding are accepted too.
 * @throws ServiceError `body_malformed`
 */
export function readImageField(text: string): Uint8Array {
  const bytes = Buffer.from(/^data:/i.test(text) ? dataOf(text) : text, "base64");
  if (bytes.length === 0) throw new ServiceError("body_malformed", { field: "image", reason: "no base64 in it" });
  return bytes;
}

function dataOf(url: string): string {
  const comma = url.indexOf(",");
  if (comma < 0 || !/;base64$/i.test(url.slice(0, comma).trimEnd())) {
    throw new ServiceError("body_malformed", { field: "image", reason: "a data URL must be base64" });
  }
  return url.slice(comma + 1);
}
