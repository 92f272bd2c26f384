import { parseServerConfig } from "../../src/config.js";
import type { Parsed } from "../../src/domain/parsed.js";
import { readLogRetention } from "../log-retention.js";
import { rolePattern, roleRule } from "../role-arn.js";
import { parseS3Uri } from "../s3-uri.js";
import { createFlagReader, type FlagReader, type Flags } from "../spec-flags.js";
import { fargateProblem } from "./fargate-sizes.js";
import { readEach, readWatchedRegion } from "./watch-spec.js";

/** The container as a service on ECS. */
export type EcsSpec = Readonly<{
  serviceName: string;
  cluster: string;
  region: string;
  imageUri: string;
  architecture: "amd64" | "arm64";
  /** Where the artifact is fetched from before the server starts; null where the image has it. */
  modelUri: string | null;
  executionRoleArn: string;
  taskRoleArn: string;
  /** CPU units, 1024 to a vCPU. */
  cpu: number;
  memoryMib: number;
  gpus: number;
  /** Instances of our own, which alone have GPUs; null is Fargate. */
  capacityProvider: string | null;
  count: number;
  subnets: readonly string[];
  securityGroups: readonly string[];
  hasPublicIp: boolean;
  targetGroupArn: string | null;
  port: number;
  environment: Readonly<Record<string, string>>;
  logRetentionDays: number;
}>;

type Environment = Readonly<Record<string, string | undefined>>;

/** Flags as typed, by their names without dashes -> a service, or every problem at once. */
export function parseEcsSpec(flags: Flags, env: Environment): Parsed<EcsSpec> {
  const problems: string[] = [];
  const reader = createFlagReader(flags, problems);
  const name = /^[a-zA-Z0-9][\w-]{0,254}$/;
  const nameRule = "at most 255 letters, digits, hyphens and underscores";
  const region = readWatchedRegion(reader, env);
  const { environment, port } = readEnvironment(reader, region);
  const spec: EcsSpec = {
    serviceName: reader.matching("service-name", reader.required("service-name", nameRule), name, nameRule),
    cluster: reader.matching("cluster", reader.text("cluster") ?? "default", name, nameRule),
    region,
    imageUri: readImage(reader, env),
    architecture: reader.oneOf("image-arch", "amd64", ["amd64", "arm64"]),
    modelUri: readModel(reader),
    executionRoleArn: reader.matching(
      "execution-role-arn",
      reader.required("execution-role-arn", "the role that pulls the image and writes logs"),
      ...([rolePattern, roleRule] as const),
    ),
    taskRoleArn: reader.matching(
      "task-role-arn",
      reader.required("task-role-arn", "the role that the server has: it reads the artifact, and pictures in S3"),
      ...([rolePattern, roleRule] as const),
    ),
    ...readHost(reader),
    count: reader.wholeNumber("count", 1, { min: 0, max: 1000 }),
    ...readNetwork(reader),
    port,
    environment,
    logRetentionDays: readLogRetention(reader),
  };
  if (spec.gpus > 0 && spec.architecture === "arm64") reader.refuse("--gpus: the GPU image is for amd64 alone");
  const [first, ...rest] = problems;
  return first === undefined ? { value: spec } : { problems: [first, ...rest] };
}

function readImage(reader: FlagReader, env: Environment): string {
  const image = reader.text("image-uri") ?? (env.STYGIG_IMAGE_URI || "");
  if (image === "") reader.refuse("--image-uri is missing, and STYGIG_IMAGE_URI names none");
  return reader.matching("image-uri", image, /^\S{1,255}$/, "an image's address without spaces");
}

/** Nothing else on ECS puts an artifact where the server looks for it. */
function readModel(reader: FlagReader): string | null {
  const uri = reader.text("model-uri");
  const isInImage = reader.isOn("artifact-in-image");
  if ((uri === undefined) !== isInImage) {
    reader.refuse("either --model-uri, which is fetched before the server starts, or --artifact-in-image");
  }
  if (uri === undefined) return null;
  const place = parseS3Uri(uri);
  if (place === null || !place.key.endsWith(".tar.gz")) {
    reader.refuse(`--model-uri must be s3://bucket/<...>.tar.gz, not "${uri}"`);
  }
  return uri;
}

const fargateProviders: ReadonlySet<string> = new Set(["FARGATE", "FARGATE_SPOT"]);

function readHost(reader: FlagReader): Pick<EcsSpec, "cpu" | "memoryMib" | "gpus" | "capacityProvider"> {
  const cpu = reader.wholeNumber("cpu", 2048, { min: 128, max: 196_608 });
  const memoryMib = reader.wholeNumber("memory-mib", 4096, { min: 512, max: 4_194_304 });
  const gpus = reader.wholeNumber("gpus", 0, { min: 0, max: 16 });
  const given = reader.text("capacity-provider") ?? "FARGATE";
  reader.matching("capacity-provider", given, /^[a-zA-Z0-9_-]{1,255}$/, "a capacity provider's name");
  const isFargate = fargateProviders.has(given);
  if (isFargate && gpus > 0) {
    reader.refuse("--gpus: Fargate has no GPUs; give a --capacity-provider of EC2 instances that have some");
  }
  const problem = isFargate ? fargateProblem(cpu, memoryMib) : null;
  if (problem !== null) reader.refuse(problem);
  if (given === "FARGATE_SPOT") reader.refuse("--capacity-provider FARGATE_SPOT ends servers at will: take FARGATE");
  return { cpu, memoryMib, gpus, capacityProvider: isFargate ? null : given };
}

function readNetwork(
  reader: FlagReader,
): Pick<EcsSpec, "subnets" | "securityGroups" | "hasPublicIp" | "targetGroupArn"> {
  const subnets = readEach(reader, "subnet", /^subnet-[0-9a-f]{8,17}$/, "a subnet's id");
  const securityGroups = readEach(reader, "security-group", /^sg-[0-9a-f]{8,17}$/, "a security group's id");
  if (subnets.length === 0) reader.refuse("--subnet is missing: where the tasks have their addresses; may repeat");
  if (subnets.length > 16) reader.refuse("--subnet: a service has at most 16");
  if (securityGroups.length > 5) reader.refuse("--security-group: a service has at most 5");
  const target = reader.text("target-group-arn") ?? null;
  const targetPattern = /^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:targetgroup\/\S+$/;
  reader.matching("target-group-arn", target ?? "", targetPattern, "a load balancer's target group's ARN");
  return { subnets, securityGroups, hasPublicIp: reader.isOn("assign-public-ip"), targetGroupArn: target };
}

/** The server's own variables, held against its own table; the port is what it will listen on. */
function readEnvironment(reader: FlagReader, region: string): Pick<EcsSpec, "environment" | "port"> {
  const environment: Record<string, string> = { AWS_REGION: region };
  for (const text of reader.texts("env")) {
    const [, key, value] = /^([a-zA-Z_][a-zA-Z0-9_]*)=(.*)$/s.exec(text) ?? [];
    if (key === undefined || value === undefined) reader.refuse(`--env must be KEY=VALUE, not "${text.slice(0, 100)}"`);
    else environment[key] = value;
  }
  const config = parseServerConfig(environment);
  if ("problems" in config) {
    for (const problem of config.problems) reader.refuse(`--env: ${problem}`);
    return { environment, port: 8080 };
  }
  if (config.value.port === 0) reader.refuse("--env: a service needs a port that is known, and 0 is any");
  return { environment, port: config.value.port };
}
