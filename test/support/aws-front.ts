import { type IncomingMessage, type RequestListener, type ServerResponse, request as sendRequest } from "node:http";
import type { FakeAws } from "./fake-aws.js";
import { type ImageHost, startHost } from "./image-host.js";
import { readAll } from "./object-store.js";

/** Who is signed in, by what the fake gives. */
export const frontAccount = "123456789012";
/** The password to the registry; nobody may print it. */
export const registryPassword = "correct-horse-battery";

export type AwsFront = Readonly<{
  host: ImageHost;
  url: string;
  /** By name, with what it was made of. */
  repositories: Map<string, Readonly<Record<string, unknown>>>;
}>;

/** One address for all of AWS: S3 is the store, repositories and identity are its own, and the rest is the fake's. */
export async function startAwsFront(aws: FakeAws, s3: RequestListener): Promise<AwsFront> {
  const repositories: AwsFront["repositories"] = new Map();
  const host = await startHost((request, response) => {
    const target = String(request.headers["x-amz-target"] ?? "");
    const operation = target.split(".")[1] ?? "";
    if (operation in registry) return void answerRegistry(repositories, operation, request, response);
    if (target !== "") return pass(aws.url, request, response);
    if (String(request.headers["content-type"]).startsWith("application/x-www-form-urlencoded")) {
      return answerIdentity(response);
    }
    s3(request, response);
  });
  return { host, url: `http://127.0.0.1:${host.port}`, repositories };
}

type Input = Readonly<Record<string, unknown>>;
type Answer = Readonly<{ body: Input } | { name: string }>;

const registry: Readonly<Record<string, (repositories: AwsFront["repositories"], input: Input) => Answer>> = {
  DescribeRepositories: (repositories, { repositoryNames }) => {
    const [name] = repositoryNames as readonly string[];
    if (!repositories.has(name!)) return { name: "RepositoryNotFoundException" };
    return { body: { repositories: [{ repositoryName: name }] } };
  },
  CreateRepository: (repositories, input) => {
    const name = String(input.repositoryName);
    if (repositories.has(name)) return { name: "RepositoryAlreadyExistsException" };
    repositories.set(name, input);
    return { body: { repository: { repositoryName: name } } };
  },
  GetAuthorizationToken: () => {
    const authorizationToken = Buffer.from(`AWS:${registryPassword}`).toString("base64");
    return { body: { authorizationData: [{ authorizationToken }] } };
  },
};

async function answerRegistry(
  repositories: AwsFront["repositories"],
  operation: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const answer = registry[operation]!(repositories, JSON.parse((await readAll(request)).toString()));
  const type = { "content-type": "application/x-amz-json-1.1" };
  if ("body" in answer) return void response.writeHead(200, type).end(JSON.stringify(answer.body));
  response.writeHead(400, { ...type, "x-amzn-errortype": answer.name });
  response.end(JSON.stringify({ __type: answer.name, message: "no" }));
}

function answerIdentity(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/xml" });
  response.end(
    `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>` +
      `<Account>${frontAccount}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
  );
}

function pass(url: string, request: IncomingMessage, response: ServerResponse): void {
  const { method, headers } = request;
  const onward = sendRequest(`${url}${request.url}`, { method: method!, headers }, (answer) => {
    response.writeHead(answer.statusCode!, answer.headers);
    answer.pipe(response);
  });
  // A failure on either side is the other's, too.
  onward.on("error", () => response.destroy());
  response.on("close", () => onward.destroy());
  request.pipe(onward);
}
