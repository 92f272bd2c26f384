import type { ChooseInstance } from "./choose-instance.js";
import { rolePattern, roleRule } from "./role-arn.js";
import { parseS3Uri } from "./s3-uri.js";
import { readEnvironment } from "./spec-environment.js";
import type { FlagReader } from "./spec-flags.js";

/** What every deployment has. */
export type CommonSpec = Readonly<{
  /** The endpoint's name, or the transform job's. */
  name: string;
  region: string;
  accountId: string;
  /** The execution role: what the containers may do. */
  roleArn: string;
  imageUri: string;
  modelUri: string;
  /** The artifact's version or ETag, once somebody has asked S3; null while only its address is known. */
  modelVersion: string | null;
  /** Every variable that the containers get, ours included. */
  environment: Readonly<Record<string, string>>;
  tags: Readonly<Record<string, string>>;
}>;

/** What flags are read beside: the environment, the profile of the AWS configuration, our own version, a planner. */
export type Surroundings = Readonly<{
  env: Readonly<Record<string, string | undefined>>;
  profile: Readonly<{ roleArn?: string; region?: string }> | null;
  version: string;
  /** Null where no planner is at hand: then an instance type must be named. */
  chooseInstance: ChooseInstance | null;
}>;

/** The variant that all traffic goes to; SageMaker's own tools call it so, too. */
export const variantName = "AllTraffic";

const namePattern = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/;
const nameRule = "at most 63 letters, digits and hyphens, with a letter or digit at both ends";

type Common = Readonly<{
  mode: "sync" | "async" | "serverless" | "batch";
  hasGpu: boolean;
  surroundings: Surroundings;
}>;

/** The flags that every mode has; the image's usual name follows from account, region, version and instance type. */
export function readCommon(reader: FlagReader, { mode, hasGpu, surroundings }: Common): CommonSpec {
  const nameFlag = mode === "batch" ? "job-name" : "endpoint-name";
  const name = reader.required(nameFlag, nameRule);
  reader.matching(nameFlag, name, namePattern, nameRule);
  const region = readRegion(reader, surroundings);
  const roleArn = readRole(reader, surroundings);
  const accountId = roleArn.split(":")[4] ?? "";
  const usualImage = toUsualImage({ accountId, region, tag: `${surroundings.version}-${hasGpu ? "gpu" : "cpu"}` });
  return {
    name,
    region,
    accountId,
    roleArn,
    imageUri: readImage(reader, { surroundings, region, usualImage }),
    modelUri: readModelUri(reader),
    modelVersion: null,
    environment: readEnvironment(reader, { mode, name, region, variantName }),
    tags: readTags(reader, name, surroundings.version),
  };
}

function readRegion(reader: FlagReader, { env, profile }: Surroundings): string {
  const region = reader.text("region") ?? (env.AWS_REGION || env.AWS_DEFAULT_REGION || profile?.region);
  if (region === undefined) reader.refuse("--region is missing, and neither AWS_REGION nor the profile has one");
  return reader.matching("region", region ?? "", /^[a-z]{2}(-[a-z]+)+-\d$/, "a region such as us-east-1");
}

/** SAGEMAKER_ROLE is V4's name for it. */
function readRole(reader: FlagReader, { env, profile }: Surroundings): string {
  const role = reader.text("role-arn") ?? (env.SAGEMAKER_ROLE || profile?.roleArn);
  if (role === undefined) {
    reader.refuse("--role-arn is missing, and neither SAGEMAKER_ROLE nor role_arn of the profile names the role");
  }
  return reader.matching("role-arn", role ?? "", rolePattern, roleRule);
}

function toUsualImage({
  accountId,
  region,
  tag,
}: Readonly<{ accountId: string; region: string; tag: string }>): string {
  const suffix = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return `${accountId}.dkr.ecr.${region}.${suffix}/stygig:${tag}`;
}

type ImagePlace = Readonly<{ surroundings: Surroundings; region: string; usualImage: string }>;

function readImage(reader: FlagReader, { surroundings, region, usualImage }: ImagePlace): string {
  const image = reader.text("image-uri") ?? (surroundings.env.STYGIG_IMAGE_URI || usualImage);
  reader.matching("image-uri", image, /^\S{1,255}$/, "an image's address without spaces, at most 255 characters");
  const imageRegion = /^\d{12}\.dkr\.ecr\.([a-z0-9-]+)\./.exec(image)?.[1];
  if (imageRegion !== undefined && region !== "" && imageRegion !== region) {
    reader.refuse(`--image-uri is in ${imageRegion}; endpoints and jobs in ${region} take images from there alone`);
  }
  return image;
}

function readModelUri(reader: FlagReader): string {
  const uri = reader.required("model-uri", "the artifact, as s3://bucket/model.tar.gz");
  const place = parseS3Uri(uri);
  if (uri !== "" && (place === null || !/[^/]\.tar\.gz$/.test(place.key) || uri.length > 1024)) {
    reader.refuse(`--model-uri must be s3://bucket/<...>.tar.gz, the bucket of 3 to 63 characters, not "${uri}"`);
  }
  return uri;
}

/** Our own tags, and those of `--tag`. */
export function readTags(reader: FlagReader, name: string, version: string): Readonly<Record<string, string>> {
  const tags: Record<string, string> = { "stygig:deployment": name, "stygig:version": version };
  for (const text of reader.texts("tag")) {
    const [, key, value] = /^([^=]{1,128})=(.{0,256})$/s.exec(text) ?? [];
    const isFit = /^[\p{L}\p{Z}\p{N}_.:/+\-@]*$/u.test(`${key}${value}`);
    if (key === undefined || value === undefined || !isFit || /^(aws|stygig):/i.test(key)) {
      reader.refuse(`--tag must be key=value of letters, digits, spaces and _.:/+-@, not "${text}"`);
    } else {
      tags[key] = value;
    }
  }
  if (Object.keys(tags).length > 50) reader.refuse("--tag comes more often than the 48 times that there is room for");
  return tags;
}
