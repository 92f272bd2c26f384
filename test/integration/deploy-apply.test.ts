import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { aPlan } from "../support/a-deployment.js";
import { applyTo } from "../support/apply-to.js";
import { type Failure, type FakeAws, startFakeAws } from "../support/fake-aws.js";

// The whole way over the wire: the SDK sends, and what answers is AWS as far as our calls go. Endpoints that take their
// time, roll back and fail, and calls that are refused, throttled, cut off.

let aws: FakeAws;
beforeEach(async () => {
  aws = await startFakeAws();
});
afterEach(() => aws.close());

const plan = aPlan("async");
const [endpointName, variant] = ["look-async", "endpoint/look-async/variant/AllTraffic"];
const other = aPlan("async", { env: ["STYGIG_LOG_LEVEL=debug"] });
/** What exists, without what only time has changed. */
const snapshot = () => {
  const { scripts: _, endpoints, logGroups: __, ...rest } = aws.world;
  const served = [...endpoints.values()].map(({ name, config, status }) => ({ name, config, status }));
  return structuredClone({ ...rest, served });
};
const refused: Failure = { name: "AccessDeniedException", message: "User is not authorized to do this" };
const invalid: Failure = { name: "ValidationException", message: "One or more endpoint features are not supported" };

describe("a new endpoint", () => {
  it("is made in order, and its scaling once it is in service", async () => {
    aws.script({ status: "Creating" }, { status: "Creating" }, { status: "InService" });
    const { kind, endpoint, made, slept } = await applyTo(aws, plan);
    expect([kind, endpoint?.status, endpoint?.configName]).toEqual(["done", "InService", plan.names.endpointConfig]);
    const planned = [...plan.prepare, plan.create, ...plan.finish].map(({ operation }) => operation);
    expect(made.map(({ operation }) => operation)).toEqual(planned);
    expect(aws.changes()).toEqual(planned);
    expect(aws.world.alarms.get("stygig/look-async/wake-up")?.AlarmActions).toEqual([
      expect.stringMatching(/^arn:aws:autoscaling:.*HasBacklogWithoutCapacity/),
    ]);
    expect(Math.max(...slept)).toBeLessThanOrEqual(30_000);
  });

  it("is left alone by the same plan", async () => {
    await applyTo(aws, plan);
    const before = aws.received.length;
    const { kind, made, changed } = await applyTo(aws, plan);
    expect([kind, made, changed]).toEqual(["done", [], []]);
    const again = aws.received.slice(before).map(({ operation }) => operation);
    expect(again.filter((name) => !/^(Describe|List|Get)/.test(name))).toEqual([]);
  });

  it("that fails is taken away again, with AWS's reason", async () => {
    const reason = "The primary container for production variant AllTraffic did not pass the ping health check.";
    aws.script({ status: "Creating" }, { status: "Failed", reason });
    const empty = snapshot();
    const { kind, failure, undone } = await applyTo(aws, plan);
    expect([kind, failure?.reason, failure?.advice]).toEqual([
      "failed",
      reason,
      expect.stringContaining("deploy logs"),
    ]);
    expect(undone.left).toEqual([]);
    expect(snapshot()).toEqual({ ...empty, tags: expect.anything() });
    // What the containers printed is the only trace of why.
    expect([...aws.world.logGroups]).toEqual([["/aws/sagemaker/Endpoints/look-async", 30]]);
  });

  it("that fails stays when that is wanted", async () => {
    aws.script({ status: "Failed", reason: "no capacity" });
    const { undone } = await applyTo(aws, plan, { keepsOnFailure: true });
    expect(undone).toEqual({ undone: [], left: [] });
    expect(aws.world.endpoints.get(endpointName)?.status).toBe("Failed");
  });

  it("that takes too long is given up", async () => {
    aws.script(...Array(500).fill({ status: "Creating" }));
    const { kind, failure, slept, undone } = await applyTo(aws, plan, { timeoutMs: 1_200_000, keepsOnFailure: true });
    expect([kind, failure?.reason]).toEqual(["failed", "still Creating after 20 minutes"]);
    expect(slept.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(1_200_000);
    expect(undone.left).toEqual([]);
  });

  it("is made although its configuration cannot be seen at once", async () => {
    aws.fail(
      "CreateEndpoint",
      { name: "ValidationException", message: 'Could not find endpoint configuration "arn"' },
      3,
    );
    expect((await applyTo(aws, plan)).kind).toBe("done");
  });

  it("that somebody else makes at the same moment is waited for", async () => {
    const both = await Promise.all([applyTo(aws, plan), applyTo(aws, plan)]);
    expect(both.map(({ kind }) => kind)).toEqual(["done", "done"]);
    expect(aws.world.endpoints.get(endpointName)?.config).toBe(plan.names.endpointConfig);
  });
});

describe("an endpoint that is there", () => {
  beforeEach(async () => {
    await applyTo(aws, plan);
  });

  it("is updated in place, keeping the size it has grown to", async () => {
    aws.script({ status: "Updating" }, { status: "Updating" }, { status: "InService" });
    const { kind, endpoint, changed } = await applyTo(aws, other);
    expect([kind, endpoint?.configName]).toEqual(["done", other.names.endpointConfig]);
    expect(changed.map(({ operation }) => operation)).toContain("UpdateEndpoint");
    const update = aws.received.find(({ operation }) => operation === "UpdateEndpoint");
    expect(update?.input).toMatchObject({ RetainAllVariantProperties: true });
    // The one before stays, to go back to.
    expect(aws.world.configs.has(plan.names.endpointConfig!)).toBe(true);
  });

  it("that rolls back serves as before, and what the update made is gone", async () => {
    const before = snapshot();
    const reason = "Alarm(s) stygig/look-async/rollback-5xx went off";
    aws.script({ status: "Updating" }, { status: "RollingBack" }, { status: "InService", serves: "old", reason });
    const { kind, failure, undone } = await applyTo(aws, other);
    expect([kind, failure?.reason, undone.left]).toEqual(["rolled-back", reason, []]);
    expect(snapshot()).toEqual({ ...before, tags: expect.anything(), alarms: expect.anything() });
    expect([...aws.world.alarms.keys()]).toEqual([...before.alarms.keys()]);
  });

  it("that cannot even roll back is left for a person", async () => {
    aws.script({ status: "RollingBack" }, { status: "UpdateRollbackFailed", reason: "no capacity for either fleet" });
    const { kind, failure } = await applyTo(aws, other);
    expect([kind, failure?.reason]).toEqual(["failed", "no capacity for either fleet"]);
  });

  it("is waited for while the platform patches it", async () => {
    const endpoint = aws.world.endpoints.get(endpointName)!;
    endpoint.status = "SystemUpdating";
    endpoint.moments = [
      { status: "SystemUpdating" },
      { status: "SystemUpdating" },
      { status: "InService", serves: "old" },
    ];
    expect((await applyTo(aws, other)).kind).toBe("done");
  });

  it("is not updated while an alarm rings that would undo it", async () => {
    const { input } = other.prepare.find(({ operation }) => operation === "PutMetricAlarm")!;
    const name = String(input.AlarmName);
    // From an earlier try with the same configuration.
    aws.world.alarms.set(name, { ...input, StateValue: "ALARM" });
    const { kind, failure } = await applyTo(aws, other);
    expect([kind, failure?.reason]).toEqual(["failed", expect.stringContaining(`${name} is ringing already`)]);
    expect(aws.changes()).not.toContain("UpdateEndpoint");
  });

  it("changes its instance type with its scaling taken off meanwhile, and has it back whatever happens", async () => {
    const larger = aPlan("async", { "instance-type": "ml.g4dn.2xlarge" });
    const [target, policies] = [aws.world.targets.get(variant), [...aws.world.policies.values()]];
    aws.script({ status: "Updating" }, { status: "InService", serves: "old", reason: "no capacity" });
    expect((await applyTo(aws, larger)).kind).toBe("rolled-back");
    expect(aws.changes()).toContain("DeregisterScalableTarget");
    expect(aws.world.targets.get(variant)).toMatchObject({
      MinCapacity: target?.MinCapacity,
      MaxCapacity: target?.MaxCapacity,
    });
    expect([...aws.world.policies.values()].map(({ PolicyName }) => PolicyName).sort()).toEqual(
      policies.map(({ PolicyName }) => PolicyName).sort(),
    );
    expect((await applyTo(aws, larger)).kind).toBe("done");
    expect(aws.world.policies.size).toBe(policies.length);
  });
});

describe("a call that fails", () => {
  it.each<[string, Failure]>([
    ["is throttled", { name: "ThrottlingException", message: "Rate exceeded" }],
    ["fails inside AWS", { name: "InternalFailure", message: "try again", status: 500 }],
    ["is cut off", "cut"],
    ["is carried out and then cut off", "cut-after"],
    ["is never answered", "hangs"],
  ])("is tried again where it %s", async (_, failure) => {
    for (const operation of ["CreateModel", "DescribeEndpoint", "PutScalingPolicy"]) aws.fail(operation, failure);
    expect((await applyTo(aws, plan)).kind).toBe("done");
  });

  const operations = [...new Set([...plan.prepare, plan.create, ...plan.finish].map(({ operation }) => operation))];
  it.each(operations)("leaves nothing behind when it is %s", async (operation) => {
    const empty = snapshot();
    aws.fail(operation, operation === "CreateEndpoint" ? invalid : refused);
    const { kind, failure, undone } = await applyTo(aws, plan);
    expect([kind, failure?.call.operation, undone.left]).toEqual(["failed", operation, []]);
    expect(snapshot()).toEqual({ ...empty, tags: expect.anything() });
  });

  it.each(["PutMetricAlarm", "UpdateEndpoint", "RegisterScalableTarget"])(
    "puts back what was there before when it is %s of an update",
    async (operation) => {
      await applyTo(aws, plan);
      const before = snapshot();
      aws.fail(operation, refused);
      const wider = aPlan("async", { env: ["STYGIG_LOG_LEVEL=debug"], "max-instances": "9" });
      const { kind, failure, undone } = await applyTo(aws, wider);
      expect([kind, failure?.call.operation, undone.left]).toEqual([
        ...["failed", operation === "UpdateEndpoint" ? "CreateEndpoint" : operation, []],
      ]);
      const { alarms, tags: _, ...rest } = snapshot();
      expect(rest).toEqual((({ alarms: __, tags: ___, ...others }) => others)(before));
      const untagged = ({ Tags: ____, ...alarm }: Readonly<Record<string, unknown>>) => alarm;
      for (const [name, alarm] of before.alarms) expect(untagged(alarms.get(name)!)).toEqual(untagged(alarm));
    },
  );

  it("is told with what helps against it", async () => {
    aws.fail("CreateModel", refused);
    expect((await applyTo(aws, plan)).failure?.advice).toContain("stygig deploy iam");
    aws.fail("CreateEndpoint", {
      name: "ResourceLimitExceeded",
      message: "limit 'ml.g4dn.xlarge for endpoint usage' is 0",
    });
    expect((await applyTo(aws, plan)).failure?.advice).toContain("quota");
  });

  it("while things are put back is reported, and the others are put back all the same", async () => {
    aws.fail("CreateEndpoint", invalid);
    aws.fail("DeleteEndpointConfig", refused);
    const { undone } = await applyTo(aws, plan);
    expect(undone.left.map(({ call, reason }) => [call.operation, reason])).toEqual([
      ["DeleteEndpointConfig", "AccessDeniedException: User is not authorized to do this"],
    ]);
    expect([...aws.world.models.keys()]).toEqual([]);
  });
});

describe("a deployment that is cut short", () => {
  const operations = [...new Set([...plan.prepare, plan.create, ...plan.finish].map(({ operation }) => operation))];

  it.each([...operations, "DescribeEndpoint"])("in the middle of %s puts everything back", async (operation) => {
    const controller = new AbortController();
    const empty = snapshot();
    // It is carried out, and never answered.
    aws.fail(operation, "hangs-after");
    const applying = applyTo(aws, plan, { signal: controller.signal, requestTimeoutMs: 60_000 });
    await expect.poll(() => aws.received.some((call) => call.operation === operation)).toBe(true);
    controller.abort(new Error("cut short"));
    const { kind, undone } = await applying;
    expect([kind, undone.left]).toEqual(["failed", []]);
    expect(snapshot()).toEqual({ ...empty, tags: expect.anything() });
  });
});

it("a transform job is started once", async () => {
  const job = aPlan("batch");
  expect((await applyTo(aws, job)).made.map(({ operation }) => operation)).toEqual([
    "CreateModel",
    "CreateTransformJob",
  ]);
  expect((await applyTo(aws, job)).made).toEqual([]);
});
