import { describe, expect, it } from "vitest";
import { planImageCalls } from "../../../deploy/image-calls.js";
import { parseImageSpec, toRegistry } from "../../../deploy/image-spec.js";
import { validateCall } from "../../../deploy/models/validate-call.js";
import type { Flags } from "../../../deploy/spec-flags.js";

const parse = (flags: Flags) => parseImageSpec(flags, { env: { AWS_REGION: "us-east-1" }, version: "1.2.3" });
const aSpec = (flags: Flags) => {
  const parsed = parse({ target: "cpu", ...flags });
  if ("problems" in parsed) throw new Error(parsed.problems.join("\n"));
  return parsed.value;
};

describe("an image's spec", () => {
  it("has the tag where the other commands look by themselves", () => {
    expect([aSpec({}).repository, aSpec({}).tag, aSpec({ target: "gpu" }).tag]).toEqual([
      ...["stygig", "1.2.3-cpu"],
      "1.2.3-gpu",
    ]);
    expect(aSpec({ platform: "linux/arm64" }).tag).toBe("1.2.3-cpu-arm64");
  });

  it.each(["stygig", "shop/looks", "a1", "a.b_c-d/e"])("takes repository %s as ECR does", (repository) => {
    const calls = Object.values(planImageCalls(aSpec({ repository, "account-id": "123456789012" })));
    expect(calls.flatMap(validateCall)).toEqual([]);
  });

  it.each(["a", "Stygig", "a//b", "a b", "-a", "1.dkr.ecr.us-east-1.amazonaws.com/a:b", "x".repeat(257)])(
    "refuses repository %s",
    (repository) => {
      expect(parse({ target: "cpu", repository })).toEqual({ problems: [expect.stringContaining("--repository")] });
    },
  );

  it("asks for no right that only tags would need", () => {
    expect(planImageCalls(aSpec({})).create.input).toEqual({
      repositoryName: "stygig",
      imageScanningConfiguration: { scanOnPush: true },
    });
  });

  it("knows where China's registries are", () => {
    expect(toRegistry("123456789012", "cn-north-1")).toBe("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn");
  });
});
