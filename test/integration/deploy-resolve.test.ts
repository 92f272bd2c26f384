import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { planDeployment } from "../../deploy/plan.js";
import { resolveSpec } from "../../deploy/resolve.js";
import { findFormerConfig, planRollback, rollBack } from "../../deploy/rollback.js";
import { aPlan, aSpec } from "../support/a-deployment.js";
import { aClock, applyTo, senderTo } from "../support/apply-to.js";
import { type FakeAws, startFakeAws } from "../support/fake-aws.js";

let aws: FakeAws;
beforeEach(async () => {
  aws = await startFakeAws();
});
afterEach(() => aws.close());

const digest = `sha256:${"a".repeat(64)}`;

async function resolve(mode: "sync" | "serverless" = "sync") {
  const sender = senderTo(aws);
  try {
    return await resolveSpec(sender.send, aSpec(mode));
  } finally {
    sender.close();
  }
}

describe("what a deployment points to", () => {
  beforeEach(() => {
    aws.world.images.set("stygig:1.2.3-cpu", digest);
    aws.world.objects.set("models/look.tar.gz", "0123456789abcdef");
  });

  it("is pinned: the image to its digest, the artifact to its ETag", async () => {
    const spec = await resolve();
    expect(spec).toMatchObject({ value: { imageUri: expect.stringMatching(/\/stygig@sha256:a{64}$/) } });
    expect(spec).toMatchObject({ value: { modelVersion: "0123456789abcdef" } });
  });

  it("gives other names when it changes, and the same when it does not", async () => {
    const names = async () => {
      const spec = await resolve();
      return "value" in spec ? planDeployment(spec.value).names : null;
    };
    const first = await names();
    expect(await names()).toEqual(first);
    aws.world.objects.set("models/look.tar.gz", "another");
    expect(await names()).not.toEqual(first);
    aws.world.objects.set("models/look.tar.gz", "0123456789abcdef");
    aws.world.images.set("stygig:1.2.3-cpu", `sha256:${"b".repeat(64)}`);
    expect(await names()).not.toEqual(first);
  });

  it("is missing: both are told at once, with what makes them", async () => {
    aws.world.images.clear();
    aws.world.objects.clear();
    expect(await resolve()).toEqual({
      problems: [expect.stringContaining("stygig deploy image"), expect.stringContaining("stygig deploy pipeline")],
    });
  });

  it("is refused where it is too large for a serverless endpoint", async () => {
    expect(await resolve("serverless")).toMatchObject({ value: { mode: "serverless" } });
    aws.world.objectBytes.set("models/look.tar.gz", 6 * 1024 ** 3);
    expect(await resolve("serverless")).toEqual({
      problems: ["the artifact has 6.0 GiB, and the disk of a serverless endpoint 5.0 GiB"],
    });
    expect(await resolve()).toHaveProperty("value");
  });

  it("is refused where the platform would refuse it much later", async () => {
    aws.world.imageTypes.set("stygig:1.2.3-cpu", "application/vnd.oci.image.index.v1+json");
    expect(await resolve()).toEqual({ problems: [expect.stringContaining("push one platform's alone")] });
  });
});

describe("rollback", () => {
  const [plan, other] = [aPlan("async"), aPlan("async", { "instance-type": "ml.g4dn.2xlarge" })];
  const name = "look-async";

  async function goBack(wanted: string | null = null) {
    const sender = senderTo(aws);
    const { now, sleep } = aClock();
    const undoing = { send: sender.send, now, sleep, tell: () => {} };
    try {
      const found = await findFormerConfig(sender.send, name, wanted);
      if ("problems" in found) return found;
      return await rollBack({ ...undoing, undoing }, planRollback(name, found.value), { timeoutMs: 600_000 });
    } finally {
      sender.close();
    }
  }

  it("goes to the configuration before, with its scaling on", async () => {
    await applyTo(aws, plan);
    await applyTo(aws, other);
    const policies = aws.world.policies.size;
    expect(await goBack()).toMatchObject({ outcome: "changed", endpoint: { configName: plan.names.endpointConfig } });
    expect([aws.world.targets.size, aws.world.policies.size]).toEqual([1, policies]);
    // And forth again, by name.
    expect(await goBack(other.names.endpointConfig)).toMatchObject({ outcome: "changed" });
  });

  it("says what there is when there is nothing to go back to", async () => {
    expect(await goBack()).toEqual({ problems: [`there is no endpoint ${name}`] });
    await applyTo(aws, plan);
    expect(await goBack()).toEqual({ problems: [`${name} has no former configuration to go back to`] });
    expect(await goBack(plan.names.endpointConfig)).toEqual({
      problems: [expect.stringContaining("is on look-async-")],
    });
    expect(await goBack("other-config")).toEqual({ problems: [expect.stringContaining("there are: look-async-")] });
  });
});
