import { expect, it } from "vitest";
import { fillPolicyArns, toPolicyArnReference } from "../../../deploy/answer-reference.js";
import type { PlannedCall } from "../../../deploy/planned-call.js";

const call: PlannedCall = {
  service: "cloudwatch",
  operation: "PutMetricAlarm",
  input: {
    AlarmName: "wake",
    AlarmActions: [toPolicyArnReference("Wake-Policy"), "arn:aws:sns:us-east-1:123456789012:other"],
    Period: 60,
    Nested: { at: new Date(0), bytes: new Uint8Array(1), deep: [{ arn: toPolicyArnReference("Wake-Policy") }] },
  },
};

it("is filled in wherever it stands, and nothing else is touched", () => {
  const { input } = fillPolicyArns(call, new Map([["Wake-Policy", "arn:policy"]]));
  expect(input).toEqual({
    AlarmName: "wake",
    AlarmActions: ["arn:policy", "arn:aws:sns:us-east-1:123456789012:other"],
    Period: 60,
    Nested: { at: new Date(0), bytes: new Uint8Array(1), deep: [{ arn: "arn:policy" }] },
  });
  expect(call.input.AlarmActions).toContain(toPolicyArnReference("Wake-Policy"));
});

it("of a policy that was never put is a mistake in the plan", () => {
  expect(() => fillPolicyArns(call, new Map())).toThrow("Wake-Policy was not put yet");
});
