import { basename } from "node:path";
import { toTagList } from "./calls-tags.js";
import type { CatalogJobSpec } from "./catalog-job-spec.js";
import { toHashedName } from "./names.js";
import type { PlannedCall } from "./planned-call.js";

/** Two jobs, one after the other. */
export type CatalogJobPlan = Readonly<{
  see: PlannedCall;
  build: PlannedCall;
  /** Where the packed artifact will lie. */
  modelUri: string;
}>;

const inputs = "/opt/ml/processing/input";
const output = "/opt/ml/processing/output";
/** Where a processing machine finds which of the job's it is. */
const resourceConfig = "/opt/ml/config/resourceconfig.json";

/**
 * Many machines look at a part of the pictures each, by S3 key, and keep what they show; then one builds the catalog from
 * what they kept. Pure: the same spec gives the same names, so a job that was started is not started twice.
 */
export function planCatalogJob(spec: CatalogJobSpec): CatalogJobPlan {
  const cacheUri = `${spec.outputUri}cache/`;
  const shared = toBuildFlags(spec);
  const [imagesInput, others] = [toImagesInput(spec), [...toItemsInput(spec), ...toEncoderInput(spec)]];
  // Pictures of a bucket can be dealt out before a machine starts; those at URLs each machine has to choose itself.
  const isDealt = spec.fetchImages === null;
  const see = planJob(spec, "see", {
    parameters: ["catalog", "see", ...shared, ...(isDealt ? [] : ["--shard", resourceConfig]), "--cache", output],
    inputs: [...imagesInput(isDealt), ...others],
    outputUri: cacheUri,
    instanceCount: spec.instanceCount,
  });
  const artifact = ["--out", "/tmp/artifact", "--pack", `${output}/model.tar.gz`];
  const build = planJob(spec, "build", {
    parameters: ["catalog", "build", ...shared, "--cache", `${inputs}/cache`, ...artifact],
    inputs: [...imagesInput(false), toInput({ uri: cacheUri, name: "cache" }), ...others],
    outputUri: spec.outputUri,
    instanceCount: 1,
  });
  return { see, build, modelUri: `${spec.outputUri}model.tar.gz` };
}

function toBuildFlags(spec: CatalogJobSpec): readonly string[] {
  const { imagesUri, itemsUri, fetchImages, thumbnails, precision, encoderUri } = spec;
  return [
    ...(imagesUri === null ? [] : ["--images", `${inputs}/images`]),
    ...(itemsUri === null ? [] : ["--items", `${inputs}/items/${basename(itemsUri)}`]),
    ...(fetchImages === null ? [] : ["--fetch-images", fetchImages, "--downloads", "/tmp/downloads"]),
    ...["--precision", precision],
    ...(thumbnails === null ? [] : ["--thumbnails", String(thumbnails)]),
    ...(encoderUri === null ? [] : ["--encoder", `${inputs}/encoder`]),
  ];
}

type Input = Readonly<{ uri: string; name: string; isSharded?: boolean }>;

function toInput({ uri, name, isSharded = false }: Input) {
  return {
    InputName: name,
    S3Input: {
      ...{ S3Uri: uri, LocalPath: `${inputs}/${name}`, S3DataType: "S3Prefix", S3InputMode: "File" },
      S3DataDistributionType: isSharded ? "ShardedByS3Key" : "FullyReplicated",
    },
  };
}

function toImagesInput({ imagesUri }: CatalogJobSpec) {
  return (isSharded: boolean) => (imagesUri === null ? [] : [toInput({ uri: imagesUri, name: "images", isSharded })]);
}

/** S3 takes the whole key for a prefix: one file comes, and keeps its name. */
function toItemsInput({ itemsUri }: CatalogJobSpec) {
  return itemsUri === null ? [] : [toInput({ uri: itemsUri, name: "items" })];
}

function toEncoderInput({ encoderUri }: CatalogJobSpec) {
  return encoderUri === null ? [] : [toInput({ uri: encoderUri, name: "encoder" })];
}

type Job = Readonly<{
  parameters: readonly string[];
  inputs: readonly object[];
  outputUri: string;
  instanceCount: number;
}>;

function planJob(
  spec: CatalogJobSpec,
  step: string,
  { parameters, inputs: from, outputUri, instanceCount }: Job,
): PlannedCall {
  const content = {
    AppSpecification: {
      ImageUri: spec.imageUri,
      // What the image itself runs, with other words behind it than `serve`.
      ContainerEntrypoint: ["node", "/opt/stygig/bin/stygig"],
      ContainerArguments: parameters,
    },
    ProcessingInputs: from,
    ProcessingOutputConfig: {
      Outputs: [
        {
          OutputName: step,
          S3Output: { S3Uri: outputUri, LocalPath: output, S3UploadMode: "EndOfJob" },
        },
      ],
    },
    ProcessingResources: {
      ClusterConfig: {
        InstanceCount: instanceCount,
        InstanceType: spec.instanceType,
        VolumeSizeInGB: spec.volumeGb,
      },
    },
    RoleArn: spec.roleArn,
    StoppingCondition: { MaxRuntimeInSeconds: spec.maxRuntimeS },
  };
  const name = toHashedName(`${spec.name}-${step}`, [content, spec.run]);
  const input = { ProcessingJobName: name, ...content, Tags: toTagList(spec.tags) };
  return { service: "sagemaker", operation: "CreateProcessingJob", input };
}
