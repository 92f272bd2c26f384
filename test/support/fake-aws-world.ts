import type { PlannedCall } from "../../deploy/planned-call.js";
import { AwsError } from "./fake-aws-error.js";
import { type Fleet, fleetsOf, toSummary, wantFleets } from "./fake-aws-fleets.js";
import { answerLogEvents, type FakeLogEvent } from "./fake-aws-logs.js";
import { answerMetricData, type FakeSample } from "./fake-aws-metrics.js";

/** What one look at an endpoint shows. `serves`: which configuration it names, the one before or the wanted one. */
export type EndpointMoment = Readonly<{ status: string; reason?: string; serves?: "old" | "new" }>;

type Input = Readonly<Record<string, unknown>>;
type FakeEndpoint = {
  readonly name: string;
  readonly arn: string;
  config: string;
  wanted: string;
  status: string;
  reason: string | null;
  moments: EndpointMoment[];
  /** What was changed of the configuration's counts and weights. */
  fleets: ReadonlyMap<string, Fleet>;
};

/** Everything that exists, by name. Tests look into it, and put things into it. */
export type FakeWorld = Readonly<{
  models: Map<string, Input>;
  configs: Map<string, Input>;
  endpoints: Map<string, FakeEndpoint>;
  jobs: Map<string, Input>;
  targets: Map<string, Input>;
  policies: Map<string, Input>;
  alarms: Map<string, Input>;
  /** Body by name. */
  dashboards: Map<string, string>;
  logGroups: Map<string, number | null>;
  /** What the containers printed, by log group. */
  logEvents: Map<string, readonly FakeLogEvent[]>;
  samples: FakeSample[];
  tags: Map<string, Readonly<{ Key: string; Value: string }>[]>;
  /** ETag by `bucket/key`. */
  objects: Map<string, string>;
  /** How large it is, where that matters. */
  objectBytes: Map<string, number>;
  /** Digest by `repository:tag`. */
  images: Map<string, string>;
  /** What kind of image it is, where it is not a usual one. */
  imageTypes: Map<string, string>;
  /** One for each create or update to come. */
  scripts: (readonly EndpointMoment[])[];
}>;

export function makeWorld(): FakeWorld {
  const maps = () => new Map<string, never>();
  return {
    ...{ models: maps(), configs: maps(), endpoints: maps(), jobs: maps(), targets: maps(), policies: maps() },
    ...{
      alarms: maps(),
      dashboards: maps(),
      logGroups: maps(),
      tags: maps(),
      objects: maps(),
      images: maps(),
      imageTypes: maps(),
      objectBytes: maps(),
    },
    ...{ logEvents: maps(), samples: [], scripts: [] },
  };
}

const account = "123456789012";
const arnOf = (kind: string, name: string) => `arn:aws:sagemaker:us-east-1:${account}:${kind}/${name.toLowerCase()}`;
const policyArn = (name: string) =>
  `arn:aws:autoscaling:us-east-1:${account}:scalingPolicy:7d:resource:policyName/${name}`;

function required<T>(map: ReadonlyMap<string, T>, name: string, kind: string): T {
  const found = map.get(name);
  if (found === undefined) throw new AwsError("ValidationException", `Could not find ${kind} "${arnOf(kind, name)}".`);
  return found;
}

function refuseExisting(map: ReadonlyMap<string, unknown>, name: string, kind: string): void {
  if (!map.has(name)) return;
  throw new AwsError("ValidationException", `Cannot create already existing ${kind} "${arnOf(kind, name)}".`);
}

/** What AWS answers to a call, and what becomes of the world by it. @throws AwsError */
export function answer(world: FakeWorld, { operation, input }: PlannedCall): Input {
  const handler = handlers[operation];
  if (handler === undefined) throw new AwsError("InvalidAction", `the fake does not know ${operation}`);
  return handler(world, input as Record<string, never>);
}

