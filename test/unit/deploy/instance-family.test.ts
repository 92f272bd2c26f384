import { describe, expect, it } from "vitest";
import { familyOf, isBurstable, isInstanceType } from "../../../deploy/instance-family.js";
import { readServiceModel } from "../../../deploy/models/service-model.js";
import { instanceTable } from "../../../deploy/planner/instance-facts.js";

function typesOf(shape: string): readonly string[] {
  const found = readServiceModel("sagemaker").shapes[shape];
  return found?.type === "string" ? (found.enum ?? []) : [];
}

const hostingTypes = typesOf("ProductionVariantInstanceType");
const familiesWith = (accelerator: string): string[] => [
  ...new Set(
    hostingTypes.filter((type) => familyOf(type).accelerator === accelerator).map((type) => type.split(".")[1]!),
  ),
];

describe("the families of all instance types", () => {
  it("are told apart by what they compute with", () => {
    expect(familiesWith("cuda").sort()).toEqual(
      ["g4dn", "g5", "g6", "g6e", "g7", "g7e", "p4d", "p4de", "p5", "p5e", "p5en", "p6-b200", "p6-b300"].sort(),
    );
    expect(familiesWith("cuda-too-old").sort()).toEqual(["p2", "p3"]);
    expect(familiesWith("other").sort()).toEqual(["dl1", "inf1", "inf2", "p6e-gb200", "trn1", "trn1n", "trn2"]);
    // Whatever has no letter of the CPU families is an accelerator that this file has not heard of.
    expect(familiesWith("none").filter((family) => !/^[mcrt]\d/.test(family))).toEqual([]);
  });

  it("with Graviton are arm64, and no other but Grace", () => {
    const arm = [
      ...new Set(
        hostingTypes.filter((type) => familyOf(type).architecture === "arm64").map((type) => type.split(".")[1]!),
      ),
    ];
    expect(arm.sort()).toEqual(
      ["c6g", "c6gd", "c6gn", "c7g", "c8g", "m6g", "m6gd", "m8g", "p6e-gb200", "r6g", "r6gd", "r7gd", "r8g"].sort(),
    );
  });

  it("are the planner's own, where it knows them", () => {
    for (const { type, architecture, gpu, batch } of instanceTable) {
      const family = familyOf(type);
      expect(isInstanceType(type, "hosting"), type).toBe(true);
      expect(isInstanceType(type, "transform"), type).toBe(batch);
      expect(family.architecture, type).toBe(architecture === "arm64" ? "arm64" : "amd64");
      expect(family.accelerator, type).toBe(gpu === null ? "none" : "cuda");
    }
  });

  it("of transform jobs have no Graviton", () => {
    expect(typesOf("TransformInstanceType").filter((type) => familyOf(type).architecture === "arm64")).toEqual([]);
  });
});

it("only t2 is burstable among them", () => {
  expect(new Set(hostingTypes.filter(isBurstable).map((type) => type.split(".")[1]))).toEqual(new Set(["t2"]));
});
