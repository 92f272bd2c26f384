import type { EndpointFront } from "./endpoint-front.js";
import { type ObjectStore, testIdentity } from "./object-store.js";

/** The variables with which a command finds these two in the platform's place, and nothing of this machine's identity. */
export function platformEnvironment(front: EndpointFront, store?: ObjectStore): Readonly<Record<string, string>> {
  return {
    AWS_ACCESS_KEY_ID: testIdentity.accessKeyId,
    AWS_SECRET_ACCESS_KEY: testIdentity.secretAccessKey,
    AWS_REGION: "eu-west-1",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: front.sdk.endpoint,
    ...(store === undefined ? {} : { AWS_ENDPOINT_URL_S3: store.sdk.endpoint }),
  };
}