type Handler = (world: FakeWorld, input: Record<string, never>) => Input;

const modelHandlers: Readonly<Record<string, Handler>> = {
  CreateModel: ({ models, tags }, input) => {
    refuseExisting(models, input.ModelName!, "model");
    models.set(input.ModelName!, input);
    tags.set(arnOf("model", input.ModelName!), input.Tags ?? []);
    return { ModelArn: arnOf("model", input.ModelName!) };
  },
  DescribeModel: ({ models }, { ModelName: name }) => ({
    ...required(models, name!, "model"),
    ModelArn: arnOf("model", name!),
  }),
  DeleteModel: ({ models }, { ModelName: name }) => {
    required(models, name!, "model");
    models.delete(name!);
    return {};
  },
  ListModels: ({ models }, { NameContains: part }) => ({
    Models: [...models.keys()]
      .filter((name) => name.includes(part ?? ""))
      .map((name) => ({ ModelName: name, ModelArn: arnOf("model", name) })),
  }),
  CreateEndpointConfig: ({ configs, models, tags }, input) => {
    const name: string = input.EndpointConfigName!;
    refuseExisting(configs, name, "endpoint configuration");
    for (const variant of (input.ProductionVariants ?? []) as Input[])
      required(models, String(variant.ModelName), "model");
    configs.set(name, { ...input, CreationTime: configs.size });
    tags.set(arnOf("endpoint-config", name), input.Tags ?? []);
    return { EndpointConfigArn: arnOf("endpoint-config", name) };
  },
  DescribeEndpointConfig: ({ configs }, { EndpointConfigName: name }) => ({
    ...required(configs, name!, "endpoint configuration"),
    EndpointConfigArn: arnOf("endpoint-config", name!),
  }),
  DeleteEndpointConfig: ({ configs }, { EndpointConfigName: name }) => {
    required(configs, name!, "endpoint configuration");
    configs.delete(name!);
    return {};
  },
  ListEndpointConfigs: ({ configs }, { NameContains: part }) => ({
    EndpointConfigs: [...configs.keys()]
      .filter((name) => name.includes(part ?? ""))
      .map((name) => ({ EndpointConfigName: name, EndpointConfigArn: arnOf("endpoint-config", name) })),
  }),
  ListEndpoints: ({ endpoints }) => ({ Endpoints: [...endpoints.keys()].map((name) => ({ EndpointName: name })) }),
  ListTags: ({ tags }, { ResourceArn: arn }) => ({ Tags: tags.get(arn!) ?? [] }),
};

const busy = new Set(["Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"]);

function refuseBusy(endpoint: FakeEndpoint, action: string): void {
  if (busy.has(endpoint.status)) {
    throw new AwsError("ValidationException", `Cannot ${action} in-progress endpoint "${endpoint.arn}".`);
  }
}

function startUpdating(endpoint: FakeEndpoint, script: readonly EndpointMoment[] | undefined): void {
  endpoint.status = "Updating";
  endpoint.moments = [...(script ?? [{ status: "Updating" }, { status: "InService" }])];
}

