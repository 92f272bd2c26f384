import type { Parsed } from "../src/domain/parsed.js";
import { orAbsent } from "./aws-failure.js";
import type { SendCall } from "./planned-call.js";
import { parseS3Uri } from "./s3-uri.js";
import type { DeploySpec } from "./spec.js";
import { findServerlessProblems } from "./spec-serverless.js";

type Answer = Readonly<Record<string, unknown>>;

/**
 * The spec with what its image's tag and its artifact's address lead to today, so that what is deployed is what was found:
 * a tag that moves afterwards, or another object under the address, is another deployment. Every problem at once.
 * @throws the service's error
 */
export async function resolveSpec<Spec extends DeploySpec>(send: SendCall, spec: Spec): Promise<Parsed<Spec>> {
  const [image, model] = [await resolveImage(send, spec.imageUri), await resolveModel(send, spec.modelUri)];
  const problems = [image, model].flatMap((each) => ("problems" in each ? each.problems : []));
  if (spec.mode === "serverless") {
    // Both are packed, so what is too large is too large even so; what is not may still be.
    problems.push(...findServerlessProblems({ imageBytes: sizeOf(image), artifactBytes: sizeOf(model) }));
  }
  const [first, ...rest] = problems;
  if (first !== undefined) return { problems: [first, ...rest] };
  if ("problems" in image || "problems" in model) throw new RangeError("a problem without words");
  return { value: { ...spec, imageUri: image.value.name, modelVersion: model.value.name } };
}

/** What something is called for good, and its size as it lies there. */
export type Pinned = Readonly<{ name: string; bytes: number | null }>;

const sizeOf = (pinned: Parsed<Pinned>) => ("value" in pinned ? pinned.value.bytes : null);
const toBytes = (value: unknown) => (typeof value === "number" ? value : null);

const imagePattern =
  /^(\d{12})\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\/([^:@]+)(?::([^@]+))?(@sha256:[0-9a-f]{64})?$/;
/** SageMaker takes one image for one platform, in Docker's own types. */
const indexTypes = new Set([
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
]);

/** What an image's tag leads to today. @throws the service's error */
export async function resolveImage(send: SendCall, imageUri: string): Promise<Parsed<Pinned>> {
  const [, registryId, repositoryName, tag = "latest", digest] = imagePattern.exec(imageUri) ?? [];
  if (repositoryName === undefined)
    return { problems: [`--image-uri ${imageUri} is not in ECR, where SageMaker reads`] };
  const id = digest === undefined ? { imageTag: tag } : { imageDigest: digest.slice(1) };
  const input = { registryId, repositoryName, imageIds: [id] };
  const found = await orAbsent(send({ service: "ecr", operation: "DescribeImages", input }));
  const [detail] = (found?.imageDetails ?? []) as readonly Answer[];
  if (detail === undefined) {
    return {
      problems: [`--image-uri ${imageUri} is not in the repository: \`stygig deploy image\` builds and pushes it`],
    };
  }
  if (indexTypes.has(String(detail.imageManifestMediaType))) {
    return {
      problems: [`--image-uri ${imageUri} is a list of images, which SageMaker refuses: push one platform's alone`],
    };
  }
  const host = imageUri.slice(0, imageUri.indexOf("/"));
  const name = `${host}/${repositoryName}@${detail.imageDigest}`;
  return { value: { name, bytes: toBytes(detail.imageSizeInBytes) } };
}

/** The object's version where its bucket keeps versions, else its ETag. */
async function resolveModel(send: SendCall, modelUri: string): Promise<Parsed<Pinned>> {
  const place = parseS3Uri(modelUri);
  if (place === null) return { problems: [`--model-uri ${modelUri} is no S3 address`] };
  const input = { Bucket: place.bucket, Key: place.key };
  const found = await orAbsent(send({ service: "s3", operation: "HeadObject", input }).catch(refuseOtherRegion));
  if (found === "elsewhere") {
    return { problems: [`--model-uri ${modelUri} is in another region, and SageMaker reads its own region's buckets`] };
  }
  if (found === null)
    return { problems: [`--model-uri ${modelUri} is not there: \`stygig deploy pipeline\` uploads one`] };
  const version = found.VersionId ?? found.ETag;
  if (typeof version === "string" && version !== "") {
    return { value: { name: version.replaceAll('"', ""), bytes: toBytes(found.ContentLength) } };
  }
  return { problems: [`--model-uri ${modelUri} has neither version nor ETag`] };
}

/** S3 sends whoever asks in the wrong region on to the right one. */
function refuseOtherRegion(error: unknown): "elsewhere" {
  const { $metadata } = error as Readonly<{ $metadata?: Readonly<{ httpStatusCode?: number }> }>;
  if ($metadata?.httpStatusCode === 301) return "elsewhere";
  throw error;
}
