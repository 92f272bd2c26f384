import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { validateCall } from "../../deploy/models/validate-call.js";
import type { PlannedCall } from "../../deploy/planned-call.js";
import { readStatus, type Status } from "../../deploy/status.js";
import { usualLimits } from "../../deploy/watch/alarm-limits.js";
import { planAlarms } from "../../deploy/watch/alarms.js";
import { aPlan } from "../support/a-deployment.js";
import { applyTo, senderTo } from "../support/apply-to.js";
import { type FakeAws, startFakeAws } from "../support/fake-aws.js";
import { machineSamples, queueSamples, requestSamples } from "../support/metric-samples.js";
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

const minuteMs = 60_000;
const now = 1_800_000_010_000;
const twoMinutesAgo = now - 2 * minuteMs;

async function statusOf(endpointName: string, windowMinutes = 15): Promise<Status> {
  const status = await readStatus(sender.send, endpointName, { epochMs: now, windowMinutes });
  if (status === null) throw new Error(`${endpointName} is not there`);
  return status;
}

/** `{ AllTraffic: { p50: 12, ... }, queue: { backlog: 3 } }` */
function figuresOf({ readings }: Status): Readonly<Record<string, Readonly<Record<string, number | null>>>> {
  const figures: Record<string, Record<string, number | null>> = {};
  for (const { gauge, value } of readings) {
    const rounded = value === null ? null : Number(value.toFixed(6));
    figures[gauge.variant ?? "queue"] = { ...figures[gauge.variant ?? "queue"], [gauge.label]: rounded };
  }
  return figures;
}

describe("the status of a real-time endpoint", () => {
  beforeEach(() => applyTo(aws, aPlan("sync", { "instance-type": "ml.g4dn.xlarge", "rps-per-instance": "20" })));

  it("has what runs, what scales it, and its figures in readable units", async () => {
    const published = {
      Invocations: [400, 600],
      Invocation4XXErrors: [0, 1, 1, 0],
      Invocation5XXErrors: [0, 0, 0, 1],
      // Microseconds.
      ModelLatency: [...Array(98).fill(40_000), 250_000, 900_000],
      OverheadLatency: [8_000],
    };
    // CPU and GPU add up over vCPUs and GPUs.
    const machine = {
      ...{ CPUUtilization: [200], MemoryUtilization: [30, 55], DiskUtilization: [12] },
      ...{ GPUUtilization: [64], GPUMemoryUtilization: [21] },
    };
    aws.world.samples.push(
      ...requestSamples("look", "AllTraffic", published, twoMinutesAgo),
      ...machineSamples("look", "AllTraffic", machine, twoMinutesAgo),
    );
    const status = await statusOf("look");
    expect(figuresOf(status)).toEqual({
      AllTraffic: {
        ...{ requests: 1000, "4xx": 2, "5xx": 1, "5xx share": 25, p50: 40, p99: 250, "overhead p99": 8 },
        ...{ "memory, most": 55, CPU: 50, "disk, most": 12, GPU: 64, "GPU memory, most": 21 },
      },
    });
    expect(status).toMatchObject({ trouble: null, problems: [], endpoint: { mode: "sync", status: "InService" } });
    expect(status.endpoint.variants).toMatchObject([
      { instanceType: "ml.g4dn.xlarge", currentCount: 1, currentWeight: 1, scaling: { min: 1, max: 2 } },
    ]);
    expect(aws.changes().filter((name) => !/^(Create|Put|Register)/.test(name))).toEqual([]);
  });

  it("has no data where nothing was published, which is not zero, and none from before the window", async () => {
    aws.world.samples.push(
      ...requestSamples("look", "AllTraffic", { Invocations: [5] }, now - 20 * minuteMs),
      // Without the variant's name this is another metric.
      ...queueSamples("look", { ModelLatency: [1] }, twoMinutesAgo),
      ...requestSamples("look-2", "AllTraffic", { Invocations: [7] }, twoMinutesAgo),
    );
    const { AllTraffic } = figuresOf(await statusOf("look"));
    expect(Object.values(AllTraffic!)).toEqual(Array(12).fill(null));
    expect(figuresOf(await statusOf("look", 30)).AllTraffic!.requests).toBe(5);
  });

  it("counts alarms that ring, and not those that set scaling to work", async () => {
    const machine = { vcpus: 4, gpus: 1 };
    const watched = { endpointName: "look", variants: ["AllTraffic"], topicArn: null, mode: "sync", machine } as const;
    for (const call of planAlarms(watched, usualLimits({ gpus: 1, isServerless: false }))) await sender.send(call);
    const ring = (name: string) =>
      aws.world.alarms.set(name, { ...aws.world.alarms.get(name), AlarmName: name, StateValue: "ALARM" });
    ring("stygig/look/AllTraffic/scale-down");
    ring("stygig/look-2/AllTraffic/errors");
    expect((await statusOf("look")).trouble).toBeNull();
    ring("stygig/look/AllTraffic/latency");
    expect((await statusOf("look")).trouble).toBe("an alarm is ringing: stygig/look/AllTraffic/latency");
    ring("stygig/look/AllTraffic/errors");
    expect((await statusOf("look")).trouble).toMatch(/^2 alarms are ringing: /);
  });

  it.each([
    ["Failed", "no\n capacity", "look is Failed: no capacity"],
    ["Updating", undefined, "look is Updating"],
    ["OutOfService", undefined, "look is OutOfService"],
  ])("says that it is %s", async (status, reason, trouble) => {
    aws.world.endpoints.get("look")!.moments = [{ status, ...(reason === undefined ? {} : { reason }) }];
    expect((await statusOf("look")).trouble).toBe(trouble);
  });

  it("works where the configuration is deleted", async () => {
    aws.world.configs.clear();
    expect((await statusOf("look")).endpoint).toMatchObject({ isConfigGone: true, mode: null, variants: [] });
  });

  it("says which figures CloudWatch does not give", async () => {
    const send = async (call: PlannedCall) =>
      call.operation === "GetMetricData"
        ? { MetricDataResults: [{ Id: "m0", StatusCode: "Forbidden" }] }
        : sender.send(call);
    const status = await readStatus(send, "look", { epochMs: now, windowMinutes: 15 });
    expect(status!.problems).toEqual(["CloudWatch says Forbidden of Invocations"]);
    expect(figuresOf(status!).AllTraffic!.requests).toBeNull();
  });

  it("is null where there is no endpoint", async () => {
    expect(await readStatus(sender.send, "none", { epochMs: now, windowMinutes: 15 })).toBeNull();
  });
});

