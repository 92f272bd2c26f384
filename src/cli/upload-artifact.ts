import { toFailureLine } from "../../deploy/aws-failure.js";
import type { S3Place } from "../../deploy/s3-uri.js";
import { createAwsSender } from "../../deploy/send-call.js";
import { type Uploaded, uploadFile } from "../../deploy/upload.js";
import { findBucketProblem } from "../../deploy/upload-bucket.js";
import { epochMs } from "../serving/clock.js";
import { createByteBar } from "./byte-bar.js";
import { tell } from "./output.js";
import { toS3Settings } from "./remote-inputs.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** A place in S3 that takes a packed artifact. */
export type ArtifactUpload = Readonly<{
  /** Asks for the bucket before hours are spent. @throws Error with one line where nothing can go there */
  requireBucket: () => Promise<void>;
  /** @throws Error with one line; the signal's reason */
  put: (file: string) => Promise<Uploaded>;
  close: () => void;
}>;

/** Where AWS is to be asked, or null where nobody has said it. */
export function regionOf(env: Environment): string | null {
  return env.AWS_REGION || env.AWS_DEFAULT_REGION || null;
}

/** Opens it with the process's own identity; nothing is asked yet. */
export function openUpload(
  place: S3Place,
  { env, region, signal }: Readonly<{ env: Environment; region: string; signal: AbortSignal }>,
): ArtifactUpload {
  const connection = { region, endpointUrl: toS3Settings(env).endpoint ?? null, signal };
  const { send, close } = createAwsSender(connection);
  const inOneLine = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      throw new Error(`s3://${place.bucket}/${place.key} cannot be written: ${toFailureLine(error)}`, { cause: error });
    }
  };
  return {
    requireBucket: async () => {
      const problem = await inOneLine(() => findBucketProblem(send, place.bucket, region));
      if (problem !== null) throw new Error(problem);
    },
    put: (file) => {
      const bar = createByteBar();
      const parts = { send, connection, tell, progress: bar.show, epochMs };
      return inOneLine(() => uploadFile(parts, file, place)).finally(bar.end);
    },
    close,
  };
}
