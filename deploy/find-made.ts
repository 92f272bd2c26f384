import { orAbsent, toFailureKind } from "./aws-failure.js";
import { maxNameLength, toAlarmName, toLogGroupName } from "./names.js";
import type { SendCall } from "./planned-call.js";
import { variantName } from "./spec-common.js";
import { describeEndpoint, type Endpoint } from "./wait-endpoint.js";
import { toDashboardName } from "./watch/dashboard.js";

type Answer = Readonly<Record<string, unknown>>;

/** Everything in the account that a deployment of this name has made, as far as it is still there. */
export type Made = Readonly<{
  endpoint: Endpoint | null;
  /** Resource ids of what Application Auto Scaling holds on to. */
  targets: readonly string[];
  alarms: readonly string[];
  dashboards: readonly string[];
  configs: readonly string[];
  models: readonly string[];
  logGroups: readonly string[];
  /** What has our kind of name and yet is not taken to be ours, each with the reason. */
  foreign: readonly Readonly<{ name: string; reason: string }>[];
}>;

/**
 * Looks for all of it, whatever state it is in. Configurations and models are ours by their hashed name and by the tag
 * that the deployment gave them, and only while no other endpoint is on them.
 * @throws the service's error
 */
export async function findMade(send: SendCall, endpointName: string): Promise<Made> {
  const endpoint = await describeEndpoint(send, endpointName);
  const usedElsewhere = await findUsedElsewhere(send, endpointName);
  const configs = await findNamed(send, endpointName, {
    ...{ list: "ListEndpointConfigs", member: "EndpointConfigs", name: "EndpointConfigName", arn: "EndpointConfigArn" },
    used: usedElsewhere.configs,
  });
  const models = await findNamed(send, endpointName, {
    ...{ list: "ListModels", member: "Models", name: "ModelName", arn: "ModelArn" },
    used: usedElsewhere.models,
  });
  return {
    endpoint,
    targets: await findTargets(send, endpointName, endpoint?.variants ?? []),
    alarms: await findAlarms(send, endpointName),
    dashboards: await findDashboards(send, endpointName),
    configs: configs.ours,
    models: models.ours,
    logGroups: await findLogGroups(send, endpointName),
    foreign: [...configs.foreign, ...models.foreign],
  };
}

/** Every page of a list. */
async function* pages(send: SendCall, service: "sagemaker" | "cloudwatch", operation: string, input: Answer) {
  let NextToken: unknown;
  do {
    const page: Answer = await send({ service, operation, input: { ...input, NextToken } });
    yield page;
    ({ NextToken } = page);
  } while (NextToken !== undefined);
}

async function collect(
  ...parameters: readonly [...Parameters<typeof pages>, member: string]
): Promise<readonly Answer[]> {
  const [send, service, operation, input, member] = parameters;
  const found: Answer[] = [];
  for await (const page of pages(send, service, operation, input)) {
    found.push(...((page[member] ?? []) as readonly Answer[]));
  }
  return found;
}

type Used = Readonly<{ configs: ReadonlyMap<string, string>; models: ReadonlyMap<string, string> }>;

/** Null where it is somebody else's business: whoever may not look at an endpoint is not the one who put it on ours. */
async function orRefused<Found>(looked: Promise<Found>): Promise<Found | null> {
  return looked.catch((error: unknown) => {
    if (toFailureKind(error) === "refused") return null;
    throw error;
  });
}

/** Which configurations and models other endpoints are on, each with such an endpoint. */
async function findUsedElsewhere(send: SendCall, endpointName: string): Promise<Used> {
  const [configs, models] = [new Map<string, string>(), new Map<string, string>()];
  for (const { EndpointName } of await collect(send, "sagemaker", "ListEndpoints", {}, "Endpoints")) {
    const other = String(EndpointName);
    const endpoint = other === endpointName ? null : await orRefused(describeEndpoint(send, other));
    if (endpoint === null) continue;
    configs.set(endpoint.configName, other);
    const input = { EndpointConfigName: endpoint.configName };
    const config = await orRefused(
      orAbsent(send({ service: "sagemaker", operation: "DescribeEndpointConfig", input })),
    );
    for (const { ModelName } of (config?.ProductionVariants ?? []) as readonly Answer[]) {
      models.set(String(ModelName), other);
    }
  }
  return { configs, models };
}

type Listing = Readonly<{
  list: string;
  member: string;
  name: string;
  arn: string;
  used: ReadonlyMap<string, string>;
}>;

async function findNamed(send: SendCall, endpointName: string, listing: Listing) {
  const base = endpointName.slice(0, maxNameLength - 9).replace(/-+$/, "");
  const ours: string[] = [];
  const foreign: Readonly<{ name: string; reason: string }>[] = [];
  for (const each of await collect(send, "sagemaker", listing.list, { NameContains: base }, listing.member)) {
    const name = String(each[listing.name]);
    const digest = name.startsWith(`${base}-`) ? name.slice(base.length + 1) : "";
    if (!/^[0-9a-f]{8}$/.test(digest)) continue;
    const owner = await ownerOf(send, String(each[listing.arn]));
    const user = listing.used.get(name);
    if (owner !== endpointName)
      foreign.push({ name, reason: owner === null ? "has no tag of ours" : `belongs to ${owner}` });
    else if (user !== undefined) foreign.push({ name, reason: `${user} is on it` });
    else ours.push(name);
  }
  return { ours, foreign };
}

/** The deployment that made something, by its tag. */
async function ownerOf(send: SendCall, arn: string): Promise<string | null> {
  const tags = await orRefused(
    orAbsent(send({ service: "sagemaker", operation: "ListTags", input: { ResourceArn: arn } })),
  );
  const owner = ((tags?.Tags ?? []) as readonly Answer[]).find(({ Key }) => Key === "stygig:deployment");
  return owner === undefined ? null : String(owner.Value);
}

async function findTargets(
  send: SendCall,
  endpointName: string,
  variants: readonly string[],
): Promise<readonly string[]> {
  const names = new Set([variantName, ...variants]);
  const ids = [...names].map((variant) => `endpoint/${endpointName}/variant/${variant}`);
  const input = { ServiceNamespace: "sagemaker", ResourceIds: ids };
  const found = await send({ service: "application-auto-scaling", operation: "DescribeScalableTargets", input });
  return ((found.ScalableTargets ?? []) as readonly Answer[]).map(({ ResourceId }) => String(ResourceId));
}

async function findAlarms(send: SendCall, endpointName: string): Promise<readonly string[]> {
  const input = { AlarmNamePrefix: toAlarmName(endpointName, ""), AlarmTypes: ["MetricAlarm"] };
  const alarms = await collect(send, "cloudwatch", "DescribeAlarms", input, "MetricAlarms");
  return alarms.map(({ AlarmName }) => String(AlarmName));
}

async function findDashboards(send: SendCall, endpointName: string): Promise<readonly string[]> {
  const name = toDashboardName(endpointName);
  const input = { DashboardNamePrefix: name };
  const dashboards = await collect(send, "cloudwatch", "ListDashboards", input, "DashboardEntries");
  return dashboards.map(({ DashboardName }) => String(DashboardName)).filter((each) => each === name);
}

async function findLogGroups(send: SendCall, endpointName: string): Promise<readonly string[]> {
  const name = toLogGroupName(endpointName);
  const { logGroups } = await send({
    service: "logs",
    operation: "DescribeLogGroups",
    input: { logGroupNamePrefix: name },
  });
  return ((logGroups ?? []) as readonly Answer[])
    .map(({ logGroupName }) => String(logGroupName))
    .filter((each) => each === name);
}
