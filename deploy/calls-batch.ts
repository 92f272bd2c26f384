import { planModel } from "./calls-model.js";
import { toTagList } from "./calls-tags.js";
import type { DeploymentPlan } from "./plan.js";
import type { DeploySpec } from "./spec.js";
import type { BatchJob } from "./spec-jobs.js";

type BatchSpec = Extract<DeploySpec, { mode: "batch" }>;

/** The platform's own number of tries after the first. */
const maxRetries = 3;

/** A model and a transform job over it. A job's name is taken for ever, so the same job is never run twice by mistake. */
export function planBatch(spec: BatchSpec): DeploymentPlan {
  const { hosts, job } = spec;
  const model = planModel(spec);
  const input = {
    TransformJobName: spec.name,
    ModelName: model.name,
    ...(job.maxConcurrent === null ? {} : { MaxConcurrentTransforms: job.maxConcurrent }),
    ModelClientConfig: { InvocationsTimeoutInSeconds: job.invocationTimeoutS, InvocationsMaxRetries: maxRetries },
    MaxPayloadInMB: job.maxPayloadMb,
    ...toRecordFields(job),
    TransformResources: {
      InstanceType: hosts.instanceType,
      InstanceCount: hosts.instanceCount,
      ...(hosts.transformAmiVersion === null ? {} : { TransformAmiVersion: hosts.transformAmiVersion }),
    },
    Tags: toTagList(spec.tags),
  };
  return {
    names: { model: model.name, endpointConfig: null },
    prepare: [model.call],
    create: { service: "sagemaker", operation: "CreateTransformJob", input },
    update: null,
    finish: [],
  };
}

/** JSON Lines: as many whole lines as fit, an answer line for each. Pictures: a file is a request. */
function toRecordFields({ inputUri, outputUri, contentType, byLine }: BatchJob): Readonly<Record<string, unknown>> {
  return {
    ...(byLine ? { BatchStrategy: "MultiRecord" } : {}),
    TransformInput: {
      DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri: inputUri } },
      ContentType: contentType,
      SplitType: byLine ? "Line" : "None",
    },
    TransformOutput: {
      S3OutputPath: outputUri,
      Accept: byLine ? contentType : "application/json",
      AssembleWith: byLine ? "Line" : "None",
    },
  };
}
