import { describe, expect, it } from "vitest";
import {
  canonicalJson,
  toAlarmName,
  toHashedName,
  toLogGroupName,
  toScalableResourceId,
} from "../../../deploy/names.js";

describe("a hashed name", () => {
  it("is the same for the same content, in whatever order it is written", () => {
    expect(toHashedName("look", { a: 1, b: [2, { c: 3, d: 4 }] })).toBe(
      toHashedName("look", { b: [2, { d: 4, c: 3 }], a: 1 }),
    );
  });

  it("is another for other content, base or order of a list", () => {
    const names = [
      toHashedName("look", { a: 1 }),
      toHashedName("look", { a: 2 }),
      toHashedName("look", { a: "1" }),
      toHashedName("look", [1, 2]),
      toHashedName("look", [2, 1]),
      toHashedName("looks", { a: 1 }),
    ];
    expect(new Set(names).size).toBe(names.length);
  });

  it("is what SageMaker takes, however long the base", () => {
    for (const base of [
      "a",
      "look-1",
      `${"a".repeat(53)}-b`,
      `${"b".repeat(50)}----${"c".repeat(9)}`,
      "d".repeat(63),
    ]) {
      const name = toHashedName(base, {});
      expect(name).toMatch(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/);
      expect(name).toMatch(/-[0-9a-f]{8}$/);
      expect(name.length).toBeLessThanOrEqual(63);
    }
    expect(toHashedName("d".repeat(62), {})).not.toBe(toHashedName("d".repeat(63), {}));
  });
});

it("JSON in canonical form leaves out what the wire leaves out", () => {
  expect(canonicalJson({ b: undefined, a: null, "": [undefined, 1] })).toBe('{"":[null,1],"a":null}');
});

it("names of an endpoint's things cannot be another endpoint's", () => {
  expect(toAlarmName("look", "wake-up")).toBe("stygig/look/wake-up");
  expect(toAlarmName("look-b", "wake-up").startsWith("stygig/look/")).toBe(false);
  expect(toLogGroupName("look")).toBe("/aws/sagemaker/Endpoints/look");
  expect(toScalableResourceId("look", "AllTraffic")).toBe("endpoint/look/variant/AllTraffic");
});