const endpointHandlers: Readonly<Record<string, Handler>> = {
  CreateEndpoint: ({ endpoints, configs, tags, scripts }, input) => {
    const [name, config]: [string, string] = [input.EndpointName!, input.EndpointConfigName!];
    refuseExisting(endpoints, name, "endpoint");
    required(configs, config, "endpoint configuration");
    const moments = [...(scripts.shift() ?? [{ status: "Creating" }, { status: "InService" }])];
    endpoints.set(name, {
      ...{ name, arn: arnOf("endpoint", name), config, wanted: config },
      status: "Creating",
      ...{ reason: null, moments, fleets: new Map() },
    });
    tags.set(arnOf("endpoint", name), input.Tags ?? []);
    return { EndpointArn: arnOf("endpoint", name) };
  },
  UpdateEndpoint: ({ endpoints, configs, scripts }, input) => {
    const { EndpointName: name, EndpointConfigName: config, RetainAllVariantProperties: retained } = input;
    const endpoint = required(endpoints, name!, "endpoint");
    refuseBusy(endpoint, "update");
    if (endpoint.status === "Failed") {
      throw new AwsError("ValidationException", `Cannot update endpoint "${endpoint.arn}" in status Failed.`);
    }
    required(configs, config!, "endpoint configuration");
    if (endpoint.config === config) {
      const text = `Cannot update endpoint "${endpoint.arn}" with the currently in use endpoint configuration`;
      throw new AwsError("ValidationException", text);
    }
    endpoint.wanted = config!;
    if (retained !== true) endpoint.fleets = new Map();
    startUpdating(endpoint, scripts.shift());
    return { EndpointArn: endpoint.arn };
  },
  DescribeEndpoint: ({ endpoints, configs }, { EndpointName: name }) => {
    const endpoint = required(endpoints, name!, "endpoint");
    const moment = endpoint.moments.shift();
    if (moment !== undefined) {
      endpoint.status = moment.status;
      endpoint.reason = moment.reason ?? null;
      if (moment.status === "InService" && moment.serves !== "old") {
        endpoint.config = endpoint.wanted;
        endpoint.fleets = new Map(
          [...endpoint.fleets].map(([variant, { desired }]) => [variant, { current: desired, desired }]),
        );
      }
    }
    const { arn, config, status, reason } = endpoint;
    const variants = (configs.get(config)?.ProductionVariants ?? []) as readonly Input[];
    return {
      ...{ EndpointName: name, EndpointArn: arn, EndpointConfigName: config, EndpointStatus: status },
      ...(reason === null ? {} : { FailureReason: reason }),
      ProductionVariants: [...fleetsOf(endpoint.fleets, configs.get(config))].map(([variant, fleet]) =>
        toSummary(
          variant,
          fleet,
          variants.find(({ VariantName }) => VariantName === variant),
        ),
      ),
    };
  },
  UpdateEndpointWeightsAndCapacities: ({ endpoints, configs, scripts }, input) => {
    const endpoint = required(endpoints, input.EndpointName!, "endpoint");
    refuseBusy(endpoint, "update");
    endpoint.fleets = wantFleets(
      fleetsOf(endpoint.fleets, configs.get(endpoint.config)),
      input.DesiredWeightsAndCapacities ?? [],
    );
    startUpdating(endpoint, scripts.shift());
    return { EndpointArn: endpoint.arn };
  },
  DeleteEndpoint: ({ endpoints }, { EndpointName: name }) => {
    const endpoint = required(endpoints, name!, "endpoint");
    refuseBusy(endpoint, "delete");
    endpoints.delete(name!);
    return {};
  },
  CreateProcessingJob: ({ jobs }, input) => {
    if (jobs.has(input.ProcessingJobName!)) throw new AwsError("ResourceInUse", "Job name must be unique");
    jobs.set(input.ProcessingJobName!, { ...input, looks: [] });
    return { ProcessingJobArn: arnOf("processing-job", input.ProcessingJobName!) };
  },
  DescribeProcessingJob: ({ jobs, scripts }, { ProcessingJobName: name }) => {
    const { looks, ...job } = required(jobs, name!, "processing job") as Input & Readonly<{ looks: EndpointMoment[] }>;
    // What the next looks see is taken over at the first one.
    if (looks.length === 0 && scripts.length > 0) looks.push(...scripts.shift()!);
    const { status, reason } = looks.length > 1 ? looks.shift()! : (looks[0] ?? { status: "Completed" });
    return { ...job, ProcessingJobStatus: status, ...(reason === undefined ? {} : { FailureReason: reason }) };
  },
  CreateTransformJob: ({ jobs, models }, input) => {
    if (jobs.has(input.TransformJobName!)) throw new AwsError("ResourceInUse", "Job name must be unique");
    required(models, input.ModelName!, "model");
    jobs.set(input.TransformJobName!, input);
    return { TransformJobArn: arnOf("transform-job", input.TransformJobName!) };
  },
  DescribeTransformJob: ({ jobs }, { TransformJobName: name }) => ({
    ...required(jobs, name!, "transform job"),
    TransformJobStatus: "Completed",
  }),
};

