import type { FlagReader } from "./spec-flags.js";

const memorySizes = ["1024", "2048", "3072", "4096", "5120", "6144"] as const;
const gibibyte = 1024 ** 3;

/** The platform's limits on what serverless endpoints take. */
const maxImageBytes = 10 * gibibyte;
const maxDiskBytes = 5 * gibibyte;

export type ServerlessSpec = Readonly<{
  memoryMb: number;
  maxConcurrency: number;
  /** Instances kept warm, which are paid for by the hour; null keeps none. */
  provisionedConcurrency: number | null;
}>;

/** Memory and concurrency. 3 GB hold CLIP in fp32 beside Node; five at once is what SageMaker's own SDK starts with. */
export function readServerless(reader: FlagReader, imageUri: string): ServerlessSpec {
  const maxConcurrency = reader.wholeNumber("max-concurrency", 5, { min: 1, max: 200 });
  const provisioned = reader.wholeNumber("provisioned-concurrency", 0, { min: 1, max: 200 });
  if (provisioned > maxConcurrency) {
    reader.refuse(`--provisioned-concurrency, ${provisioned}, must not exceed --max-concurrency, ${maxConcurrency}`);
  }
  if (/:[^/]*-gpu$/.test(imageUri)) reader.refuse(`--image-uri ${imageUri}: serverless endpoints have no GPU`);
  return {
    memoryMb: Number(reader.oneOf("memory-mb", "3072", memorySizes)),
    maxConcurrency,
    provisionedConcurrency: provisioned === 0 ? null : provisioned,
  };
}

/** What serverless endpoints would refuse of an image and an unpacked artifact; sizes in bytes, null where not known. */
export function findServerlessProblems(
  sizes: Readonly<{ imageBytes: number | null; artifactBytes: number | null }>,
): readonly string[] {
  const { imageBytes, artifactBytes } = sizes;
  const problems: string[] = [];
  const show = (bytes: number) => `${(bytes / gibibyte).toFixed(1)} GiB`;
  if (imageBytes !== null && imageBytes > maxImageBytes) {
    problems.push(`the image has ${show(imageBytes)}, and serverless endpoints take ${show(maxImageBytes)} at most`);
  }
  if (artifactBytes !== null && artifactBytes > maxDiskBytes) {
    problems.push(
      `the artifact has ${show(artifactBytes)}, and the disk of a serverless endpoint ${show(maxDiskBytes)}`,
    );
  }
  return problems;
}
