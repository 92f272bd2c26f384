import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { validateCall } from "../../../deploy/models/validate-call.js";
import { planDashboard } from "../../../deploy/watch/dashboard.js";
import { parseDoctorSpec } from "../../../deploy/watch/doctor/doctor-spec.js";
import { planPolicies } from "../../../deploy/watch/iam.js";
import { parseIamSpec } from "../../../deploy/watch/iam-spec.js";
import { planWatch } from "../../../deploy/watch/plan-watch.js";
import { parseServerWatch } from "../../../deploy/watch/prometheus-rules.js";
import { parseWatchSpec } from "../../../deploy/watch/watch-spec.js";

const enough = {
  "endpoint-name": "look",
  "instance-type": "ml.m5.large",
  region: "us-east-1",
  bucket: "looks",
  "role-arn": "arn:aws:iam::123456789012:role/look",
};
const words = [
  "sync",
  "async",
  "serverless",
  "ml.g4dn.xlarge",
  "ml.none.large",
  "0",
  "1",
  "90",
  "1e3",
  "-1",
  "s3://a/b",
];
const text = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.constantFrom(...words));
const names = [
  ...["endpoint-name", "mode", "instance-type", "vcpus", "gpus", "region", "error-percent", "p99-ms", "memory-percent"],
  ...["oldest-request-s", "backlog-per-instance", "sns-topic-arn", "bucket", "prefix", "role-arn", "repository"],
  ...["model-uri", "image-uri", "instance-count", "job", "memory-mib", "scale-up-policy-arn"],
];
/** Some flags as they should be, some of any text, some left out. */
const flags = fc
  .tuple(
    fc.dictionary(fc.constantFrom(...names), fc.option(text, { nil: undefined })),
    fc.option(fc.array(text), { nil: undefined }),
    fc.boolean(),
  )
  .map(([some, variant, isOn]) => ({ ...enough, ...some, variant, "scaling-rules": isOn, provisioned: undefined }));

describe("flags of any text", () => {
  it("give alarms and a dashboard that CloudWatch takes, or problems, and never throw", () => {
    fc.assert(
      fc.property(flags, (given) => {
        const spec = parseWatchSpec(given, {});
        const calls = "value" in spec ? [...planWatch(spec.value), planDashboard(spec.value)] : [];
        expect(calls.flatMap(validateCall)).toEqual([]);
        expect("value" in spec).toBe(calls.length > 0);
      }),
      { numRuns: 500 },
    );
  });

  it("give policies without a wildcard of the caller's own, or problems, and never throw", () => {
    fc.assert(
      fc.property(flags, (given) => {
        const spec = parseIamSpec(given, {});
        if ("problems" in spec) return;
        const { execution, caller } = planPolicies(spec.value);
        for (const { Resource } of [...execution.Statement, ...caller.Statement]) {
          for (const resource of Resource) expect(resource).toMatch(/^[^*?$]*\*?$/);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("never make doctor's and the servers' parsers throw", () => {
    fc.assert(
      fc.property(flags, (given) => {
        for (const parsed of [parseDoctorSpec(given, {}), parseServerWatch(given)]) {
          expect("value" in parsed || parsed.problems.length > 0).toBe(true);
        }
      }),
    );
  });
});