describe("the status of an async endpoint", () => {
  it("has its queue as it is now, and what was lost", async () => {
    await applyTo(aws, aPlan("async"));
    const waiting = (count: number, age: number, atMs: number) =>
      queueSamples("look-async", { ApproximateBacklogSize: [count], ApproximateAgeOfOldestRequest: [age] }, atMs);
    const done = { InvocationFailures: [1, 0, 1], ExpiredRequests: [0], Invocation5XXErrors: [0, 1, 0, 0] };
    aws.world.samples.push(
      ...waiting(90, 600, now - 10 * minuteMs),
      ...waiting(4, 30, twoMinutesAgo),
      ...requestSamples("look-async", "AllTraffic", done, twoMinutesAgo),
    );
    const { AllTraffic, queue } = figuresOf(await statusOf("look-async"));
    expect(queue).toEqual({ backlog: 4, "oldest request": 30 });
    expect(AllTraffic).toMatchObject({ requests: 4, "5xx": 1, "5xx share": 25, failed: 2, expired: 0, p99: null });
    expect(AllTraffic).not.toHaveProperty("overhead p99");
  });

  it("is in no trouble at zero instances, and none rings that wakes it", async () => {
    await applyTo(aws, aPlan("async"));
    const [name, alarm] = [...aws.world.alarms].find(([each]) => each.endsWith("/wake-up"))!;
    aws.world.alarms.set(name, { ...alarm, StateValue: "ALARM" });
    expect((await statusOf("look-async")).trouble).toBeNull();
  });
});

describe("the status of a serverless endpoint", () => {
  it("has its concurrency and its cold starts, and no machine", async () => {
    await applyTo(aws, aPlan("serverless"));
    const published = { ServerlessConcurrentExecutionsUtilization: [0.4, 0.6], ModelSetupTime: [9_500_000] };
    aws.world.samples.push(...requestSamples("look-serverless", "AllTraffic", published, twoMinutesAgo));
    const status = await statusOf("look-serverless");
    expect(status.endpoint).toMatchObject({ mode: "serverless", variants: [{ serverless: { memoryMb: 3072 } }] });
    const { AllTraffic } = figuresOf(status);
    expect(AllTraffic).toMatchObject({ "concurrency, most": 60, "model setup, longest": 9500, "memory, most": null });
    expect(AllTraffic).not.toHaveProperty("CPU");
  });
});

describe("what CloudWatch is asked", () => {
  it("is right by its model, whatever runs, page by page", async () => {
    aTwoVariantEndpoint(aws.world, "look", { old: [1, 1], new: [1, 1] });
    const { ProductionVariants } = aws.world.configs.get("look-config") as {
      ProductionVariants: { InstanceType: string }[];
    };
    ProductionVariants[1]!.InstanceType = "ml.p5.48xlarge";
    aws.world.samples.push(...machineSamples("look", "new", { CPUUtilization: [900] }, twoMinutesAgo));
    const { new: unknown, old } = figuresOf(await statusOf("look"));
    expect([old!.CPU, unknown!["CPU, added up"]]).toEqual([null, 900]);
    const asked = aws.received.filter(({ operation }) => operation === "GetMetricData");
    expect(asked.length).toBeGreaterThan(1);
    expect(asked.flatMap(validateCall)).toEqual([]);
    const { StartTime, EndTime } = asked[0]!.input as { StartTime: Date; EndTime: Date };
    expect([EndTime.getTime() % minuteMs, EndTime.getTime() - StartTime.getTime()]).toEqual([0, 15 * minuteMs]);
  });
});
