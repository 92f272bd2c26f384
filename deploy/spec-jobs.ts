import { parseS3Uri } from "./s3-uri.js";
import type { FlagReader } from "./spec-flags.js";

/** Where an async endpoint puts its answers and whom it tells. */
export type AsyncOutput = Readonly<{
  outputUri: string;
  failureUri: string;
  successTopicArn: string | null;
  errorTopicArn: string | null;
  maxConcurrentPerInstance: number;
}>;

/** What a transform job reads, how it cuts it into requests, and where the answers go. */
export type BatchJob = Readonly<{
  inputUri: string;
  outputUri: string;
  contentType: string;
  /** Whether a file is many records, one a line; otherwise it is one request. */
  byLine: boolean;
  /** Null leaves it to what the container answers to /execution-parameters. */
  maxConcurrent: number | null;
  maxPayloadMb: number;
  invocationTimeoutS: number;
}>;

const topicPattern = /^arn:aws[a-z-]*:sns:([a-z0-9-]+):\d{12}:[a-zA-Z0-9_.-]+$/;
const lineTypes: readonly string[] = ["application/jsonlines", "application/x-ndjson"];
const pictureTypes: readonly string[] = [
  "image/jpeg",
  "image/png",
  "image/webp",
  "image/avif",
  "image/gif",
  "image/tiff",
];
/** What all requests at once may weigh, in MB. */
const maxPayloadInFlightMb = 100;

/** One topic for both kinds of news, as V4 had it, or one for each. */
export function readAsyncOutput(reader: FlagReader, region: string): AsyncOutput {
  const outputUri = readFolder(reader, "s3-output-path", "where the answers go", 512);
  const failure = reader.text("s3-failure-path");
  const both = readTopic(reader, "sns-topic-arn", region);
  return {
    outputUri,
    failureUri: failure === undefined ? `${outputUri}failures/` : readFolder(reader, "s3-failure-path", "", 512),
    successTopicArn: both,
    errorTopicArn: readTopic(reader, "sns-error-topic-arn", region) ?? both,
    // V4's figure.
    maxConcurrentPerInstance: reader.wholeNumber("max-concurrent", 10, { min: 1, max: 1000 }),
  };
}

/** JSON Lines are cut at line feeds and put together again; a picture is a request of its own. */
export function readBatchJob(reader: FlagReader): BatchJob {
  const contentType = reader.oneOf("content-type", "application/jsonlines", [...lineTypes, ...pictureTypes]);
  const maxConcurrent = reader.wholeNumber("max-concurrent", 0, { min: 1, max: 100 });
  const maxPayloadMb = reader.wholeNumber("max-payload-mb", 6, { min: 1, max: maxPayloadInFlightMb });
  if (maxConcurrent * maxPayloadMb > maxPayloadInFlightMb) {
    reader.refuse(
      `--max-concurrent times --max-payload-mb, ${maxConcurrent * maxPayloadMb}, must not exceed ${maxPayloadInFlightMb}`,
    );
  }
  const input = reader.required("s3-input-path", "what to read, as s3://bucket/folder/ or one file of it");
  if (input !== "" && (parseS3Uri(input)?.key ?? "") === "") {
    reader.refuse(`--s3-input-path must be s3://bucket/<folder or file>, not "${input}"`);
  }
  return {
    inputUri: input,
    outputUri: readFolder(reader, "s3-output-path", "where the answers go", 1024),
    contentType,
    byLine: lineTypes.includes(contentType),
    maxConcurrent: maxConcurrent === 0 ? null : maxConcurrent,
    maxPayloadMb,
    invocationTimeoutS: reader.wholeNumber("invocation-timeout-s", 600, { min: 1, max: 3600 }),
  };
}

/** A folder in S3, with the slash at its end that keeps `out` and `outer` apart. */
function readFolder(reader: FlagReader, flag: string, what: string, maxLength: number): string {
  const given = reader.required(flag, `${what}, as s3://bucket/folder/`);
  if (given === "") return "";
  const uri = given.endsWith("/") ? given : `${given}/`;
  if (parseS3Uri(uri) === null || uri.length > maxLength) {
    reader.refuse(`--${flag} must be s3://bucket/folder/ of at most ${maxLength} characters, not "${given}"`);
  }
  return uri;
}

function readTopic(reader: FlagReader, flag: string, region: string): string | null {
  const arn = reader.text(flag);
  if (arn === undefined) return null;
  const [, topicRegion] = topicPattern.exec(arn) ?? [];
  if (topicRegion === undefined) reader.refuse(`--${flag} must be an SNS topic's ARN, not "${arn}"`);
  else if (region !== "" && topicRegion !== region) reader.refuse(`--${flag} is in ${topicRegion}, not in ${region}`);
  return arn;
}
