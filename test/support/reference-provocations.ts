import type { ErrorCode } from "../../src/domain/errors.js";
import { stubS3Environment } from "./s3-environment.js";
import { type S3Answer, startS3 } from "./s3-server.js";

type ReferenceCode = Extract<ErrorCode, `reference_${string}`>;

/** Asks a server with these variables for something. */
export type AskServer = (env: Readonly<Record<string, string>>, body: object) => Promise<Response>;

/** Each code of references, provoked from outside. */
export function referenceProvocations(ask: AskServer): Record<ReferenceCode, () => Promise<Response>> {
  const askS3 = async (answer: S3Answer, env: Readonly<Record<string, string>> = {}) => {
    stubS3Environment(await startS3(() => answer));
    return ask({ STYGIG_ALLOWED_S3_PREFIXES: "photos/summer", ...env }, { image_s3_uri: "s3://photos/summer/a.jpg" });
  };
  return {
    reference_disabled: () => ask({}, { image_s3_uri: "s3://photos/summer/a.jpg" }),
    reference_not_allowed: () =>
      ask({ STYGIG_ALLOWED_IMAGE_HOSTS: "cdn.example" }, { image_url: "https://other.example/" }),
    reference_not_found: () => askS3({ status: 404, name: "NoSuchKey" }),
    reference_too_large: () => askS3(new Uint8Array(2000), { STYGIG_MAX_REFERENCE_BYTES: "1024" }),
    reference_timeout: () => askS3(() => {}, { STYGIG_REFERENCE_TIMEOUT_MS: "100" }),
    reference_unreachable: () => askS3({ status: 503, name: "SlowDown" }),
  };
}
