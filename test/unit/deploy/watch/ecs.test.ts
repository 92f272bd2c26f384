import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { validateCall } from "../../../../deploy/models/validate-call.js";
import type { Flags } from "../../../../deploy/spec-flags.js";
import { planEcs } from "../../../../deploy/watch/ecs.js";
import { type EcsSpec, parseEcsSpec } from "../../../../deploy/watch/ecs-spec.js";
import { fargateProblem } from "../../../../deploy/watch/fargate-sizes.js";

const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
const enough: Flags = {
  "service-name": "look",
  region: "eu-west-1",
  "image-uri": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/stygig:1-cpu",
  "model-uri": "s3://looks/model.tar.gz",
  "execution-role-arn": role("pull"),
  "task-role-arn": role("look"),
  subnet: ["subnet-0123456789abcdef0"],
  "security-group": ["sg-0123456789abcdef0"],
};
const onGpu: Flags = { gpus: "1", "capacity-provider": "gpus", cpu: "3584", "memory-mib": "14336" };

function parsed(flags: Flags = {}): EcsSpec {
  const spec = parseEcsSpec({ ...enough, ...flags }, {});
  if ("problems" in spec) throw new Error(spec.problems.join("; "));
  return spec.value;
}

function problemsOf(flags: Flags): readonly string[] {
  const spec = parseEcsSpec({ ...enough, ...flags }, {});
  return "problems" in spec ? spec.problems : [];
}

type Container = Readonly<{
  name: string;
  command: readonly string[];
  essential: boolean;
  environment: readonly Readonly<{ name: string; value: string }>[];
  healthCheck?: Readonly<{ command: readonly string[] }>;
  resourceRequirements?: readonly unknown[];
  dependsOn?: readonly unknown[];
  portMappings?: readonly unknown[];
  mountPoints: readonly Readonly<{ sourceVolume: string; containerPath: string; readOnly: boolean }>[];
  logConfiguration: Readonly<{ options: Readonly<Record<string, string>> }>;
}>;

function planned(flags: Flags = {}) {
  const calls = planEcs(parsed(flags));
  expect(calls.flatMap(validateCall)).toEqual([]);
  const inputOf = (name: string) => calls.find(({ operation }) => operation === name)!.input;
  const task = inputOf("RegisterTaskDefinition");
  const containers = task.containerDefinitions as readonly Container[];
  return { calls, task, containers, server: containers.at(-1)!, service: inputOf("CreateService"), inputOf };
}

describe("on Fargate", () => {
  it("is a log group with an end, a task definition and a service, as ECS takes them", () => {
    const { calls, task, service, server, inputOf } = planned();
    expect(calls.map(({ operation }) => operation)).toEqual([
      ...["CreateLogGroup", "PutRetentionPolicy", "RegisterTaskDefinition", "CreateService"],
    ]);
    expect(inputOf("PutRetentionPolicy")).toEqual({ logGroupName: "/ecs/look", retentionInDays: 30 });
    expect(server.logConfiguration.options["awslogs-group"]).toBe("/ecs/look");
    expect(task).toMatchObject({ family: "look", requiresCompatibilities: ["FARGATE"], cpu: "2048", memory: "4096" });
    expect(service).toMatchObject({ launchType: "FARGATE", taskDefinition: "look", desiredCount: 1 });
    expect(service).not.toHaveProperty("capacityProviderStrategy");
    expect(server).not.toHaveProperty("resourceRequirements");
  });

  it("has no GPUs, and says so", () => {
    expect(problemsOf({ gpus: "1" })).toEqual([expect.stringContaining("--gpus: Fargate has no GPUs")]);
    expect(problemsOf({ gpus: "1", "capacity-provider": "FARGATE" })).toEqual([
      expect.stringContaining("Fargate has no GPUs"),
    ]);
  });

  it.each([
    [256, 512, true],
    [256, 1024, true],
    [256, 1536, false],
    [256, 4096, false],
    [512, 4096, true],
    [1024, 1024, false],
    [2048, 4096, true],
    [2048, 4097, false],
    [4096, 30_720, true],
    [4096, 31_744, false],
    [8192, 20_480, true],
    [8192, 18_432, false],
    [16_384, 122_880, true],
    [16_384, 36_864, false],
    [3000, 4096, false],
  ])("with %i CPU units and %i MiB is there: %s", (cpu, memoryMib, isThere) => {
    expect(fargateProblem(cpu, memoryMib) === null).toBe(isThere);
    expect(problemsOf({ cpu: String(cpu), "memory-mib": String(memoryMib) }).length).toBe(isThere ? 0 : 1);
  });
});

