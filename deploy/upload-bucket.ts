import type { SendCall } from "./planned-call.js";

type SdkError = Readonly<{
  $metadata?: Readonly<{ httpStatusCode?: number }>;
  $response?: Readonly<{ headers?: Readonly<Record<string, string>> }>;
}>;

/**
 * What keeps SageMaker in a region from reading a bucket, as far as S3 tells: null, or one line.
 * @throws the service's error, as when nobody is signed in
 */
export async function findBucketProblem(send: SendCall, bucket: string, region: string): Promise<string | null> {
  const found = await lookUp(send, bucket);
  if ("problem" in found) return found.problem;
  if (found.region === null || found.region === region) return null;
  return `bucket ${bucket} is in ${found.region}, and endpoints in ${region} read buckets of their own region alone`;
}

type Found = Readonly<{ region: string | null } | { problem: string }>;

async function lookUp(send: SendCall, bucket: string): Promise<Found> {
  try {
    const { BucketRegion } = await send({ service: "s3", operation: "HeadBucket", input: { Bucket: bucket } });
    return { region: typeof BucketRegion === "string" ? BucketRegion : null };
  } catch (error) {
    const { $metadata, $response } = error as SdkError;
    // Whoever asks in the wrong region is refused, and told the right one beside.
    const region = $response?.headers?.["x-amz-bucket-region"];
    switch ($metadata?.httpStatusCode) {
      case 404:
        return { problem: `bucket ${bucket} is not there` };
      case 301:
      case 400:
        if (region !== undefined) return { region };
        throw error;
      case 403:
        return { problem: `bucket ${bucket} may not be seen: it is somebody else's, or s3:ListBucket is missing` };
      default:
        throw error;
    }
  }
}
