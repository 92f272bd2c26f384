import type { FieldRule, JsonObject } from "./json-fields.js";

/** A part with fields of its own, which its own rules look at. */
export const partRule: FieldRule = { expected: "an object", accepts: () => true };
export const flagRule: FieldRule = { expected: "true or false", accepts: (value) => typeof value === "boolean" };
export const sha256Rule: FieldRule = {
  expected: "64 lower-case hex digits",
  accepts: (value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value),
};

/** A finite number that `accepts` takes. */
export function numberRule(expected: string, accepts: (value: number) => boolean): FieldRule {
  return { expected, accepts: (value) => typeof value === "number" && Number.isFinite(value) && accepts(value) };
}

/** A list of exactly `count` such numbers. `each` completes "a list of 3 ...". */
export function numbersRule(count: number, each: string, accepts: (value: number) => boolean): FieldRule {
  const one = numberRule("", accepts);
  return {
    expected: `a list of ${count} ${each}`,
    accepts: (value) => Array.isArray(value) && value.length === count && Array.from(value).every(one.accepts),
  };
}

/** The rule, or no such field. */
export function optionalRule({ expected, accepts }: FieldRule): FieldRule {
  return { expected: `${expected}, or absent`, accepts: (value) => value === undefined || accepts(value) };
}

/** Optional fields that are not there, as fields that are not there. */
export function withoutAbsent(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
