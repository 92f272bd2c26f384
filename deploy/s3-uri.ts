/** A place in S3. */
export type S3Place = Readonly<{ bucket: string; key: string }>;

/** `s3://bucket/key` with a key that may be empty, or null. Buckets as S3 names them: 3 to 63 of a-z, 0-9, dot, hyphen. */
export function parseS3Uri(uri: string): S3Place | null {
  const [, bucket, key = ""] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/s.exec(uri) ?? [];
  return bucket === undefined ? null : { bucket, key };
}
