import { isJsonObject, type JsonObject } from "../../src/domain/json-fields.js";
import { explainRefusal } from "./explain-failure.js";
import type { DeclaredDigest } from "./file-digest.js";
import { type Hub, withHubReply } from "./hub-request.js";
import { isCommit } from "./parse-wanted.js";

/** A repository at one commit. `license` is what the hub's page declares, or null. */
export type HubRevision = Readonly<{
  repository: string;
  commit: string;
  license: string | null;
  files: ReadonlySet<string>;
}>;

/** A file of a commit with what the hub promises of it. */
export type DeclaredFile = Readonly<{ file: string; bytes: number; digest: DeclaredDigest }>;

/** Repositories with tens of thousands of files fit; a login page of a proxy is far smaller, and is no JSON. */
const maxRevisionBytes = 16 << 20;

/** Resolves a revision to its commit. @throws Error one line; passing where another try may help. */
export async function readRevision(hub: Hub, repository: string, revision: string): Promise<HubRevision> {
  const path = `/api/models/${repository}/revision/${encodeURIComponent(revision)}`;
  const found = await withHubReply(hub, { method: "GET", path }, async (reply) => {
    if (reply.status !== 200) {
      throw explainRefusal(reply, { repository, revision, file: null, hasToken: hub.token !== null });
    }
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of reply.chunks()) {
      bytes += chunk.length;
      if (bytes > maxRevisionBytes) throw new Error(`${reply.host} answers with more than ${maxRevisionBytes} bytes`);
      parts.push(chunk);
    }
    return parseJson(Buffer.concat(parts).toString("utf8"));
  });
  const { sha: commit, siblings } = found ?? {};
  if (found === null || typeof commit !== "string" || !isCommit(commit) || !Array.isArray(siblings)) {
    throw new Error(`${new URL(hub.endpoint).host} does not answer like a Hugging Face hub: is HF_ENDPOINT right?`);
  }
  if (isCommit(revision) && commit !== revision) throw new Error(`the hub answers ${commit} for commit ${revision}`);
  const files = siblings.map((each) => (isJsonObject(each) ? each.rfilename : null));
  return {
    repository,
    commit,
    license: licenseOf(found),
    files: new Set(files.filter((name) => typeof name === "string")),
  };
}

/** Asks for size and digest of one file of a commit. @throws Error as `readRevision`. */
export async function declareFile(hub: Hub, { repository, commit }: HubRevision, file: string): Promise<DeclaredFile> {
  return withHubReply(hub, { method: "HEAD", path: pathOf(repository, commit, file) }, async (reply) => {
    const { status, declared } = reply;
    const isThere = status === 200 || (status >= 300 && status < 400);
    if (!isThere) {
      throw explainRefusal(reply, { repository, revision: commit, file, hasToken: hub.token !== null });
    }
    requireCommit(declared, commit);
    const digest = digestOf(declared);
    const size = declared.get("x-linked-size") ?? (status === 200 ? declared.get("content-length") : null) ?? "";
    if (digest === null || !/^\d{1,15}$/.test(size)) {
      throw new Error(`the hub declares no ${digest === null ? "digest" : "size"} of ${file}: it cannot be checked`);
    }
    return { file, bytes: Number(size), digest };
  });
}

/** Where a file of a commit is, below the endpoint. */
export function pathOf(repository: string, commit: string, file: string): string {
  return `/${repository}/resolve/${commit}/${encodeURIComponent(file)}`;
}

/** The digest in the hub's headers: 64 hexadecimal digits are a sha-256, 40 are git's. Null where there is neither. */
export function digestOf(headers: Headers): DeclaredDigest | null {
  const tag = headers.get("x-linked-etag") ?? headers.get("etag") ?? "";
  const hex = tag.replace(/^W\//, "").replace(/^"(.*)"$/, "$1");
  if (/^[0-9a-f]{64}$/.test(hex)) return { algorithm: "sha256", hex };
  return isCommit(hex) ? { algorithm: "git-blob-sha1", hex } : null;
}

/** @throws Error when the reply is about another commit than the one asked for. */
function requireCommit(headers: Headers, commit: string): void {
  const answered = headers.get("x-repo-commit");
  if (answered !== null && answered !== commit) throw new Error(`the hub answers for another commit than ${commit}`);
}

function parseJson(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : null;
  } catch {
    // Said by the caller, together with every other answer that no hub would give.
    return null;
  }
}

function licenseOf({ cardData, tags }: JsonObject): string | null {
  const declared = isJsonObject(cardData) ? cardData.license : null;
  const tag = Array.isArray(tags) ? tags.find((each) => typeof each === "string" && each.startsWith("license:")) : null;
  const license = typeof declared === "string" ? declared : (tag?.slice("license:".length) ?? null);
  return license !== null && /^[\w.+ -]{1,60}$/.test(license) ? license : null;
}
