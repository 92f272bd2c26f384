import { createHash } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll } from "vitest";

/** A request as it came in at the hub or at its storage, which is another origin. */
export type SeenRequest = Readonly<{
  at: "hub" | "storage";
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
}>;

/** What goes wrong with a request instead of, or in, its usual answer. */
export type Fault =
  | Readonly<{ kind: "reply"; status: number; headers?: Readonly<Record<string, string>>; body?: string }>
  /** The connection breaks, or falls silent, after so many bytes of the body. */
  | Readonly<{ kind: "cut" | "stall"; afterBytes: number }>
  | Readonly<{ kind: "corrupt" | "longer" | "shorter" | "ignore-range" | "wrong-range" }>;

type Commit = Readonly<{ commit: string; files: Readonly<Record<string, Uint8Array>> }>;

export type TestHub = Readonly<{
  endpoint: string;
  requests: SeenRequest[];
  /** Makes `name` (a branch, tag or ref) a commit with these files; small files are git's, others LFS. */
  publish: (repository: string, name: string, files: Readonly<Record<string, Uint8Array>>) => string;
  /** The next `times` requests whose `METHOD path` matches go wrong so. */
  fail: (pattern: RegExp, fault: Fault, times?: number) => void;
  /** Resolves when a request whose `METHOD path` matches comes in. */
  arrival: (pattern: RegExp) => Promise<void>;
  /** Repositories of old names. */
  rename: (from: string, to: string) => void;
  close: () => Promise<void>;
}>;

/** Larger files are stored beside git. */
const largestGitBytes = 1_000;

const sha256Of = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const gitBlobOf = (bytes: Uint8Array) =>
  createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");

const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

