import { fillPolicyArns } from "./answer-reference.js";
import { orAbsent, toFailureKind } from "./aws-failure.js";
import type { PlannedCall, SendCall } from "./planned-call.js";

type Input = PlannedCall["input"];
type Answer = Readonly<Record<string, unknown>>;

/** What is there already of what a call makes: nothing, or the record that describes it. */
type Look = (send: SendCall, input: Input) => Promise<Answer | null>;

/** What one call came to. */
export type Ensured = Readonly<{ outcome: "made" | "changed" | "same"; answer: Answer }>;

export type EnsureSettings = Readonly<{
  /** The ARNs of the scaling policies so far, by name. */
  policyArns: Map<string, string>;
  /** Told what puts things back: of every call that changed something, and of each that may have. */
  keepUndo: (call: PlannedCall) => void;
}>;

/** How each planned operation is recognized when it was done before, and how it is undone. */
type Rule = Readonly<{
  look: Look;
  /** Deletes what the call made. Null: what it made stays, for it holds what others wrote. */
  remove: ((input: Input) => PlannedCall) | null;
  /** Names hold a digest of the content: what is there by the name is the same. */
  isNamedByContent?: true;
}>;

const sagemaker = (operation: string, input: Input): PlannedCall => ({ service: "sagemaker", operation, input });
const scaling = (operation: string, input: Input): PlannedCall => ({
  service: "application-auto-scaling",
  operation,
  input,
});

/** The members of an input by name. */
function pick(input: Input, ...names: readonly string[]): Input {
  return Object.fromEntries(names.map((name) => [name, input[name]]));
}

/** Of an answer's list the record with this name: not every AWS heeds every filter. */
function recordOf(answer: Answer, list: string, name: string, wanted: unknown): Answer | null {
  return ((answer[list] ?? []) as readonly Answer[]).find((each) => each[name] === wanted) ?? null;
}

const rules: Readonly<Record<string, Rule>> = {
  CreateModel: {
    look: (send, input) => orAbsent(send(sagemaker("DescribeModel", pick(input, "ModelName")))),
    remove: (input) => sagemaker("DeleteModel", pick(input, "ModelName")),
    isNamedByContent: true,
  },
  CreateEndpointConfig: {
    look: (send, input) => orAbsent(send(sagemaker("DescribeEndpointConfig", pick(input, "EndpointConfigName")))),
    remove: (input) => sagemaker("DeleteEndpointConfig", pick(input, "EndpointConfigName")),
    isNamedByContent: true,
  },
  CreateTransformJob: {
    look: (send, input) => orAbsent(send(sagemaker("DescribeTransformJob", pick(input, "TransformJobName")))),
    remove: null,
    isNamedByContent: true,
  },
  RegisterScalableTarget: {
    look: async (send, input) => {
      const asked = { ...pick(input, "ServiceNamespace", "ScalableDimension"), ResourceIds: [input.ResourceId] };
      const found = await send(scaling("DescribeScalableTargets", asked));
      return recordOf(found, "ScalableTargets", "ResourceId", input.ResourceId);
    },
    remove: (input) =>
      scaling("DeregisterScalableTarget", pick(input, "ServiceNamespace", "ResourceId", "ScalableDimension")),
  },
  PutScalingPolicy: {
    look: async (send, input) => {
      const place = pick(input, "ServiceNamespace", "ResourceId", "ScalableDimension");
      const found = await send(scaling("DescribeScalingPolicies", { ...place, PolicyNames: [input.PolicyName] }));
      return recordOf(found, "ScalingPolicies", "PolicyName", input.PolicyName);
    },
    remove: (input) =>
      scaling("DeleteScalingPolicy", pick(input, "ServiceNamespace", "ResourceId", "ScalableDimension", "PolicyName")),
  },
  PutMetricAlarm: {
    look: async (send, input) => {
      const asked = { AlarmNames: [input.AlarmName], AlarmTypes: ["MetricAlarm"] };
      const found = await send({ service: "cloudwatch", operation: "DescribeAlarms", input: asked });
      return recordOf(found, "MetricAlarms", "AlarmName", input.AlarmName);
    },
    remove: (input) => ({ service: "cloudwatch", operation: "DeleteAlarms", input: { AlarmNames: [input.AlarmName] } }),
  },
  CreateLogGroup: {
    look: (send, input) => lookUpLogGroup(send, String(input.logGroupName)),
    remove: null,
    isNamedByContent: true,
  },
  PutRetentionPolicy: {
    look: (send, input) => lookUpLogGroup(send, String(input.logGroupName)),
    remove: null,
  },
};

