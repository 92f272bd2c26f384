import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type TeardownOptions, teardown } from "../../deploy/teardown.js";
import { aPlan } from "../support/a-deployment.js";
import { aClock, applyTo, senderTo } from "../support/apply-to.js";
import { type FakeAws, startFakeAws } from "../support/fake-aws.js";

let aws: FakeAws;
beforeEach(async () => {
  aws = await startFakeAws();
});
afterEach(() => aws.close());

const plan = aPlan("async");
const name = "look-async";

async function tearDown(endpointName = name, options: Partial<TeardownOptions> = {}) {
  const sender = senderTo(aws);
  const [{ now, sleep }, lines]: [ReturnType<typeof aClock>, string[]] = [aClock(), []];
  const parts = { send: sender.send, now, sleep, tell: (line: string) => void lines.push(line) };
  const torn = await teardown(parts, endpointName, { timeoutMs: 600_000, deletesLogs: false, ...options });
  sender.close();
  return { ...torn, operations: torn.deleted.map(({ operation }) => operation), lines };
}

const counts = () => {
  const { models, configs, endpoints, targets, policies, alarms } = aws.world;
  return [models, configs, endpoints, targets, policies, alarms].map(({ size }) => size);
};
const nothing = [0, 0, 0, 0, 0, 0];

describe("teardown", () => {
  it("takes everything away, in the order that leaves nothing without its owner", async () => {
    await applyTo(aws, plan);
    await applyTo(aws, aPlan("async", { env: ["STYGIG_LOG_LEVEL=debug"] }));
    const { operations, left, kept } = await tearDown();
    expect([...new Set(operations)]).toEqual([
      ...["DeregisterScalableTarget", "DeleteAlarms", "DeleteEndpoint", "DeleteEndpointConfig", "DeleteModel"],
    ]);
    expect([counts(), left]).toEqual([nothing, []]);
    expect(kept).toEqual([{ name: "/aws/sagemaker/Endpoints/look-async", reason: "what the containers printed" }]);
  });

  it("does nothing the second time", async () => {
    await applyTo(aws, plan);
    await tearDown(name, { deletesLogs: true });
    const before = aws.changes().length;
    expect(await tearDown()).toMatchObject({ deleted: [], left: [], kept: [] });
    expect(aws.changes()).toHaveLength(before);
    expect(aws.world.logGroups.size).toBe(0);
  });

  it("leaves other endpoints and what they are on alone, also those of nearly the same name", async () => {
    for (const each of ["look", "look-async-2"]) await applyTo(aws, aPlan("async", { "endpoint-name": each }));
    await applyTo(aws, plan);
    const [config] = [...aws.world.configs.keys()].filter((each) => each === plan.names.endpointConfig);
    // Somebody has put another endpoint on our configuration by hand.
    aws.world.endpoints.set("borrowed", { ...aws.world.endpoints.get(name)!, name: "borrowed", config: config! });
    const { kept } = await tearDown();
    expect(kept.map(({ name: each, reason }) => [each, reason])).toContainEqual([config, "borrowed is on it"]);
    expect(kept.map(({ name: each }) => each)).toContain(plan.names.model);
    expect([...aws.world.endpoints.keys()].sort()).toEqual(["borrowed", "look", "look-async-2"]);
    expect(aws.world.targets.size).toBe(2);
  });

  it("leaves what has our kind of name and no tag of ours", async () => {
    aws.world.models.set(`${name}-0123abcd`, { ModelName: `${name}-0123abcd` });
    const { kept } = await tearDown();
    expect(kept).toEqual([{ name: `${name}-0123abcd`, reason: "has no tag of ours" }]);
    expect(aws.world.models.size).toBe(1);
  });

  it.each(["Failed", "OutOfService", "UpdateRollbackFailed", "Creating", "SystemUpdating"])(
    "works on an endpoint that is %s",
    async (status) => {
      await applyTo(aws, plan);
      const endpoint = aws.world.endpoints.get(name)!;
      endpoint.status = status;
      endpoint.moments = [
        { status, serves: "old" },
        { status: status === "Failed" ? "Failed" : "InService", serves: "old" },
      ];
      expect((await tearDown()).left).toEqual([]);
      expect(counts()).toEqual(nothing);
    },
  );

  it("works from every state that a deployment can be left in", async () => {
    const calls = [...plan.prepare, plan.create, ...plan.finish].map(({ operation }) => operation);
    for (const operation of new Set(calls)) {
      aws.fail(operation, { name: "AccessDeniedException", message: "not authorized" });
      await applyTo(aws, plan, { keepsOnFailure: true });
      expect((await tearDown(name, { deletesLogs: true })).left, operation).toEqual([]);
      expect(counts(), operation).toEqual(nothing);
    }
  });

  it("says what is left and why, keeps what that needs, and takes it the next time", async () => {
    await applyTo(aws, plan);
    aws.fail("DeleteEndpoint", { name: "AccessDeniedException", message: "not authorized to deregister" });
    const { left } = await tearDown();
    expect(left.map(({ call, reason }) => [call.operation, reason])).toEqual([
      ["DeleteEndpoint", "AccessDeniedException: not authorized to deregister"],
      ["DeleteEndpointConfig", `${name} still needs it`],
      ["DeleteModel", `${name} still needs it`],
    ]);
    expect((await tearDown()).left).toEqual([]);
    expect(counts()).toEqual(nothing);
  });

  it("counts what somebody else has deleted meanwhile as gone", async () => {
    await applyTo(aws, plan);
    aws.fail("DeregisterScalableTarget", { name: "ObjectNotFoundException", message: "No scalable target found" });
    aws.fail("DeleteModel", { name: "ValidationException", message: 'Could not find model "arn:aws:..."' });
    expect((await tearDown()).left).toEqual([]);
  });
});