/** A server that answers as the Hugging Face hub does, and a second one that is its storage. */
export async function startHub(): Promise<TestHub> {
  const requests: SeenRequest[] = [];
  const faults: { pattern: RegExp; fault: Fault; times: number }[] = [];
  const repositories = new Map<string, Map<string, Commit>>();
  const renamed = new Map<string, string>();
  const blobs = new Map<string, Uint8Array>();

  const awaited: { pattern: RegExp; resolve: () => void }[] = [];

  const takeFault = (line: string): Fault | null => {
    const found = faults.find(({ pattern, times }) => times > 0 && pattern.test(line));
    if (found === undefined) return null;
    found.times -= 1;
    return found.fault;
  };

  const listen = async (at: SeenRequest["at"], answer: (seen: SeenRequest, response: ServerResponse) => void) => {
    const server = createServer((request, response) => {
      const { method = "", url: path = "", headers } = request;
      const seen = { at, method, path, headers };
      requests.push(seen);
      for (const { pattern, resolve } of awaited) if (pattern.test(`${method} ${path}`)) resolve();
      const fault = takeFault(`${method} ${path}`);
      if (fault?.kind === "reply") {
        response.writeHead(fault.status, fault.headers).end(fault.body);
        return;
      }
      pendingFaults.set(response, fault);
      answer(seen, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return server;
  };

  const storage = await listen("storage", (seen, response) => {
    const bytes = blobs.get(new URL(seen.path, "http://storage").pathname.slice("/blobs/".length));
    if (bytes === undefined) return void response.writeHead(404).end();
    sendBytes(seen, response, bytes, { etag: '"storage-has-its-own"' });
  });
  const storageAddress = addressOf(storage, "localhost");

  const hub = await listen("hub", (seen, response) => {
    const path = decodeURIComponent(new URL(seen.path, "http://hub").pathname);
    const isAnonymous = seen.headers.authorization === undefined;
    const api = /^\/api\/models\/([^/]+\/[^/]+)\/revision\/(.+)$/.exec(path);
    const cached = /^\/api\/resolve-cache\/models\/([^/]+\/[^/]+)\/([0-9a-f]{40})\/(.+)$/.exec(path);
    const file = /^\/([^/]+\/[^/]+)\/resolve\/(.+)\/([^/]+)$/.exec(path);
    const [, repository = "", revision = "", name = ""] = api ?? cached ?? file ?? [];
    const target = renamed.get(repository);
    if (target !== undefined) {
      return void response.writeHead(307, { location: seen.path.replace(repository, target) }).end();
    }
    const commits = repositories.get(repository);
    const refuse = (status: number, code: string) => void response.writeHead(status, { "x-error-code": code }).end();
    if (commits === undefined) return refuse(isAnonymous ? 401 : 404, "RepoNotFound");
    const at = commits.get(revision) ?? [...commits.values()].find(({ commit }) => commit === revision);
    if (at === undefined) return refuse(404, "RevisionNotFound");
    if (api !== null) {
      const siblings = Object.keys(at.files).map((rfilename) => ({ rfilename }));
      const body = JSON.stringify({ id: repository, sha: at.commit, siblings, cardData: { license: "mit" } });
      return void response.writeHead(200, { "content-type": "application/json" }).end(body);
    }
    const bytes = at.files[name];
    if (bytes === undefined) return refuse(404, "EntryNotFound");
    const headers = { "x-repo-commit": at.commit };
    if (cached !== null) return sendBytes(seen, response, bytes, { ...headers, etag: `"${gitBlobOf(bytes)}"` });
    if (bytes.length <= largestGitBytes) {
      const location = `/api/resolve-cache/models/${repository}/${at.commit}/${name}`;
      return void response.writeHead(307, { ...headers, location, etag: `"${gitBlobOf(bytes)}"` }).end("moved");
    }
    const digest = sha256Of(bytes);
    const linked = { "x-linked-size": String(bytes.length), "x-linked-etag": `"${digest}"` };
    const location = `${storageAddress}/blobs/${digest}?Signature=secret`;
    response.writeHead(302, { ...headers, ...linked, location }).end("found");
  });

  const close = async () => {
    await Promise.all([hub, storage].map(closeServer));
  };
  closing.push(close);
  return {
    endpoint: addressOf(hub, "127.0.0.1"),
    requests,
    publish: (repository, name, files) => {
      const contents = Object.entries(files).map(([file, bytes]) => `${file} ${sha256Of(bytes)}`);
      const commit = createHash("sha1")
        .update(`${repository} ${contents.join(" ")}`)
        .digest("hex");
      const commits = repositories.get(repository) ?? new Map<string, Commit>();
      repositories.set(repository, commits.set(commit, { commit, files }).set(name, { commit, files }));
      for (const bytes of Object.values(files)) blobs.set(sha256Of(bytes), bytes);
      return commit;
    },
    fail: (pattern, fault, times = 1) => void faults.push({ pattern, fault, times }),
    arrival: (pattern) => new Promise((resolve) => void awaited.push({ pattern, resolve })),
    rename: (from, to) => void renamed.set(from, to),
    close,
  };
}

const pendingFaults = new WeakMap<ServerResponse, Fault | null>();

function sendBytes(
  { method, headers }: SeenRequest,
  response: ServerResponse,
  bytes: Uint8Array,
  extra: Readonly<Record<string, string>>,
): void {
  const fault = pendingFaults.get(response) ?? null;
  const asked = /^bytes=(\d+)-$/.exec(headers.range ?? "");
  const isPart = asked !== null && fault?.kind !== "ignore-range";
  const start = isPart ? Number(asked[1]) : 0;
  if (isPart && start >= bytes.length) return void response.writeHead(416).end();
  const body = Buffer.from(bytes.subarray(start));
  if (fault?.kind === "corrupt") body[0] = body[0]! ^ 1;
  const isUnannounced = fault?.kind === "longer" || fault?.kind === "shorter";
  const sent = fault?.kind === "longer" ? Buffer.concat([body, Buffer.from("more")]) : body;
  const first = fault?.kind === "wrong-range" ? start - 1 : start;
  response.writeHead(isPart ? 206 : 200, {
    ...extra,
    // Who sends more or less than there is does not announce it.
    ...(isUnannounced ? {} : { "content-length": sent.length }),
    ...(isPart ? { "content-range": `bytes ${first}-${bytes.length - 1}/${bytes.length}` } : {}),
  });
  if (method === "HEAD") return void response.end();
  if (fault?.kind === "shorter") return void response.end(sent.subarray(0, sent.length / 2));
  if (fault?.kind !== "cut" && fault?.kind !== "stall") return void response.end(sent);
  response.write(sent.subarray(0, fault.afterBytes), () => {
    if (fault.kind === "cut") response.destroy();
  });
}

function addressOf(server: Server, host: string): string {
  return `http://${host}:${(server.address() as AddressInfo).port}`;
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}
