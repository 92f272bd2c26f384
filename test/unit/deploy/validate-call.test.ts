import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readServiceModel } from "../../../deploy/models/service-model.js";
import { validateCall } from "../../../deploy/models/validate-call.js";
import { type PlannedCall, serviceNames } from "../../../deploy/planned-call.js";

const role = "arn:aws:iam::123456789012:role/look";

function sagemaker(operation: string, input: PlannedCall["input"]): readonly string[] {
  return validateCall({ service: "sagemaker", operation, input });
}

function variant(changes: Readonly<Record<string, unknown>>): readonly string[] {
  const whole = { VariantName: "AllTraffic", ModelName: "look", InitialInstanceCount: 1, InstanceType: "ml.m5.large" };
  return sagemaker("CreateEndpointConfig", {
    EndpointConfigName: "look",
    ProductionVariants: [{ ...whole, ...changes }],
  });
}

describe("a planned call", () => {
  it("is right when the service's model says so", () => {
    const input = { ModelName: "look-1", ExecutionRoleArn: role, PrimaryContainer: { Image: "a/b:c" } };
    expect(sagemaker("CreateModel", input)).toEqual([]);
    expect(variant({})).toEqual([]);
    expect(validateCall({ service: "sts", operation: "GetCallerIdentity", input: {} })).toEqual([]);
  });

  it("is held against each member of it, every problem at once and with its place", () => {
    const problems = sagemaker("CreateModel", {
      ModelName: "look_1",
      PrimaryContainer: { Image: "a b", Environment: { "9A": "x", FINE: 1 }, Colour: "red" },
      Tags: [{ Key: "a" }],
    });
    expect(problems).toEqual([
      'sagemaker CreateModel: ModelName must match [a-zA-Z0-9]([\\-a-zA-Z0-9]*[a-zA-Z0-9])?, not "look_1"',
      'sagemaker CreateModel: PrimaryContainer.Image must match [\\S]+, not "a b"',
      expect.stringContaining('PrimaryContainer.Environment\'s key "9A" must match [a-zA-Z_][a-zA-Z0-9_]*'),
      'sagemaker CreateModel: PrimaryContainer.Environment["FINE"] must be text, not 1',
      "sagemaker CreateModel: PrimaryContainer.Colour is not a member",
      "sagemaker CreateModel: Tags[0].Value is missing",
    ]);
  });

  it.each([
    [{ InstanceType: "ml.t3.large" }, "InstanceType must be one of"],
    [{ InitialInstanceCount: 0 }, "InitialInstanceCount must be at least 1, not 0"],
    [{ InitialInstanceCount: 1.5 }, "InitialInstanceCount must be a whole number, not 1.5"],
    [{ InitialInstanceCount: "1" }, 'InitialInstanceCount must be a number, not "1"'],
    [{ InitialInstanceCount: 2 ** 31 }, "must be a whole number"],
    [{ ContainerStartupHealthCheckTimeoutInSeconds: 59 }, "must be 60 to 3600, not 59"],
    [{ InitialVariantWeight: Number.NaN }, "InitialVariantWeight must be a number"],
    [{ ServerlessConfig: { MemorySizeInMB: 6145, MaxConcurrency: 1 } }, "must be 1024 to 6144, not 6145"],
    [{ ServerlessConfig: [] }, "ServerlessConfig must be an object, not []"],
    [{ ServerlessConfig: null }, "ServerlessConfig must be an object, not null"],
    [{ EnableSSMAccess: "true" }, 'EnableSSMAccess must be true or false, not "true"'],
    [{ constructor: "x" }, "constructor is not a member"],
    [{ InitialVariantWeight: -1 }, "InitialVariantWeight must be at least 0, not -1"],
  ])("is refused with %j", (changes, problem) => {
    expect(variant(changes)).toEqual([expect.stringContaining(problem)]);
  });

  it("may leave out a member by `undefined`, but not a required one", () => {
    expect(variant({ VolumeSizeInGB: undefined })).toEqual([]);
    expect(variant({ VariantName: undefined })).toEqual([expect.stringContaining("VariantName is missing")]);
  });

  it("has lists within their length, and a line feed is no end of a text", () => {
    const config = (variants: readonly unknown[]) => ({ EndpointConfigName: "look", ProductionVariants: variants });
    expect(sagemaker("CreateEndpointConfig", config([]))).toEqual([
      expect.stringContaining("ProductionVariants must have 1 to 10 entries, not 0"),
    ]);
    const long = { Key: "k", Value: "v".repeat(257) };
    expect(sagemaker("AddTags", { ResourceArn: "arn:aws:sagemaker:a:123456789012:model/m", Tags: [long] })).toEqual([
      "sagemaker AddTags: Tags[0].Value must have 0 to 256 characters, not 257",
    ]);
    expect(sagemaker("DeleteModel", { ModelName: "look\n" })).toEqual([expect.stringContaining("must match")]);
  });

  it("has times as dates or as JSON writes them, and bytes as bytes", () => {
    const data = (StartTime: unknown) =>
      validateCall({
        service: "cloudwatch",
        operation: "GetMetricData",
        input: { MetricDataQueries: [{ Id: "a" }], StartTime, EndTime: new Date(0) },
      });
    expect(data("2026-11-21T07:00:00Z")).toEqual([]);
    expect(data("yesterday")).toEqual([expect.stringContaining('StartTime must be a time, not "yesterday"')]);
    expect(data(new Date(Number.NaN))).toHaveLength(1);
    const put = (Body: unknown) =>
      validateCall({ service: "s3", operation: "PutObject", input: { Bucket: "b", Key: "k", Body } });
    expect(put(new Uint8Array(3))).toEqual([]);
    expect(put("text")).toEqual([expect.stringContaining('Body must be bytes, not "text"')]);
  });

  it.each(["CreateNothing", "constructor", ""])("is not one of operation %j", (operation) => {
    expect(sagemaker(operation, {})).toEqual([expect.stringContaining("is not an operation that we know")]);
  });

  it("of an operation without input has none", () => {
    expect(validateCall({ service: "sts", operation: "GetCallerIdentity", input: { Name: "x" } })).toEqual([
      "sts GetCallerIdentity: Name is not a member",
    ]);
  });
});

