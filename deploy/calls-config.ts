import { toTagList } from "./calls-tags.js";
import { toHashedName } from "./names.js";
import type { PlannedCall } from "./planned-call.js";
import type { EndpointSpec } from "./spec.js";
import { variantName } from "./spec-common.js";
import type { HostSpec } from "./spec-hosts.js";
import type { AsyncOutput } from "./spec-jobs.js";

/** The endpoint's configuration, which never changes: other content is another one, by its hashed name. */
export function planEndpointConfig(
  spec: EndpointSpec,
  modelName: string,
): Readonly<{ name: string; call: PlannedCall }> {
  const content = {
    ProductionVariants: [{ VariantName: variantName, ModelName: modelName, ...toVariant(spec) }],
    ...(spec.mode === "async" ? { AsyncInferenceConfig: toAsyncConfig(spec.output) } : {}),
  };
  const name = toHashedName(spec.name, content);
  const input = { EndpointConfigName: name, ...content, Tags: toTagList(spec.tags) };
  return { name, call: { service: "sagemaker", operation: "CreateEndpointConfig", input } };
}

function toVariant(spec: EndpointSpec): Readonly<Record<string, unknown>> {
  switch (spec.mode) {
    case "sync":
      // Pictures differ in size and a cache hit costs nothing: the least busy instance, not a random one.
      return { ...toHostFields(spec.hosts), RoutingConfig: { RoutingStrategy: "LEAST_OUTSTANDING_REQUESTS" } };
    case "async":
      return toHostFields(spec.hosts);
    case "serverless": {
      const { memoryMb, maxConcurrency, provisionedConcurrency } = spec.serverless;
      const provisioned = provisionedConcurrency === null ? {} : { ProvisionedConcurrency: provisionedConcurrency };
      return { ServerlessConfig: { MemorySizeInMB: memoryMb, MaxConcurrency: maxConcurrency, ...provisioned } };
    }
  }
}

function toHostFields(hosts: HostSpec): Readonly<Record<string, unknown>> {
  return {
    InstanceType: hosts.instanceType,
    InitialInstanceCount: hosts.instanceCount,
    ContainerStartupHealthCheckTimeoutInSeconds: hosts.startupTimeoutS,
    ...(hosts.inferenceAmiVersion === null ? {} : { InferenceAmiVersion: hosts.inferenceAmiVersion }),
  };
}

function toAsyncConfig(output: AsyncOutput): Readonly<Record<string, unknown>> {
  const topics = {
    ...(output.successTopicArn === null ? {} : { SuccessTopic: output.successTopicArn }),
    ...(output.errorTopicArn === null ? {} : { ErrorTopic: output.errorTopicArn }),
  };
  return {
    OutputConfig: {
      S3OutputPath: output.outputUri,
      S3FailurePath: output.failureUri,
      ...(Object.keys(topics).length === 0 ? {} : { NotificationConfig: topics }),
    },
    ClientConfig: { MaxConcurrentInvocationsPerInstance: output.maxConcurrentPerInstance },
  };
}
