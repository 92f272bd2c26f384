import { constants } from "node:fs";
import { type FileHandle, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { explainRefusal } from "./explain-failure.js";
import { agrees, createDigestBuilder, type DigestBuilder, type FileDigests } from "./file-digest.js";
import { explainFileProblem } from "./file-problem.js";
import { type DeclaredFile, digestOf, type HubRevision, pathOf } from "./hub-repository.js";
import { type Hub, type HubReply, withHubReply } from "./hub-request.js";
import { passingFailure, type RetryOptions, withRetries } from "./retry.js";

export type DownloadOptions = Readonly<{
  hub: Hub;
  from: Pick<HubRevision, "repository" | "commit">;
  folder: string;
  retry: RetryOptions;
  /** Called as bytes arrive, with how many of this file are there. */
  progress: (bytes: number) => void;
}>;

/** A complete file under its temporary name, checked and on the disk. */
export type Downloaded = Readonly<{ partial: string; digests: FileDigests; resumedAt: number }>;

/** The first mismatch may be the fault of a partial that a crash left damaged; a second one is the hub's. */
const maxMismatches = 2;

const chunkBytes = 1 << 20;

/**
 * Where an unfinished file waits. Its name holds the digest that the whole file shall have: bytes of one version can
 * never be taken for the beginning of another.
 */
function partialOf({ file, digest }: DeclaredFile): string {
  return `.${file}.${digest.hex}.partial`;
}

/**
 * Fetches a file into its partial, from where an earlier attempt stopped, and checks size and digest.
 * An interruption leaves the partial for the next attempt. @throws Error one line.
 */
export async function downloadFile(declared: DeclaredFile, options: DownloadOptions): Promise<Downloaded> {
  const { folder, retry } = options;
  await discardOtherPartials(declared, folder, retry.tell);
  const partial = join(folder, partialOf(declared));
  const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants;
  const handle = await open(partial, O_RDWR | O_CREAT | O_NOFOLLOW, 0o644).catch((error) => {
    throw explainFileProblem(partial, error);
  });
  try {
    const state = await resume(handle, declared, retry.signal);
    const resumedAt = state.builder.bytes();
    for (let mismatches = 1; ; mismatches += 1) {
      options.progress(state.builder.bytes());
      await withRetries(
        () => fetchRest(state, declared, options),
        retry,
        () => state.builder.bytes(),
      );
      const digests = state.builder.digests();
      if (agrees(digests, declared.digest)) {
        await handle.sync();
        return { partial, digests, resumedAt };
      }
      await startOver(state, declared);
      const { algorithm } = declared.digest;
      const found = algorithm === "sha256" ? digests.sha256 : digests.gitBlobSha1;
      const problem = `${declared.file} has ${algorithm} ${found}, but the hub declares ${declared.digest.hex}`;
      if (mismatches === maxMismatches) throw new Error(problem);
      retry.tell(`${problem}; fetching it once more`);
    }
  } catch (error) {
    throw explainFileProblem(partial, error);
  } finally {
    await handle.close();
  }
}

/** How much of a file an earlier attempt has left. */
export async function partialBytes(declared: DeclaredFile, folder: string): Promise<number> {
  const found = await stat(join(folder, partialOf(declared))).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return { size: 0 };
    throw explainFileProblem(folder, error);
  });
  return found.size;
}

/** The open partial with the digests of what is in it. */
type PartialState = { readonly handle: FileHandle; builder: DigestBuilder };

async function resume(handle: FileHandle, declared: DeclaredFile, signal: AbortSignal): Promise<PartialState> {
  const state: PartialState = { handle, builder: createDigestBuilder(declared.bytes) };
  const { size } = await handle.stat();
  if (size > declared.bytes) await startOver(state, declared);
  const buffer = new Uint8Array(chunkBytes);
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, state.builder.bytes());
    if (bytesRead === 0) return state;
    state.builder.update(buffer.subarray(0, bytesRead));
  }
}

async function startOver(state: PartialState, { bytes }: DeclaredFile): Promise<void> {
  await state.handle.truncate(0);
  state.builder = createDigestBuilder(bytes);
}

/** One request for what is missing. @throws Error a passing one unless all of it has come. */
async function fetchRest(state: PartialState, declared: DeclaredFile, options: DownloadOptions): Promise<void> {
  const { hub, from } = options;
  const start = state.builder.bytes();
  if (start === declared.bytes) return;
  const path = pathOf(from.repository, from.commit, declared.file);
  const headers: Record<string, string> = start === 0 ? {} : { range: `bytes=${start}-` };
  await withHubReply(hub, { method: "GET", path, headers }, async (reply) => {
    await requireContinuation(reply, state, declared, options);
    for await (const chunk of reply.chunks()) {
      if (state.builder.bytes() + chunk.length > declared.bytes) {
        await startOver(state, declared);
        throw passingFailure(`${reply.host} sent more of ${declared.file} than the ${declared.bytes} bytes declared`);
      }
      await writeAll(state.handle, chunk, state.builder.bytes());
      state.builder.update(chunk);
      options.progress(state.builder.bytes());
    }
  });
  if (state.builder.bytes() < declared.bytes) {
    const { host } = new URL(hub.endpoint);
    throw passingFailure(`${declared.file} of ${host} was cut at ${state.builder.bytes()} of ${declared.bytes} bytes`);
  }
}

/** Makes sure that what follows goes on where the partial ends; otherwise empties it or refuses. */
async function requireContinuation(
  reply: HubReply,
  state: PartialState,
  declared: DeclaredFile,
  { hub, from }: DownloadOptions,
): Promise<void> {
  const { file, bytes, digest } = declared;
  const { status, headers, host } = reply;
  const now = digestOf(reply.declared);
  if (status < 400 && now !== null && now.hex !== digest.hex) {
    throw new Error(`${file} changed on the hub while it was pulled: run the same command again`);
  }
  const start = state.builder.bytes();
  if (status === 206 && headers.get("content-range") === `bytes ${start}-${bytes - 1}/${bytes}`) return;
  if (status === 200) {
    // The server does not do ranges, so everything comes again.
    if (start > 0) await startOver(state, declared);
    const length = headers.get("content-length");
    if (length === null || length === String(bytes) || headers.has("content-encoding")) return;
    const kind = headers.get("content-type")?.replace(/[^\w/+.-].*$/, "") ?? "no type";
    throw passingFailure(`${host} sends ${length} bytes (${kind}) for ${file}, but the hub declares ${bytes}`);
  }
  if (status === 206 || status === 416) {
    await startOver(state, declared);
    throw passingFailure(`${host} answered the request for the rest of ${file} with another part (${status})`);
  }
  throw explainRefusal(reply, { ...from, revision: from.commit, file, hasToken: hub.token !== null });
}

/** A write may take less than it was given. */
async function writeAll(handle: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    const { bytesWritten } = await handle.write(chunk, done, chunk.length - done, position + done);
    done += bytesWritten;
  }
}

/** Of a version that the hub no longer has, nothing can be used. */
async function discardOtherPartials(
  declared: DeclaredFile,
  folder: string,
  tell: (line: string) => void,
): Promise<void> {
  const own = partialOf(declared);
  const start = `.${declared.file}.`;
  const names = await readdir(folder);
  for (const name of names.filter((each) => each.startsWith(start) && /\.[0-9a-f]{40,64}\.partial$/.test(each))) {
    if (name === own) continue;
    tell(`${declared.file} is another one than last time: what there was of it is thrown away`);
    await rm(join(folder, name), { force: true });
  }
}
