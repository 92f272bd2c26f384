import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type EndpointState, readEndpointState, type VariantState } from "../../deploy/endpoint-state.js";
import { planChange } from "../../deploy/plan-change.js";
import { planScale, scale, type WantedSize } from "../../deploy/scale.js";
import { parseWeights, planShift, shift } from "../../deploy/shift.js";
import type { Flags } from "../../deploy/spec-flags.js";
import { aPlan } from "../support/a-deployment.js";
import { aClock, applyTo, senderTo } from "../support/apply-to.js";
import { type FakeAws, startFakeAws } from "../support/fake-aws.js";
import { aTwoVariantEndpoint } from "../support/two-variants.js";

let aws: FakeAws;
let sender: ReturnType<typeof senderTo>;
beforeEach(async () => {
  aws = await startFakeAws();
  sender = senderTo(aws);
});
afterEach(async () => {
  sender.close();
  await aws.close();
});

const stateOf = async (name: string) => (await readEndpointState(sender.send, name))!;

function someParts() {
  const [{ now, sleep }, lines]: [ReturnType<typeof aClock>, string[]] = [aClock(), []];
  return { parts: { send: sender.send, now, sleep, tell: (line: string) => void lines.push(line) }, lines, now };
}

const timeoutMs = 600_000;
const weightsOf = ({ variants }: EndpointState) =>
  variants.map(({ name, currentWeight, currentCount }) => [name, currentWeight, currentCount]);

async function shiftTo(text: string) {
  const state = await stateOf("look");
  const weights = parseWeights(text, state);
  if ("problems" in weights) throw new Error(weights.problems.join("\n"));
  const { parts, lines } = someParts();
  return { ...(await shift(parts, state, { weights: weights.value, timeoutMs })), lines };
}

describe("shift", () => {
  beforeEach(() => aTwoVariantEndpoint(aws.world, "look", { old: [3, 1], new: [2, 0] }));

  it("moves traffic, leaves counts alone, and waits until the endpoint serves so", async () => {
    const { kind, state, lines } = await shiftTo("old=50, new=50.25");
    expect([kind, weightsOf(state!)]).toEqual([
      "reached",
      [
        ["old", 50, 3],
        ["new", 50.25, 2],
      ],
    ]);
    expect(aws.changes()).toEqual(["UpdateEndpointWeightsAndCapacities"]);
    expect(lines).toEqual(["look is Updating", "look is InService"]);
  });

  it("sends each variant's weight and count, always both", async () => {
    const state = await stateOf("look");
    const { input } = planShift(
      state,
      new Map([
        ["old", 0],
        ["new", 1],
      ]),
    );
    expect(input.DesiredWeightsAndCapacities).toEqual([
      { VariantName: "old", DesiredWeight: 0, DesiredInstanceCount: 3 },
      { VariantName: "new", DesiredWeight: 1, DesiredInstanceCount: 2 },
    ]);
  });

  it("reaches weights that 32-bit floats do not have", async () => {
    expect((await shiftTo("old=0.9,new=0.1")).kind).toBe("reached");
  });

  it("does not take a look from before the change for the end", async () => {
    aws.script({ status: "InService", serves: "old" }, { status: "Updating" }, { status: "InService" });
    expect((await shiftTo("old=0,new=1")).kind).toBe("reached");
  });

  it("says what the endpoint says when the weights stay as they were", async () => {
    aws.script({ status: "Updating" }, { status: "InService", serves: "old", reason: "Unable to\n  provision" });
    const outcome = await shiftTo("old=0,new=1");
    expect(outcome).toMatchObject({
      kind: "missed",
      reason: "in service, but not with old=0,new=1: Unable to provision",
    });
  });

  it("ends when the endpoint fails, is deleted, or takes too long", async () => {
    aws.script({ status: "Updating" }, { status: "Failed", reason: "no capacity" });
    expect(await shiftTo("old=0,new=1")).toMatchObject({
      kind: "missed",
      reason: "the endpoint is Failed: no capacity",
    });
    aws.world.endpoints.get("look")!.status = "InService";
    aws.script(...Array(200).fill({ status: "Updating" }));
    expect(await shiftTo("old=0,new=1")).toMatchObject({ kind: "missed", reason: "still Updating after 10 minutes" });
  });

  it("goes on through looks that fail for a moment", async () => {
    const state = await stateOf("look");
    aws.fail("DescribeEndpoint", { name: "InternalFailure", message: "try again", status: 500 }, 5);
    const { parts, lines } = someParts();
    const weights = new Map([
      ["old", 1],
      ["new", 2],
    ]);
    expect((await shift(parts, state, { weights, timeoutMs })).kind).toBe("reached");
    expect(lines[0]).toBe("the endpoint cannot be seen right now: InternalFailure: try again");
  });

  it("says everything that is wrong with weights at once", async () => {
    const problems = (text: string, state: EndpointState) => {
      const parsed = parseWeights(text, state);
      return "problems" in parsed ? parsed.problems : [];
    };
    const state = await stateOf("look");
    expect(problems("newest=-1,50,old=0,old=x", state)).toEqual([
      '--weights: newest must be a number from 0 on, not "-1"',
      "--weights: look has no variant newest",
      '--weights must be variant=weight,..., not "50"',
      "--weights names old more than once",
      '--weights: old must be a number from 0 on, not "x"',
      "--weights leaves out new",
    ]);
    expect(problems("old=0,new=0", state)).toEqual([
      "--weights: at least one must be above 0, or nobody gets an answer",
    ]);
    expect(problems("", state)).toEqual([
      '--weights must be variant=weight,..., not ""',
      "--weights leaves out old",
      "--weights leaves out new",
    ]);
  });
});

