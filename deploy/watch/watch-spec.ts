import type { Parsed } from "../../src/domain/parsed.js";
import { findInstance } from "../planner/instance-facts.js";
import { createFlagReader, type FlagReader, type Flags } from "../spec-flags.js";
import { type AlarmLimits, usualLimits } from "./alarm-limits.js";
import type { Machine, WatchedEndpoint } from "./alarms.js";

/** What is watched, where, by which limits; `scaling` has the guide's rules, and whom they tell or set to work. */
export type WatchSpec = Readonly<{
  region: string;
  endpoint: WatchedEndpoint;
  limits: AlarmLimits;
  scaling: Readonly<{ upActions: readonly string[]; downActions: readonly string[] }> | null;
}>;

type Environment = Readonly<Record<string, string | undefined>>;

const modes = ["sync", "async", "serverless"] as const;
const namePattern = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/;
const nameRule = "at most 63 letters, digits and hyphens, with a letter or digit at both ends";
const topicPattern = /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w.-]{1,256}$/;
const policyPattern = /^arn:aws[a-z-]*:autoscaling:[a-z0-9-]+:\d{12}:scalingPolicy:\S{1,900}$/;
const maxVariants = 10;

/** Flags as typed, by their names without dashes -> what is watched, or every problem at once. */
export function parseWatchSpec(flags: Flags, env: Environment): Parsed<WatchSpec> {
  const problems: string[] = [];
  const reader = createFlagReader(flags, problems);
  const endpoint = readEndpoint(reader);
  const spec: WatchSpec = {
    region: readWatchedRegion(reader, env),
    endpoint,
    limits: readLimits(reader, endpoint),
    scaling: readScaling(reader, endpoint),
  };
  const [first, ...rest] = problems;
  return first === undefined ? { value: spec } : { problems: [first, ...rest] };
}

/** --region, else AWS_REGION. */
export function readWatchedRegion(reader: FlagReader, env: Environment): string {
  const region = reader.text("region") ?? (env.AWS_REGION || env.AWS_DEFAULT_REGION || undefined);
  if (region === undefined) reader.refuse("--region is missing, and AWS_REGION names none");
  return reader.matching("region", region ?? "", /^[a-z]{2}(-[a-z]+)+-\d$/, "a region such as us-east-1");
}

/** --endpoint-name. */
export function readEndpointName(reader: FlagReader): string {
  return reader.matching("endpoint-name", reader.required("endpoint-name", nameRule), namePattern, nameRule);
}

/** What a flag was given that may come several times; an empty text is none of the form either. */
export function readEach(reader: FlagReader, name: string, pattern: RegExp, must: string): readonly string[] {
  for (const each of reader.texts(name)) {
    if (!pattern.test(each)) reader.refuse(`--${name} must be ${must}, not "${each.slice(0, 100)}"`);
  }
  return reader.texts(name);
}

function readEndpoint(reader: FlagReader): WatchedEndpoint {
  const given = reader.texts("variant");
  const variants = given.length === 0 ? ["AllTraffic"] : [...new Set(given)];
  readEach(reader, "variant", namePattern, nameRule);
  if (variants.length > maxVariants) reader.refuse(`--variant: an endpoint has at most ${maxVariants}`);
  const topic = reader.text("sns-topic-arn");
  const common = {
    endpointName: readEndpointName(reader),
    variants,
    topicArn:
      topic === undefined ? null : reader.matching("sns-topic-arn", topic, topicPattern, "the ARN of an SNS topic"),
  };
  const mode = reader.oneOf("mode", "sync", modes);
  if (mode !== "serverless") {
    if (reader.isOn("provisioned")) reader.refuse(`--provisioned is for serverless endpoints, not for ${mode} ones`);
    return { ...common, mode, machine: readMachine(reader) };
  }
  for (const flag of ["instance-type", "vcpus", "gpus"]) {
    if (reader.isGiven(flag)) reader.refuse(`--${flag}: a serverless endpoint has no instances`);
  }
  return { ...common, mode, machine: null, hasProvisioned: reader.isOn("provisioned") };
}

/** The type's own figures; for one that we do not know, those that the caller names. */
function readMachine(reader: FlagReader): Machine {
  const type = reader.required("instance-type", "such as ml.m5.large; what an alarm begins at depends on its vCPUs");
  const known = findInstance(type);
  const isUnknown = type !== "" && known === undefined;
  if (isUnknown && !(reader.isGiven("vcpus") && reader.isGiven("gpus"))) {
    reader.refuse(`--instance-type ${type} is none that we know: give its --vcpus and --gpus as well`);
  }
  return {
    vcpus: reader.wholeNumber("vcpus", known?.vcpus ?? 1, { min: 1, max: 1024 }),
    gpus: reader.wholeNumber("gpus", known?.gpu?.count ?? 0, { min: 0, max: 64 }),
  };
}

function readLimits(reader: FlagReader, { mode, machine }: WatchedEndpoint): AlarmLimits {
  const usual = usualLimits({ gpus: machine?.gpus ?? 0, isServerless: mode === "serverless" });
  if (mode !== "async") {
    for (const flag of ["oldest-request-s", "backlog-per-instance"]) {
      if (reader.isGiven(flag)) reader.refuse(`--${flag}: a ${mode} endpoint has no queue`);
    }
  }
  const day = 86_400;
  return {
    ...usual,
    errorPercent: reader.rate("error-percent", 100) ?? usual.errorPercent,
    p99Ms: reader.rate("p99-ms", 3_600_000) ?? usual.p99Ms,
    memoryPercent: reader.rate("memory-percent", 100) ?? usual.memoryPercent,
    oldestRequestSeconds: reader.wholeNumber("oldest-request-s", usual.oldestRequestSeconds, { min: 1, max: day }),
    backlogPerInstance: reader.wholeNumber("backlog-per-instance", usual.backlogPerInstance, { min: 1, max: 1e6 }),
  };
}

/** The guide's rules are for whoever scales by them; SageMaker's own scaling goes by requests or by the queue. */
function readScaling(reader: FlagReader, endpoint: WatchedEndpoint): WatchSpec["scaling"] {
  const policies = ["scale-up-policy-arn", "scale-down-policy-arn"].map((flag) => ({ flag, arn: reader.text(flag) }));
  for (const { flag, arn = "" } of policies) reader.matching(flag, arn, policyPattern, "a scaling policy's ARN");
  const isWanted = reader.isOn("scaling-rules") || policies.some(({ arn }) => arn !== undefined);
  if (!isWanted) return null;
  if (endpoint.mode === "serverless") reader.refuse("--scaling-rules: the platform scales serverless endpoints itself");
  const [upActions, downActions] = policies.map(({ arn }) =>
    [arn ?? endpoint.topicArn].filter((each) => each !== null),
  );
  if (upActions!.length === 0 || downActions!.length === 0) {
    reader.refuse("--scaling-rules needs --scale-up-policy-arn and --scale-down-policy-arn, or --sns-topic-arn");
  }
  return { upActions: upActions!, downActions: downActions! };
}
