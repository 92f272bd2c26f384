import type { PlannedCall, SendCall, ServiceName } from "./planned-call.js";

export type AwsConnection = Readonly<{
  region: string;
  /** Another address for every service, as a test's; null is AWS itself. */
  endpointUrl?: string | null;
  /** Where they are not given, the SDK finds them as the AWS command line does. */
  credentials?: Readonly<{ accessKeyId: string; secretAccessKey: string }>;
  /** How long one answer may take. */
  requestTimeoutMs?: number;
  /** Cuts off what is under way. */
  signal?: AbortSignal;
}>;

/** `send` waits for an answer for half a minute, and tries a throttled or failed call five times in all. */
export type AwsSender = Readonly<{ send: SendCall; close: () => void }>;

type Client = Readonly<{
  send: (
    command: unknown,
    options: Readonly<{ abortSignal?: AbortSignal }>,
  ) => Promise<Readonly<Record<string, unknown>>>;
  destroy: () => void;
}>;
type Commands = Readonly<Record<string, unknown>>;
type Sdk = Readonly<{ commands: Commands; open: (settings: object) => unknown }>;

/** Each service's SDK, read only when one of its calls is sent. */
const sdks: Readonly<Record<ServiceName, () => Promise<Sdk>>> = {
  sagemaker: async () => toSdk(await import("@aws-sdk/client-sagemaker"), "SageMakerClient"),
  "application-auto-scaling": async () =>
    toSdk(await import("@aws-sdk/client-application-auto-scaling"), "ApplicationAutoScalingClient"),
  cloudwatch: async () => toSdk(await import("@aws-sdk/client-cloudwatch"), "CloudWatchClient"),
  logs: async () => toSdk(await import("@aws-sdk/client-cloudwatch-logs"), "CloudWatchLogsClient"),
  s3: async () => toSdk(await import("@aws-sdk/client-s3"), "S3Client"),
  sns: async () => toSdk(await import("@aws-sdk/client-sns"), "SNSClient"),
  iam: async () => toSdk(await import("@aws-sdk/client-iam"), "IAMClient"),
  ecr: async () => toSdk(await import("@aws-sdk/client-ecr"), "ECRClient"),
  ecs: async () => toSdk(await import("@aws-sdk/client-ecs"), "ECSClient"),
  sts: async () => toSdk(await import("@aws-sdk/client-sts"), "STSClient"),
  "service-quotas": async () => toSdk(await import("@aws-sdk/client-service-quotas"), "ServiceQuotasClient"),
};

const maxAttempts = 5;
const usualRequestTimeoutMs = 30_000;
const connectionTimeoutMs = 5_000;

/** Sends planned calls to AWS, and nothing before the first of them. Credentials are looked for then, too. */
export function createAwsSender(connection: AwsConnection): AwsSender {
  const open = new Map<ServiceName, Promise<Readonly<{ commands: Commands; client: Client }>>>();
  const connect = (service: ServiceName) => {
    const connected = open.get(service) ?? openClient(service, connection);
    open.set(service, connected);
    return connected;
  };
  return {
    send: async ({ service, operation, input }) => {
      const { commands, client } = await connect(service);
      const Command = commands[`${operation}Command`] as (new (input: PlannedCall["input"]) => unknown) | undefined;
      if (Command === undefined) throw new Error(`the SDK has no ${service} ${operation}`);
      return client.send(new Command(input), connection.signal === undefined ? {} : { abortSignal: connection.signal });
    },
    close: () => {
      for (const connected of open.values())
        connected.then(
          ({ client }) => client.destroy(),
          () => {},
        );
    },
  };
}

function toSdk(module: object, clientName: string): Sdk {
  const commands = module as Commands;
  const Client = commands[clientName] as new (settings: object) => unknown;
  return { commands, open: (settings) => new Client(settings) };
}

async function openClient(service: ServiceName, connection: AwsConnection) {
  const { region, endpointUrl, credentials, requestTimeoutMs = usualRequestTimeoutMs } = connection;
  const { commands, open } = await sdks[service]();
  const client = open({
    ...{ region, maxAttempts, retryMode: "standard" },
    // Without the last one the SDK only warns, and waits on.
    requestHandler: {
      ...{ requestTimeout: requestTimeoutMs, connectionTimeout: connectionTimeoutMs },
      throwOnRequestTimeout: true,
    },
    ...(endpointUrl == null ? {} : { endpoint: endpointUrl, ...(service === "s3" ? { forcePathStyle: true } : {}) }),
    ...(credentials === undefined ? {} : { credentials }),
  });
  return { commands, client: client as Client };
}
