import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { validateCall } from "../../deploy/models/validate-call.js";
import type { PlannedCall, ServiceName } from "../../deploy/planned-call.js";
import type { Policy } from "../../deploy/watch/iam.js";
import { AwsError } from "./fake-aws-error.js";
import { answer, type EndpointMoment, type FakeWorld, makeWorld } from "./fake-aws-world.js";
import { findDenied } from "./fake-iam.js";

/** What goes wrong instead of an answer: AWS's error, an answer that never comes, or a connection that is cut. */
export type Failure =
  | Readonly<{ name: string; message: string; status?: number }>
  | "hangs"
  | "cut"
  /** The call is carried out, and then the connection is cut: the caller cannot know. */
  | "cut-after"
  /** The call is carried out, and never answered. */
  | "hangs-after";

/** AWS as far as our calls go, over the wire, with endpoints that take their time and calls that fail as told. */
export type FakeAws = Readonly<{
  url: string;
  world: FakeWorld;
  /** Every call that came, in order, failed ones included. */
  received: PlannedCall[];
  /** Of those the ones that change something. */
  changes: () => readonly string[];
  /** The next calls of an operation fail. */
  fail: (operation: string, failure: Failure, times?: number) => void;
  /** What looks at the endpoint see after the next create or update, one after the other. */
  script: (...moments: readonly EndpointMoment[]) => void;
  /** From now on nobody may do more than this policy gives. */
  allowOnly: (policy: Policy) => void;
  close: () => Promise<void>;
}>;

const servicesByTarget: Readonly<Record<string, ServiceName>> = {
  SageMaker: "sagemaker",
  AnyScaleFrontendService: "application-auto-scaling",
  GraniteServiceVersion20100801: "cloudwatch",
  Logs_20140328: "logs",
  AmazonEC2ContainerRegistry_V20150921: "ecr",
};

/** Starts it on the loopback address. */
export async function startFakeAws(): Promise<FakeAws> {
  const world = makeWorld();
  const received: PlannedCall[] = [];
  const failures = new Map<string, Failure[]>();
  let policy: Policy | null = null;
  const server = createServer((request, response) => {
    void serve(request, response).catch((error: unknown) => {
      sendError(response, new AwsError("InternalFailure", String(error), 500));
    });
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = await readCall(request);
    received.push(call);
    const denied = policy === null ? null : findDenied(policy, call);
    if (denied !== null) {
      const text = `is not authorized to perform: ${denied.action} on resource: ${denied.resource}`;
      return sendError(response, new AwsError("AccessDeniedException", text));
    }
    const failure = failures.get(call.operation)?.shift();
    if (failure === "hangs") return;
    if (failure === "cut") return void request.socket.destroy();
    if (failure !== undefined && failure !== "cut-after" && failure !== "hangs-after") {
      return sendError(response, new AwsError(failure.name, failure.message, failure.status));
    }
    try {
      const problems = validateCall(call);
      if (problems.length > 0) throw new AwsError("ValidationException", problems.join("; "));
      const body = answer(world, call);
      if (failure === "hangs-after") return;
      if (failure === "cut-after") return void request.socket.destroy();
      send(response, 200, body);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      if (failure === "hangs-after") return;
      sendError(response, error);
    }
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    ...{ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, world, received },
    changes: () =>
      received
        .map(({ operation }) => operation)
        .filter((name) => !/^(Describe|List|Get|Head|BatchGet|Filter)/.test(name)),
    fail: (operation, failure, times = 1) => {
      failures.set(operation, [...(failures.get(operation) ?? []), ...Array<Failure>(times).fill(failure)]);
    },
    script: (...moments) => void world.scripts.push(moments),
    allowOnly: (given) => {
      policy = given;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readCall(request: IncomingMessage): Promise<PlannedCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const [target, operation] = String(request.headers["x-amz-target"] ?? "").split(".");
  const service = servicesByTarget[target ?? ""];
  if (service !== undefined && operation !== undefined) {
    return { service, operation, input: withTimes(JSON.parse(Buffer.concat(chunks).toString() || "{}")) };
  }
  if (request.method !== "HEAD") throw new Error(`the fake does not know ${request.method} ${request.url} ${target}`);
  const [, bucket, ...key] = decodeURIComponent(new URL(request.url ?? "/", "http://x").pathname).split("/");
  return { service: "s3", operation: "HeadObject", input: { Bucket: bucket, Key: key.join("/") } };
}

/** Times travel as seconds since 1970. */
function withTimes(input: PlannedCall["input"]): PlannedCall["input"] {
  const times = ["StartTime", "EndTime"].filter((name) => typeof input[name] === "number");
  return { ...input, ...Object.fromEntries(times.map((name) => [name, new Date(Number(input[name]) * 1000)])) };
}

function send(response: ServerResponse, status: number, body: Readonly<Record<string, unknown>>): void {
  const { headers, ...rest } = body as { headers?: Record<string, string> };
  response.writeHead(status, { "content-type": "application/x-amz-json-1.1", ...headers });
  response.end(headers === undefined ? JSON.stringify(rest) : "");
}

function sendError(response: ServerResponse, { name, message, status }: AwsError): void {
  response.writeHead(status, { "content-type": "application/x-amz-json-1.1", "x-amzn-errortype": name });
  response.end(JSON.stringify({ __type: name, message }));
}