describe("planning a change", () => {
  beforeEach(() => aTwoVariantEndpoint(aws.world, "look", { old: [3, 1], new: [2, 0] }));

  const planned = (waits = true) => {
    const { parts, now } = someParts();
    const plan = (state: EndpointState) => parseWeights("old=1,new=1", state);
    return planChange(parts, "look", { plan, waits, timeoutMs }).then((found) => ({ found, waitedMs: now() }));
  };
  const updating = [...Array(4).fill({ status: "Updating" }), { status: "InService" }];

  it("waits while the endpoint is being worked on, and plans by what it is then", async () => {
    const endpoint = aws.world.endpoints.get("look")!;
    endpoint.moments = [...updating];
    endpoint.fleets = new Map([
      ["old", { current: { count: 3, weight: 1 }, desired: { count: 7, weight: 1 } }],
      ["new", { current: { count: 2, weight: 0 }, desired: { count: 2, weight: 0 } }],
    ]);
    const { found, waitedMs } = await planned();
    expect([found!.state.status, found!.state.variants[0]!.currentCount, waitedMs > 0]).toEqual(["InService", 7, true]);
  });

  it("does not wait for what is wrong anyway, nor for a dry run", async () => {
    aws.world.endpoints.get("look")!.moments = [...updating];
    expect(await planned(false)).toMatchObject({ found: { state: { status: "Updating" } }, waitedMs: 0 });
    aTwoVariantEndpoint(aws.world, "look", { old: [3, 1] });
    aws.world.endpoints.get("look")!.moments = [...updating];
    const { found, waitedMs } = await planned();
    expect([found!.planned, waitedMs]).toEqual([{ problems: ["--weights: look has no variant new"] }, 0]);
  });

  it("waits for the first variants", async () => {
    const endpoint = aws.world.endpoints.get("look")!;
    const { config } = endpoint;
    endpoint.config = "";
    endpoint.wanted = config;
    endpoint.moments = [{ status: "Creating", serves: "old" }, { status: "Creating" }, { status: "InService" }];
    expect((await planned()).found!.planned).toHaveProperty("value");
  });

  it("is null where there is none", async () => {
    aws.world.endpoints.clear();
    expect((await planned()).found).toBeNull();
  });
});

async function scaleTo(name: string, wanted: WantedSize, variant: string | null = null) {
  const planned = planScale(await stateOf(name), wanted, variant);
  if ("problems" in planned) return { problems: planned.problems };
  const { parts, lines, now } = someParts();
  const outcome = await scale(parts, planned.value, { endpointName: name, timeoutMs });
  return { ...outcome, lines, notes: planned.value.notes, waitedMs: now() };
}

