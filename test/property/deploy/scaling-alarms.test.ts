import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { validateCall } from "../../../deploy/models/validate-call.js";
import { planScalingAlarms } from "../../../deploy/watch/scaling-alarms.js";
import { alarmStates, type Minute } from "../../support/alarm-evaluator.js";

const machines = [
  { vcpus: 4, gpus: 1 },
  { vcpus: 48, gpus: 4 },
  { vcpus: 2, gpus: 0 },
];
const scaled = { endpointName: "look", variant: "AllTraffic", upActions: ["arn:up"], downActions: ["arn:down"] };

/** Minutes of a busy share of the machine in percent and a p95 in ms, which is missing without requests. */
function toMinutes({ vcpus, gpus }: (typeof machines)[number], values: readonly (readonly [number, number | null])[]) {
  return values.map(([percent, p95Ms]): Minute => {
    const busy: Minute =
      gpus > 0 ? { "GPUUtilization Average": percent * gpus } : { "CPUUtilization Average": percent * vcpus };
    return p95Ms === null ? busy : { ...busy, "ModelLatency p95": p95Ms * 1000 };
  });
}

/** Loads last a while, so that some of them are calm or slow for long enough to be noticed. */
const stretch = fc.tuple(
  fc.integer({ min: 1, max: 20 }),
  fc.tuple(fc.integer({ min: 0, max: 100 }), fc.option(fc.integer({ min: 1, max: 400 }))),
);
const loads = fc
  .array(stretch, { minLength: 1, maxLength: 8 })
  .map((stretches) => stretches.flatMap(([minutes, load]) => Array.from({ length: minutes }, () => load)));

describe.each(machines)("the scaling alarms of %o", (machine) => {
  const [up, down] = planScalingAlarms({ ...scaled, machine }) as [ReturnType<typeof planScalingAlarms>[number], never];

  it("are what CloudWatch takes", () => {
    expect([up, down].flatMap(validateCall)).toEqual([]);
  });

  it("are never red together, and down waits a quarter of an hour after up", () => {
    fc.assert(
      fc.property(loads, (values) => {
        const minutes = toMinutes(machine, values);
        const [isUp, isDown] = [alarmStates(up, minutes), alarmStates(down, minutes)];
        for (const [minute, isRed] of isDown.entries()) {
          if (isRed) expect(isUp.slice(Math.max(0, minute - 10), minute + 1)).not.toContain(true);
        }
      }),
    );
  });

  it("add at 200 ms, take away below half of the machine, and do nothing between", () => {
    const of = (call: typeof up, percent: number, p95Ms: number | null) =>
      alarmStates(
        call,
        toMinutes(
          machine,
          Array.from({ length: 15 }, () => [percent, p95Ms] as const),
        ),
      ).at(-1);
    expect([of(up, 80, 200), of(down, 80, 200)]).toEqual([true, false]);
    expect([of(up, 49, 60), of(down, 49, 60)]).toEqual([false, true]);
    expect([of(up, 0, null), of(down, 0, null)]).toEqual([false, true]);
    // A small part of the machine at work, and still slow: what is asked is large, and fewer instances do not help.
    expect([of(up, 20, 150), of(down, 20, 150)]).toEqual([false, false]);
    expect([of(up, 50, 60), of(down, 50, 60)]).toEqual([false, false]);
  });
});
