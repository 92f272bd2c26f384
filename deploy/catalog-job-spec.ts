import { hostRules } from "../src/config-references.js";
import type { Parsed } from "../src/domain/parsed.js";
import { isInstanceType } from "./instance-family.js";
import { rolePattern, roleRule } from "./role-arn.js";
import { parseS3Uri } from "./s3-uri.js";
import { readTags } from "./spec-common.js";
import { createFlagReader, type Flags } from "./spec-flags.js";
import { readWatchedRegion } from "./watch/watch-spec.js";

/** A catalog built by the platform's own machines. */
export type CatalogJobSpec = Readonly<{
  /** What both jobs' names begin with. */
  name: string;
  /** Tells one run from the next with the same pictures' address. */
  run: string;
  region: string;
  roleArn: string;
  imageUri: string;
  /** A folder; null where every picture is at its item's URL. */
  imagesUri: string | null;
  /** A file of items, JSON Lines or CSV; null where every picture is an item. */
  itemsUri: string | null;
  /** Hosts that pictures may be fetched from, as `catalog build` takes them; null where none is. */
  fetchImages: string | null;
  /** Where caches and the artifact go. */
  outputUri: string;
  /** A converted encoder; null takes the one in the image. */
  encoderUri: string | null;
  instanceType: string;
  instanceCount: number;
  volumeGb: number;
  maxRuntimeS: number;
  thumbnails: number | null;
  precision: "auto" | "fp32" | "int8";
  tags: Readonly<Record<string, string>>;
}>;

type Surroundings = Readonly<{ env: Readonly<Record<string, string | undefined>>; version: string }>;

const namePattern = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,40}$/;

/** Flags as typed -> what is to be built where, or every problem at once. */
export function parseCatalogJob(flags: Flags, { env, version }: Surroundings): Parsed<CatalogJobSpec> {
  const problems: string[] = [];
  const reader = createFlagReader(flags, problems);
  const region = readWatchedRegion(reader, env);
  const nameRule = "at most 41 letters, digits and hyphens, with a letter or digit at both ends";
  const name = reader.matching("name", reader.text("name") ?? "stygig-catalog", namePattern, nameRule);
  const roleArn = reader.text("role-arn") ?? (env.SAGEMAKER_ROLE || "");
  if (roleArn === "") reader.refuse("--role-arn is missing, and SAGEMAKER_ROLE names no role");
  reader.matching("role-arn", roleArn, rolePattern, roleRule);
  const account = roleArn.split(":")[4] ?? "";
  const usualImage = `${account}.dkr.ecr.${region}.amazonaws.com/stygig:${version}-cpu`;
  const folder = (flag: string, given: string): string => {
    if (given !== "" && parseS3Uri(given) === null)
      reader.refuse(`--${flag} must be s3://bucket/folder, not "${given}"`);
    return given.replace(/\/*$/, "/");
  };
  const encoder = reader.text("encoder-uri");
  const items = reader.text("items-uri");
  if (items !== undefined && !/[^/]$/.test(parseS3Uri(items)?.key ?? "")) {
    reader.refuse(`--items-uri must be s3://bucket/key, not "${items}"`);
  }
  const fetchImages = reader.text("fetch-images");
  if (fetchImages !== undefined && "must" in hostRules(fetchImages))
    reader.refuse("--fetch-images must be hosts with commas between");
  if (fetchImages !== undefined && items === undefined)
    reader.refuse("--fetch-images means nothing without --items-uri");
  const hasImages = fetchImages === undefined || reader.isGiven("images-uri");
  const instanceType = reader.text("instance-type") ?? "ml.c6i.xlarge";
  if (!isInstanceType(instanceType, "processing"))
    reader.refuse(`--instance-type ${instanceType} is none for processing jobs`);
  const spec: CatalogJobSpec = {
    ...{ name, region, roleArn, instanceType },
    run: reader.matching(
      "run",
      reader.text("run") ?? "1",
      /^[a-zA-Z0-9._-]{1,64}$/,
      "letters, digits, dots and hyphens",
    ),
    imageUri: reader.text("image-uri") ?? (env.STYGIG_IMAGE_URI || usualImage),
    imagesUri: hasImages
      ? folder("images-uri", reader.required("images-uri", "where the pictures are: s3://bucket/folder/"))
      : null,
    itemsUri: items ?? null,
    fetchImages: fetchImages ?? null,
    outputUri: folder("output-uri", reader.required("output-uri", "where the catalog goes: s3://bucket/folder/")),
    encoderUri: encoder === undefined ? null : folder("encoder-uri", encoder),
    instanceCount: reader.wholeNumber("instance-count", 1, { min: 1, max: 100 }),
    volumeGb: reader.wholeNumber("volume-gb", 50, { min: 1, max: 16_384 }),
    maxRuntimeS: reader.wholeNumber("max-runtime-s", 86_400, { min: 60, max: 432_000 }),
    thumbnails: reader.isGiven("thumbnails") ? reader.wholeNumber("thumbnails", 320, { min: 16, max: 2048 }) : null,
    precision: reader.oneOf("precision", "auto", ["auto", "fp32", "int8"] as const),
    tags: readTags(reader, name, version),
  };
  const [first, ...rest] = problems;
  return first === undefined ? { value: spec } : { problems: [first, ...rest] };
}