const notRegistered = () =>
  new AwsError("ObjectNotFoundException", "No scalable target found for service namespace: sagemaker");

/** A fleet outside its new bounds is brought inside at once. */
function boundFleet(endpoint: FakeEndpoint, config: Input | undefined, input: Input): void {
  const variant = String(input.ResourceId).split("/")[3]!;
  const fleet = fleetsOf(endpoint.fleets, config).get(variant);
  if (fleet?.desired.count === undefined) return;
  const count = Math.min(Math.max(fleet.desired.count, Number(input.MinCapacity)), Number(input.MaxCapacity));
  if (count === fleet.desired.count) return;
  endpoint.fleets = new Map(endpoint.fleets).set(variant, { ...fleet, desired: { ...fleet.desired, count } });
  startUpdating(endpoint, undefined);
}

const scalingHandlers: Readonly<Record<string, Handler>> = {
  RegisterScalableTarget: ({ targets, endpoints, configs }, input) => {
    const endpoint = endpoints.get(String(input.ResourceId).split("/")[1] ?? "");
    if (endpoint?.status !== "InService") {
      throw new AwsError("ValidationException", "Cannot register a target of an endpoint that is not in service");
    }
    targets.set(input.ResourceId!, { ...targets.get(input.ResourceId!), ...input });
    boundFleet(endpoint, configs.get(endpoint.config), input);
    return { ScalableTargetARN: `arn:aws:application-autoscaling:us-east-1:${account}:scalable-target/1` };
  },
  DescribeScalableTargets: ({ targets }, { ResourceIds: ids }) => ({
    ScalableTargets: ((ids ?? [...targets.keys()]) as readonly string[]).flatMap((id) => targets.get(id) ?? []),
  }),
  DeregisterScalableTarget: ({ targets, policies }, { ResourceId: id }) => {
    if (!targets.delete(id!)) throw notRegistered();
    for (const [name, policy] of policies) if (policy.ResourceId === id) policies.delete(name);
    return {};
  },
  PutScalingPolicy: ({ targets, policies }, input) => {
    if (!targets.has(input.ResourceId!)) throw notRegistered();
    policies.set(`${input.ResourceId}:${input.PolicyName}`, { ...input, PolicyARN: policyArn(input.PolicyName!) });
    return { PolicyARN: policyArn(input.PolicyName!), Alarms: [] };
  },
  DescribeScalingPolicies: ({ policies }, { ResourceId: id, PolicyNames: names }) => ({
    ScalingPolicies: [...policies.values()].filter(
      (policy) =>
        (id === undefined || policy.ResourceId === id) &&
        (names === undefined || (names as readonly unknown[]).includes(policy.PolicyName)),
    ),
  }),
  DeleteScalingPolicy: ({ policies }, { PolicyName: name, ResourceId: id }) => {
    if (!policies.delete(`${id}:${name}`))
      throw new AwsError("ObjectNotFoundException", `No scaling policy found: ${name}`);
    return {};
  },
};

