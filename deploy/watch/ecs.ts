import type { PlannedCall } from "../planned-call.js";
import type { EcsSpec } from "./ecs-spec.js";

/** Where the server looks for its artifact by default, as on SageMaker. */
const modelFolder = "/opt/ml/model";
/** The server ends within 25 s of SIGTERM. */
const stopSeconds = 30;

/** The log group, the task definition and the service, in this order. */
export function planEcs(spec: EcsSpec): readonly PlannedCall[] {
  const logGroupName = `/ecs/${spec.serviceName}`;
  return [
    { service: "logs", operation: "CreateLogGroup", input: { logGroupName } },
    {
      service: "logs",
      operation: "PutRetentionPolicy",
      input: { logGroupName, retentionInDays: spec.logRetentionDays },
    },
    { service: "ecs", operation: "RegisterTaskDefinition", input: toTaskDefinition(spec, logGroupName) },
    { service: "ecs", operation: "CreateService", input: toService(spec) },
  ];
}

function toTaskDefinition(spec: EcsSpec, logGroupName: string): PlannedCall["input"] {
  const log = (streamPrefix: string) => ({
    logDriver: "awslogs",
    options: {
      "awslogs-group": logGroupName,
      "awslogs-region": spec.region,
      "awslogs-stream-prefix": streamPrefix,
    },
  });
  const folder = spec.environment.STYGIG_MODEL_DIR ?? modelFolder;
  const server = { ...toServer(spec, folder), logConfiguration: log("server") };
  const containers =
    spec.modelUri === null
      ? [server]
      : [{ ...toFetcher(spec, spec.modelUri, folder), logConfiguration: log("artifact") }, server];
  return {
    family: spec.serviceName,
    executionRoleArn: spec.executionRoleArn,
    taskRoleArn: spec.taskRoleArn,
    networkMode: "awsvpc",
    requiresCompatibilities: [spec.capacityProvider === null ? "FARGATE" : "EC2"],
    cpu: String(spec.cpu),
    memory: String(spec.memoryMib),
    runtimePlatform: {
      cpuArchitecture: spec.architecture === "arm64" ? "ARM64" : "X86_64",
      operatingSystemFamily: "LINUX",
    },
    volumes: spec.modelUri === null ? [{ name: "temporary" }] : [{ name: "temporary" }, { name: "artifact" }],
    containerDefinitions: containers,
  };
}

const temporary = { sourceVolume: "temporary", containerPath: "/tmp", readOnly: false };

/** Fetches the artifact by the task's role, then ends; the server waits for that. */
function toFetcher({ imageUri, region }: EcsSpec, modelUri: string, folder: string) {
  return {
    name: "artifact",
    image: imageUri,
    essential: false,
    command: ["catalog", "fetch", "--from", modelUri, "--out", folder],
    environment: [{ name: "AWS_REGION", value: region }],
    readonlyRootFilesystem: true,
    mountPoints: [temporary, { sourceVolume: "artifact", containerPath: folder, readOnly: false }],
  };
}

function toServer(spec: EcsSpec, folder: string) {
  const hasArtifact = spec.modelUri !== null;
  const artifact = { sourceVolume: "artifact", containerPath: folder, readOnly: true };
  return {
    name: "stygig",
    image: spec.imageUri,
    essential: true,
    command: ["serve"],
    environment: Object.entries(spec.environment).map(([name, value]) => ({ name, value })),
    portMappings: [{ containerPort: spec.port, protocol: "tcp" }],
    healthCheck: toHealthCheck(spec.port),
    stopTimeout: stopSeconds,
    readonlyRootFilesystem: true,
    mountPoints: hasArtifact ? [temporary, artifact] : [temporary],
    ...(spec.gpus > 0 ? { resourceRequirements: [{ type: "GPU", value: String(spec.gpus) }] } : {}),
    ...(hasArtifact ? { dependsOn: [{ containerName: "artifact", condition: "SUCCESS" }] } : {}),
  };
}

/** There is no curl in the images, and Node is. Five minutes for loading, the most that ECS waits before it counts. */
function toHealthCheck(port: number) {
  const ask = `fetch("http://127.0.0.1:${port}/ping").then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))`;
  return { command: ["CMD", "node", "-e", ask], interval: 15, timeout: 5, retries: 3, startPeriod: 300 };
}

function toService(spec: EcsSpec): PlannedCall["input"] {
  const { serviceName, capacityProvider, targetGroupArn } = spec;
  return {
    cluster: spec.cluster,
    serviceName,
    // The latest of its family: the one registered just before.
    taskDefinition: serviceName,
    desiredCount: spec.count,
    ...(capacityProvider === null
      ? { launchType: "FARGATE" }
      : { capacityProviderStrategy: [{ capacityProvider, weight: 1 }] }),
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: spec.subnets,
        securityGroups: spec.securityGroups,
        ...(capacityProvider === null ? { assignPublicIp: spec.hasPublicIp ? "ENABLED" : "DISABLED" } : {}),
      },
    },
    // New servers before old ones go, and back by itself when they do not become healthy.
    deploymentConfiguration: {
      minimumHealthyPercent: 100,
      maximumPercent: 200,
      deploymentCircuitBreaker: { enable: true, rollback: true },
    },
    ...(targetGroupArn === null
      ? {}
      : {
          loadBalancers: [{ targetGroupArn, containerName: "stygig", containerPort: spec.port }],
          healthCheckGracePeriodSeconds: 300,
        }),
    enableECSManagedTags: true,
    propagateTags: "SERVICE",
  };
}