async function lookUpLogGroup(send: SendCall, name: string): Promise<Answer | null> {
  const input = { logGroupNamePrefix: name };
  const found = await send({ service: "logs", operation: "DescribeLogGroups", input });
  return recordOf(found, "logGroups", "logGroupName", name);
}

/**
 * Sends a planned call unless what it makes is there already. When somebody else made it in the same moment, that counts
 * as there. What in `call` refers to scaling policies is filled in from `policyArns`, which learns new ones.
 * @throws the service's error
 */
export async function ensure(send: SendCall, call: PlannedCall, settings: EnsureSettings): Promise<Ensured> {
  const rule = rules[call.operation];
  if (rule === undefined) throw new RangeError(`there is no rule for ${call.operation}`);
  const filled = fillPolicyArns(call, settings.policyArns);
  const found = await rule.look(send, filled.input);
  const isSame = found !== null && (rule.isNamedByContent === true || holds(found, filled.input));
  const ensured = isSame ? toSame(found) : await sendAnew(send, filled, { rule, found, keepUndo: settings.keepUndo });
  const { PolicyARN: arn } = ensured.answer;
  if (call.operation === "PutScalingPolicy") settings.policyArns.set(String(call.input.PolicyName), String(arn));
  return ensured;
}

const toSame = (answer: Answer): Ensured => ({ outcome: "same", answer });

type Sending = Readonly<{ rule: Rule; found: Answer | null; keepUndo: EnsureSettings["keepUndo"] }>;

async function sendAnew(send: SendCall, call: PlannedCall, { rule, found, keepUndo }: Sending): Promise<Ensured> {
  const former = found === null ? null : toFormer(call, found);
  const undo = found === null ? (rule.remove?.(call.input) ?? null) : former;
  try {
    const answer = await send(call);
    if (undo !== null) keepUndo(undo);
    return { outcome: former === null ? "made" : "changed", answer };
  } catch (error) {
    const there = toFailureKind(error) === "existing" ? await rule.look(send, call.input) : null;
    if (there !== null) return toSame(there);
    if (undo !== null && !isRefusal(error)) keepUndo(undo);
    throw error;
  }
}

/** Whether the service said no. Of a call that was cut off nobody knows whether it was carried out. */
function isRefusal(error: unknown): boolean {
  const { $metadata } = error as Readonly<{ $metadata?: Readonly<{ httpStatusCode?: number }> }>;
  const status = $metadata?.httpStatusCode ?? 0;
  return status >= 400 && status < 500;
}

/**
 * The call that puts back what was there: its record has the members of an input, and more. Null where the record never
 * had what the call sets, as a log group without a limit.
 */
function toFormer(call: PlannedCall, found: Answer): PlannedCall | null {
  const names = Object.keys(call.input).filter((name) => !isWriteOnly(name));
  return names.some((name) => found[name] === undefined) ? null : { ...call, input: pick(found, ...names) };
}

/** Whether a record has every member that is wanted, with its value; the service adds others of its own. */
function holds(found: unknown, wanted: unknown): boolean {
  if (wanted === undefined) return true;
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(found) && found.length === wanted.length && wanted.every((each, place) => holds(found[place], each))
    );
  }
  if (typeof wanted === "object" && wanted !== null) {
    if (typeof found !== "object" || found === null) return false;
    return Object.entries(wanted).every(([name, each]) => isWriteOnly(name) || holds((found as Answer)[name], each));
  }
  return found === wanted;
}

/** Nobody is told the tags of a record in the record. */
const isWriteOnly = (name: string): boolean => name === "Tags";
