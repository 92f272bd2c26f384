import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { planCatalogJob } from "../../deploy/calls-catalog-job.js";
import { parseCatalogJob } from "../../deploy/catalog-job-spec.js";
import { resolveSpec } from "../../deploy/resolve.js";
import { findFormerConfig, planRollback, rollBack } from "../../deploy/rollback.js";
import { runCatalogJob } from "../../deploy/run-catalog-job.js";
import { teardown } from "../../deploy/teardown.js";
import { planJobPolicies, planPolicies } from "../../deploy/watch/iam.js";
import { parseIamJobSpec } from "../../deploy/watch/iam-job-spec.js";
import { parseIamSpec } from "../../deploy/watch/iam-spec.js";
import { aPlan, aSpec } from "../support/a-deployment.js";
import { aClock, applyTo, senderTo } from "../support/apply-to.js";
import { type FakeAws, startFakeAws } from "../support/fake-aws.js";
import { findUnasked } from "../support/fake-iam.js";

// What `stygig deploy iam` prints is enough for everything that the commands do to the endpoint, and for no other endpoint.

let aws: FakeAws;
beforeEach(async () => {
  aws = await startFakeAws();
  for (const target of ["cpu", "gpu"]) aws.world.images.set(`stygig:1.2.3-${target}`, `sha256:${"a".repeat(64)}`);
  aws.world.objects.set("models/look.tar.gz", "0123456789abcdef");
});
afterEach(() => aws.close());

function policyFor(endpointName: string) {
  const roleArn = "arn:aws:iam::123456789012:role/look";
  const flags = { "endpoint-name": endpointName, bucket: "models", region: "us-east-1", "role-arn": roleArn };
  const spec = parseIamSpec(flags, {});
  if ("problems" in spec) throw new Error(spec.problems.join("; "));
  return planPolicies(spec.value).caller;
}

function parts() {
  const { send } = senderTo(aws);
  const { now, sleep } = aClock();
  const undoing = { send, now, sleep, tell: () => {} };
  return { ...undoing, undoing };
}

describe.each(["sync", "async", "serverless"] as const)("whoever may do what the policy says, %s", (mode) => {
  const flags = { "endpoint-name": "look", ...(mode === "sync" ? { "rps-per-instance": "10" } : {}) };

  it("deploys, updates, rolls back and tears down, beside endpoints that are somebody else's", async () => {
    await applyTo(aws, aPlan("async", { "endpoint-name": "theirs" }));
    aws.allowOnly(policyFor("look"));
    expect(await resolveSpec(parts().send, aSpec(mode, flags))).toHaveProperty("value");
    for (const level of ["info", "debug"]) {
      const { kind, failure } = await applyTo(aws, aPlan(mode, { ...flags, env: [`STYGIG_LOG_LEVEL=${level}`] }));
      expect([kind, failure]).toEqual(["done", null]);
    }
    const former = await findFormerConfig(parts().send, "look", null);
    if ("problems" in former) throw new Error(former.problems[0]);
    const back = await rollBack(parts(), planRollback("look", former.value), { timeoutMs: 600_000 });
    expect(back).toMatchObject({ outcome: "changed" });
    const { left } = await teardown(parts(), "look", { timeoutMs: 600_000, deletesLogs: true });
    expect([left, [...aws.world.endpoints.keys()]]).toEqual([[], ["theirs"]]);
  });

  it("does nothing to another endpoint, and leaves nothing of having tried", async () => {
    await applyTo(aws, aPlan(mode, flags));
    aws.allowOnly(policyFor("other"));
    const before = structuredClone([aws.world.models, aws.world.configs, aws.world.alarms]);
    const { kind, failure } = await applyTo(aws, aPlan(mode, { ...flags, env: ["STYGIG_LOG_LEVEL=debug"] }));
    expect([kind, failure?.reason]).toEqual(["failed", expect.stringContaining("is not authorized to perform")]);
    expect([aws.world.models, aws.world.configs, aws.world.alarms]).toEqual(before);
  });
});

it("a transform job is started by whoever may", async () => {
  aws.allowOnly(policyFor("look"));
  expect((await applyTo(aws, aPlan("batch", { "job-name": "look-1" }))).kind).toBe("done");
});

describe("whoever may do what the policy for `catalog job` says", () => {
  const flags = {
    ...{ "images-uri": "s3://photos/train", "items-uri": "s3://photos/items.csv", "output-uri": "s3://catalogs/today" },
    ...{ "encoder-uri": "s3://encoders/clip/", region: "us-east-1", "role-arn": "arn:aws:iam::123456789012:role/look" },
  };
  const policyOf = (changes = {}) => {
    const spec = parseIamJobSpec("catalog-job", { ...flags, ...changes }, {});
    if ("problems" in spec) throw new Error(spec.problems.join("; "));
    return planJobPolicies(spec.value).caller!;
  };
  const planOf = (changes = {}) => {
    const spec = parseCatalogJob({ ...flags, ...changes }, { env: {}, version: "1.2.3" });
    if ("problems" in spec) throw new Error(spec.problems.join("; "));
    return planCatalogJob(spec.value);
  };

  it.each([{}, { name: `a${"b".repeat(40)}` }, { name: "Autumn-2026" }])("runs both jobs of %j", async (name) => {
    const policy = policyOf(name);
    aws.allowOnly(policy);
    expect((await runCatalogJob(parts(), planOf(name))).kind).toBe("done");
    expect(aws.changes()).toEqual(["CreateProcessingJob", "CreateProcessingJob"]);
    // ARNs are in lower case: a policy's other spelling is for whoever compares the name itself.
    const unasked = findUnasked(policy, aws.received).filter((each) => !/Autumn/.test(each));
    expect(unasked).toEqual([]);
  });

  it("runs none of another name, and gives no other role", async () => {
    aws.allowOnly(policyOf());
    await expect(runCatalogJob(parts(), planOf({ name: "theirs" }))).rejects.toThrow("is not authorized to perform");
    const role = { "role-arn": "arn:aws:iam::123456789012:role/admin" };
    await expect(runCatalogJob(parts(), planOf(role))).rejects.toThrow("perform: iam:PassRole on resource");
    expect(aws.world.jobs.size).toBe(0);
  });
});