describe("on instances with GPUs", () => {
  it("asks for the GPU and for the capacity provider, which knows its own sizes", () => {
    const { task, server, service } = planned(onGpu);
    expect(server.resourceRequirements).toEqual([{ type: "GPU", value: "1" }]);
    expect(task).toMatchObject({ requiresCompatibilities: ["EC2"], cpu: "3584", memory: "14336" });
    expect(service.capacityProviderStrategy).toEqual([{ capacityProvider: "gpus", weight: 1 }]);
    expect(service).not.toHaveProperty("launchType");
    // EC2 tasks cannot have a public address of their own.
    expect(JSON.stringify(service)).not.toContain("assignPublicIp");
  });

  it("has no arm64 image", () => {
    expect(problemsOf({ ...onGpu, "image-arch": "arm64" })).toEqual([expect.stringContaining("amd64 alone")]);
  });
});

describe("the server", () => {
  it("waits for its artifact, reads it only, and may write to /tmp alone", () => {
    const { containers, server } = planned();
    expect(containers.map(({ name, essential }) => [name, essential])).toEqual([
      ["artifact", false],
      ["stygig", true],
    ]);
    expect(containers[0]!.command).toEqual([
      ...["catalog", "fetch", "--from", "s3://looks/model.tar.gz", "--out", "/opt/ml/model"],
    ]);
    expect(server.dependsOn).toEqual([{ containerName: "artifact", condition: "SUCCESS" }]);
    expect(server.mountPoints.filter(({ readOnly }) => !readOnly).map(({ containerPath }) => containerPath)).toEqual([
      "/tmp",
    ]);
    const inImage = planned({ "model-uri": undefined, "artifact-in-image": true });
    expect(inImage.containers).toHaveLength(1);
    expect(inImage.server).not.toHaveProperty("dependsOn");
  });

  it("gets the variables that the server itself takes, and listens where they say", () => {
    const { server } = planned({ env: ["STYGIG_LOG_LEVEL=warn", "PORT=9000", "STYGIG_MODEL_DIR=/srv/look"] });
    expect(server.environment).toEqual([
      { name: "AWS_REGION", value: "eu-west-1" },
      { name: "STYGIG_LOG_LEVEL", value: "warn" },
      { name: "PORT", value: "9000" },
      { name: "STYGIG_MODEL_DIR", value: "/srv/look" },
    ]);
    expect(server.portMappings).toEqual([{ containerPort: 9000, protocol: "tcp" }]);
    expect(server.healthCheck!.command.at(-1)).toContain("127.0.0.1:9000/ping");
    expect(server.mountPoints.map(({ containerPath }) => containerPath)).toContain("/srv/look");
    expect(problemsOf({ env: ["STYGIG_LOGLEVEL=warn", "PORT"] })).toEqual([
      '--env must be KEY=VALUE, not "PORT"',
      "--env: STYGIG_LOGLEVEL is not a variable of this server.",
    ]);
    expect(problemsOf({ env: ["PORT=0"] })).toEqual([expect.stringContaining("needs a port that is known")]);
  });

  it("is put behind a load balancer, whose checks wait for it to load", () => {
    const targetGroupArn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/look/0123456789abcdef";
    const { service } = planned({ "target-group-arn": targetGroupArn });
    expect(service).toMatchObject({
      loadBalancers: [{ targetGroupArn, containerName: "stygig", containerPort: 8080 }],
      healthCheckGracePeriodSeconds: 300,
    });
    expect(planned().service).not.toHaveProperty("healthCheckGracePeriodSeconds");
  });
});

it("every problem is told at once", () => {
  expect(parseEcsSpec({ "model-uri": "s3://looks/model.zip", subnet: ["net"], cpu: "x" }, {})).toMatchObject({
    problems: [
      expect.stringContaining("--region is missing"),
      expect.stringContaining("--service-name is missing"),
      expect.stringContaining("--image-uri is missing"),
      expect.stringContaining("--model-uri must be s3://bucket/<...>.tar.gz"),
      expect.stringContaining("--execution-role-arn is missing"),
      expect.stringContaining("--task-role-arn is missing"),
      expect.stringContaining("--cpu must be a whole number"),
      expect.stringContaining("--subnet must be a subnet's id"),
    ],
  });
  expect(problemsOf({ "model-uri": undefined })).toEqual([expect.stringContaining("either --model-uri")]);
  expect(problemsOf({ subnet: [""], "security-group": ["sg-x"] })).toHaveLength(2);
  expect(problemsOf({ "artifact-in-image": true })).toEqual([expect.stringContaining("either --model-uri")]);
});

it("flags of any text never throw, and what passes is what AWS takes", () => {
  const text = fc.oneof(fc.string(), fc.constantFrom("1", "0", "4096", "look", "FARGATE", "gpus", "30"));
  const names = ["service-name", "cluster", "cpu", "memory-mib", "gpus", "capacity-provider", "count", "image-uri"];
  const some = fc.dictionary(fc.constantFrom(...names), text);
  fc.assert(
    fc.property(some, (flags) => {
      const spec = parseEcsSpec({ ...enough, ...flags }, {});
      if ("value" in spec) expect(planEcs(spec.value).flatMap(validateCall)).toEqual([]);
    }),
  );
});