const sizeOf = ({ variants: [first] }: EndpointState): Partial<VariantState> => ({
  currentCount: first!.currentCount,
  currentWeight: first!.currentWeight,
});
const sync = (flags: Flags = {}) => aPlan("sync", flags);
const scaled: Flags = { "rps-per-instance": "10", "min-instances": "1", "max-instances": "4" };

describe("scale", () => {
  it("sets the count of a variant and keeps its weight", async () => {
    await applyTo(aws, sync());
    const outcome = await scaleTo("look", { count: 3 });
    expect(outcome).toMatchObject({ kind: "reached", notes: [] });
    expect(sizeOf(await stateOf("look"))).toEqual({ currentCount: 3, currentWeight: 1 });
  });

  it("sets the bounds of automatic scaling, and waits until a fleet outside them is inside", async () => {
    await applyTo(aws, sync(scaled));
    const outcome = await scaleTo("look", { min: 2, max: 6 });
    expect(outcome).toMatchObject({
      kind: "reached",
      notes: [],
      lines: ["look is Updating", "look is InService"],
    });
    const [variant] = (await stateOf("look")).variants;
    expect([variant!.currentCount, variant!.scaling!.min, variant!.scaling!.max]).toEqual([2, 2, 6]);
    expect(variant!.scaling!.policies).toEqual([
      { name: "RequestsPerInstance-ScalingPolicy", type: "TargetTrackingScaling" },
    ]);
  });

  it("refuses a count outside the bounds of automatic scaling", async () => {
    await applyTo(aws, sync(scaled));
    expect(await scaleTo("look", { count: 9 })).toEqual({
      problems: [
        "--count 9 is outside the bounds of automatic scaling, 1 to 4, which would undo it: change the bounds with --min and --max",
      ],
    });
    expect(await scaleTo("look", { count: 4 })).toMatchObject({
      kind: "reached",
      notes: ["automatic scaling may change the count again"],
    });
  });

  it("takes zero for async endpoints alone, and says what does not wake", async () => {
    await applyTo(aws, aPlan("async"));
    await applyTo(aws, sync());
    expect(await scaleTo("look-async", { min: 0, max: 3 })).toMatchObject({ kind: "reached", notes: [] });
    expect(await scaleTo("look-async", { count: 0 })).toMatchObject({ kind: "reached" });
    expect(await scaleTo("look", { min: 0, max: 3 })).toEqual({
      problems: ["--min 0: only async endpoints can do without an instance"],
    });
    aws.world.policies.clear();
    expect(await scaleTo("look-async", { min: 0, max: 2 })).toMatchObject({
      notes: ["no policy moves the count between these bounds: deploy with --rps-per-instance"],
    });
  });

  it("needs to be told which of several variants is meant", async () => {
    aTwoVariantEndpoint(aws.world, "look", { old: [3, 1], new: [2, 0.5] });
    expect(await scaleTo("look", { count: 4 })).toEqual({ problems: ["--variant is missing: look has old, new"] });
    expect(await scaleTo("look", { count: 4 }, "newest")).toEqual({
      problems: ["--variant: look has no newest, but old, new"],
    });
    expect(await scaleTo("look", { count: 4 }, "new")).toMatchObject({ kind: "reached" });
    expect(weightsOf(await stateOf("look"))).toEqual([
      ["old", 1, 3],
      ["new", 0.5, 4],
    ]);
  });

  it("refuses serverless endpoints and bounds the wrong way round", async () => {
    await applyTo(aws, aPlan("serverless"));
    await applyTo(aws, sync());
    expect(await scaleTo("look-serverless", { count: 2 })).toEqual({
      problems: [
        "look-serverless is serverless: it has no instances, and its concurrency is part of its configuration",
      ],
    });
    expect(await scaleTo("look", { min: 5, max: 2 })).toEqual({ problems: ["--min 5 is above --max 2"] });
  });

  it("says so when the count does not come", async () => {
    await applyTo(aws, sync());
    aws.script({ status: "Updating" }, { status: "InService", serves: "old", reason: "no capacity in the zone" });
    expect(await scaleTo("look", { count: 2 })).toMatchObject({
      kind: "missed",
      reason: "in service, but not with 2 instances: no capacity in the zone",
    });
  });
});