const watchHandlers: Readonly<Record<string, Handler>> = {
  PutMetricAlarm: ({ alarms }, input) => {
    // An alarm that is put anew keeps its state until it is looked at again.
    const { StateValue = "OK" } = alarms.get(input.AlarmName!) ?? {};
    alarms.set(input.AlarmName!, { ...input, StateValue });
    return {};
  },
  DescribeAlarms: ({ alarms }, { AlarmNames: names, AlarmNamePrefix: prefix, StateValue: state }) => ({
    MetricAlarms: [...alarms.values()].filter(
      ({ AlarmName, StateValue }) =>
        (state === undefined || StateValue === state) &&
        ((names as readonly unknown[] | undefined)?.includes(AlarmName) ?? true) &&
        String(AlarmName).startsWith(prefix ?? ""),
    ),
    CompositeAlarms: [],
  }),
  DeleteAlarms: ({ alarms }, { AlarmNames: names }) => {
    for (const name of names as unknown as readonly string[]) {
      if (!alarms.delete(name)) throw new AwsError("ResourceNotFound", `Unknown alarm ${name}`, 404);
    }
    return {};
  },
  GetMetricData: ({ samples }, input) => answerMetricData(samples, input),
  FilterLogEvents: ({ logEvents }, input) => answerLogEvents(logEvents, input),
  PutDashboard: ({ dashboards }, { DashboardName: name, DashboardBody: body }) => {
    dashboards.set(name!, body!);
    return { DashboardValidationMessages: [] };
  },
  ListDashboards: ({ dashboards }, { DashboardNamePrefix: prefix }) => ({
    DashboardEntries: [...dashboards.keys()]
      .filter((name) => name.startsWith(prefix ?? ""))
      .map((DashboardName) => ({ DashboardName })),
  }),
  DeleteDashboards: ({ dashboards }, { DashboardNames: names }) => {
    for (const name of names as unknown as readonly string[]) dashboards.delete(name);
    return {};
  },
  CreateLogGroup: ({ logGroups }, { logGroupName: name }) => {
    if (logGroups.has(name!)) {
      throw new AwsError("ResourceAlreadyExistsException", "The specified log group already exists");
    }
    logGroups.set(name!, null);
    return {};
  },
  DescribeLogGroups: ({ logGroups }, { logGroupNamePrefix: prefix }) => ({
    logGroups: [...logGroups]
      .filter(([name]) => name.startsWith(prefix ?? ""))
      .map(([logGroupName, days]) => ({ logGroupName, ...(days === null ? {} : { retentionInDays: days }) })),
  }),
  PutRetentionPolicy: ({ logGroups }, { logGroupName: name, retentionInDays: days }) => {
    if (!logGroups.has(name!))
      throw new AwsError("ResourceNotFoundException", "The specified log group does not exist.");
    logGroups.set(name!, days!);
    return {};
  },
  DeleteLogGroup: ({ logGroups }, { logGroupName: name }) => {
    if (!logGroups.delete(name!)) {
      throw new AwsError("ResourceNotFoundException", "The specified log group does not exist.");
    }
    return {};
  },
};

const storeHandlers: Readonly<Record<string, Handler>> = {
  HeadObject: ({ objects, objectBytes }, { Bucket: bucket, Key: key }) => {
    const tag = objects.get(`${bucket}/${key}`);
    if (tag === undefined) throw new AwsError("NotFound", "Not Found", 404);
    return { headers: { etag: `"${tag}"`, "content-length": String(objectBytes.get(`${bucket}/${key}`) ?? 0) } };
  },
  DescribeImages: ({ images, imageTypes }, { repositoryName: repository, imageIds: ids }) => {
    const [id] = ids as unknown as readonly Readonly<{ imageTag?: string; imageDigest?: string }>[];
    const digest = images.get(`${repository}:${id?.imageTag}`);
    if (digest === undefined) {
      throw new AwsError("ImageNotFoundException", `The image with imageId ${JSON.stringify(id)} does not exist`);
    }
    return {
      imageDetails: [
        {
          imageDigest: digest,
          imageTags: [id?.imageTag],
          imageManifestMediaType: imageTypes.get(`${repository}:${id?.imageTag}`),
        },
      ],
    };
  },
};

const handlers: Readonly<Record<string, Handler>> = {
  ...modelHandlers,
  ...endpointHandlers,
  ...scalingHandlers,
  ...watchHandlers,
  ...storeHandlers,
};