describe.each(serviceNames)("the model of %s", (service) => {
  const model = readServiceModel(service);

  it("has every shape that it names, and no other", () => {
    const reached = new Set<string>();
    const walk = (name: string): void => {
      if (reached.has(name)) return;
      reached.add(name);
      const shape = model.shapes[name];
      if (shape === undefined) throw new Error(`${service} lacks ${name}`);
      if (shape.type === "structure") for (const member of Object.values(shape.members)) walk(member);
      if (shape.type === "list") walk(shape.member);
      if (shape.type === "map") for (const each of [shape.key, shape.value]) walk(each);
    };
    for (const input of Object.values(model.operations)) if (input !== null) walk(input);
    expect(Object.keys(model.shapes).sort()).toEqual([...reached].sort());
  });

  it("has patterns that this language understands, and no documentation", () => {
    for (const shape of Object.values(model.shapes)) {
      if (shape.type === "string" && shape.pattern !== undefined) {
        expect(() => new RegExp(`^(?:${shape.pattern})$`, "u")).not.toThrow();
      }
      expect(shape).not.toHaveProperty("documentation");
    }
  });

  it("names the botocore of the script that extracted it, and its license", () => {
    const script = readFileSync(new URL("../../../scripts/extract-service-shapes.py", import.meta.url), "utf8");
    const [, version] = /^BOTOCORE_VERSION = "([^"]+)"$/m.exec(script)!;
    expect(model.source).toMatchObject({ package: "botocore", version, license: "Apache-2.0" });
    expect(existsSync(new URL("../../../deploy/models/botocore-LICENSE.txt", import.meta.url))).toBe(true);
  });
});
