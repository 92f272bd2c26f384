import fc from "fast-check";
import { expect, test } from "vitest";
import { validateCall } from "../../../deploy/models/validate-call.js";
import { planDeployment, toCalls } from "../../../deploy/plan.js";
import { deployModes, parseDeploySpec } from "../../../deploy/spec.js";
import type { Flags } from "../../../deploy/spec-flags.js";
import { toMaxExecutionS } from "../../../deploy/spec-update.js";
import { deployFlags } from "../../../src/cli/deploy-flags.js";
import { leastFlags, someSurroundings } from "../../support/deploy-flags.js";

const names = [
  ...new Set(deployModes.flatMap((mode) => deployFlags[mode]).map(({ flags }) => /^--([a-z0-9-]+)/.exec(flags)![1]!)),
];

/** What people type, right and wrong, for any flag. */
const texts = fc.oneof(
  fc.constantFrom("0", "1", "2", "10", "50", "300", "600", "3600", "1e3", "-1", "1.5", " ", ""),
  fc.constantFrom("canary", "linear", "rolling", "all-at-once", "amd64", "arm64", "image/png", "application/jsonlines"),
  fc.constantFrom("ml.g5.xlarge", "ml.c7i.large", "ml.c7g.xlarge", "ml.t2.medium", "ml.inf2.xlarge", "auto", "ml"),
  fc.constantFrom("s3://models/look.tar.gz", "s3://results/a", "s3://x", "look", "look-1", "eu-west-1", "us-east-1"),
  fc.constantFrom("1024", "6144", "30", "731", "arn:aws:sns:us-east-1:123456789012:looks"),
  fc.string({ unit: "binary", maxLength: 80 }),
);
const values = fc.oneof(
  texts,
  fc.boolean(),
  fc.array(fc.oneof(texts, fc.constantFrom("A=b", "STYGIG_MAX_BATCH=3")), { maxLength: 3 }),
);
const flags = fc.dictionary(fc.constantFrom(...names), values, { maxKeys: 5 }) as fc.Arbitrary<Flags>;

test("flags of any kind give a spec or problems that name a flag, and never throw", () => {
  fc.assert(
    fc.property(fc.constantFrom(...deployModes), flags, fc.boolean(), (mode, typed, isWhole) => {
      const parsed = parseDeploySpec(mode, isWhole ? { ...leastFlags[mode], ...typed } : typed, someSurroundings);
      if ("problems" in parsed) {
        expect(parsed.problems.length).toBeGreaterThan(0);
        for (const problem of parsed.problems) expect(problem).toMatch(/^--[a-z0-9-]+/);
      } else {
        expect(parsed.value.mode).toBe(mode);
      }
    }),
    { numRuns: 2000 },
  );
});

test("what becomes a spec becomes calls that AWS's models take, under the same names each time", () => {
  let planned = 0;
  fc.assert(
    fc.property(fc.constantFrom(...deployModes), flags, (mode, typed) => {
      const parsed = parseDeploySpec(mode, { ...leastFlags[mode], ...typed }, someSurroundings);
      if ("problems" in parsed) return;
      planned += 1;
      const plan = planDeployment(parsed.value);
      expect([...toCalls(plan, "absent"), ...toCalls(plan, "present")].flatMap(validateCall)).toEqual([]);
      expect(planDeployment(structuredClone(parsed.value))).toEqual(plan);
      if (parsed.value.mode === "batch") return;
      // The service refuses an update that may not last as long as its waits.
      const { policy, bakeS, terminationWaitS } = parsed.value.update;
      const steps = policy.kind === "canary" ? 2 : policy.kind === "all-at-once" ? 1 : Math.ceil(100 / policy.percent);
      const waits = steps * bakeS + terminationWaitS;
      expect(toMaxExecutionS(parsed.value.update)).toBeGreaterThan(waits);
      expect(toMaxExecutionS(parsed.value.update)).toBeLessThanOrEqual(28_800);
    }),
    { numRuns: 2000 },
  );
  expect(planned).toBeGreaterThan(200);
});
