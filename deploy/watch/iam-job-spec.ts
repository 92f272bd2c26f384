import type { Parsed } from "../../src/domain/parsed.js";
import { parseS3Uri, type S3Place } from "../s3-uri.js";
import { createFlagReader, type FlagReader, type Flags } from "../spec-flags.js";
import { readKmsKey, readRepository, readRole } from "./iam-spec.js";
import { readWatchedRegion } from "./watch-spec.js";

/** Jobs that build a catalog: those of `catalog job`, and a training job that runs `stygig train`. */
export const jobKinds = ["catalog-job", "training-job"] as const;
type JobKind = (typeof jobKinds)[number];

/** What a job's policies are for. Places are beginnings of keys; an empty one is all of its bucket. */
export type IamJobSpec = Readonly<{
  kind: JobKind;
  /** What the jobs' names begin with. */
  name: string;
  region: string;
  accountId: string;
  partition: string;
  roleArn: string;
  reads: readonly S3Place[];
  writes: readonly S3Place[];
  repository: string;
  kmsKeyArn: string | null;
}>;

type Environment = Readonly<Record<string, string | undefined>>;

const namePattern = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,40}$/;
const nameRule = "at most 41 letters, digits and hyphens, with a letter or digit at both ends";
const endpointFlags = ["endpoint-name", "bucket", "prefix", "sns-topic-arn"] as const;
const flagsOfOthers: Readonly<Record<JobKind, readonly string[]>> = {
  "catalog-job": [...endpointFlags, "checkpoint-uri"],
  "training-job": [...endpointFlags, "name"],
};

/** The flags of `catalog job` -> what policies its machines and its caller need, or every problem at once. */
export function parseIamJobSpec(kind: JobKind, flags: Flags, env: Environment): Parsed<IamJobSpec> {
  const problems: string[] = [];
  const reader = createFlagReader(flags, problems);
  for (const flag of flagsOfOthers[kind]) {
    if (reader.isGiven(flag)) reader.refuse(`--${flag} means nothing with --for ${kind}`);
  }
  const output = readPlace(reader, "output-uri", "/");
  if (output === null) reader.refuse("--output-uri is missing: s3://bucket/folder/");
  const inputs = [
    readPlace(reader, "images-uri", "/"),
    readPlace(reader, "items-uri", ""),
    readPlace(reader, "encoder-uri", "/"),
  ];
  const checkpoint = kind === "training-job" ? readPlace(reader, "checkpoint-uri", "/") : null;
  // The second of a catalog's two jobs reads what the first one kept.
  const cache = kind === "catalog-job" && output !== null ? { ...output, key: `${output.key}cache/` } : null;
  const spec: IamJobSpec = {
    kind,
    name: reader.matching("name", reader.text("name") ?? "stygig-catalog", namePattern, nameRule),
    region: readWatchedRegion(reader, env),
    ...readRole(reader, env),
    reads: [...inputs, cache, checkpoint].filter((each) => each !== null),
    writes: [output, checkpoint].filter((each) => each !== null),
    repository: readRepository(reader),
    kmsKeyArn: readKmsKey(reader),
  };
  const [first, ...rest] = problems;
  return first === undefined ? { value: spec } : { problems: [first, ...rest] };
}

/** A place that ends in `ending`, or null where the flag is not given. A policy takes * and ? for anything. */
function readPlace(reader: FlagReader, flag: string, ending: "/" | ""): S3Place | null {
  const given = reader.text(flag);
  if (given === undefined) return null;
  const place = parseS3Uri(given);
  const isTooWide = ending === "" && !/[^/]$/.test(place?.key ?? "");
  if (place === null || isTooWide || /[*?$]/.test(place.key)) {
    reader.refuse(
      `--${flag} must be s3://bucket/${ending === "/" ? "folder/" : "key"} without *, ? and $, not "${given}"`,
    );
    return null;
  }
  if (ending === "" || place.key === "") return place;
  return { ...place, key: place.key.replace(/\/*$/, ending) };
}
