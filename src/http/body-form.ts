import { ServiceError } from "../domain/errors.js";

/** Which form a body has, by its content type. */
export type BodyForm = "json" | "image" | "lines";

/** The platform's name of JSON Lines, and the one others use. */
export const lineTypes: readonly string[] = ["application/jsonlines", "application/x-ndjson"];

/** A picture whose kind is left to its bytes; `image/*` is one, too. */
export const imageTypes: readonly string[] = ["application/x-image", "application/octet-stream"];

/**
 * Case and parameters of the content type do not matter; whether bytes are a picture is for the decoder to say.
 * @throws ServiceError `media_type_unsupported`
 */
export function toBodyForm(contentType: string | undefined): BodyForm {
  const type = toMediaType(contentType);
  if (type === "application/json") return "json";
  if (lineTypes.includes(type)) return "lines";
  if (/^image\/[^\s/]+$/.test(type) || imageTypes.includes(type)) return "image";
  throw new ServiceError("media_type_unsupported", { content_type: type || "none" });
}

/** Without parameters, in lower case; blank where there is none. */
export function toMediaType(contentType: string | undefined): string {
  return (contentType ?? "").split(";")[0]!.trim().toLowerCase();
}
