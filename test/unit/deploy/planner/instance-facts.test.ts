import { describe, expect, test } from "vitest";
import { familyOf, isInstanceType } from "../../../../deploy/instance-family.js";
import { instanceTable } from "../../../../deploy/planner/instance-facts.js";

describe("instance types", () => {
  test("are those that AWS's service model takes, in endpoints and in transform jobs", () => {
    for (const { type, hosting, batch, architecture, gpu } of instanceTable) {
      expect([type, hosting, batch]).toEqual([
        type,
        isInstanceType(type, "hosting"),
        isInstanceType(type, "transform"),
      ]);
      const family = familyOf(type);
      expect([type, architecture, gpu !== null]).toEqual([type, family.architecture, family.accelerator === "cuda"]);
    }
  });
});
