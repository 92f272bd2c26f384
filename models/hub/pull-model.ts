import { mkdir, open, rename, rm, statfs } from "node:fs/promises";
import { join, resolve } from "node:path";
import { chooseFiles } from "./choose-files.js";
import { downloadFile, partialBytes } from "./download-file.js";
import type { FileDigests } from "./file-digest.js";
import { explainFileProblem } from "./file-problem.js";
import { withFolderLock } from "./folder-lock.js";
import { type DeclaredFile, declareFile, type HubRevision, readRevision } from "./hub-repository.js";
import type { Hub } from "./hub-request.js";
import { type HubSettings, hideToken } from "./hub-settings.js";
import { type LockedFile, type ModelLock, readModelLock, writeModelLock } from "./model-lock.js";
import type { Wanted } from "./parse-wanted.js";
import { findDamaged, findReplaceable } from "./present-files.js";
import { type RetryOptions, withRetries } from "./retry.js";

export type PullOptions = Readonly<{
  wanted: Wanted;
  settings: HubSettings;
  folder: string;
  signal: AbortSignal;
  wait: RetryOptions["wait"];
  /** One line of news; the token never is in it. */
  tell: (line: string) => void;
  /** Bytes that are there, of those that have to come. */
  progress: (state: Readonly<{ done: number; total: number }>) => void;
  /** A socket that is silent for longer is given up. */
  inactivityMs: number;
}>;

export type PulledFile = Readonly<{ file: string; bytes: number; sha256: string; source: Source }>;
type Source = "present" | "resumed" | "downloaded";

export type PullReport = Readonly<{
  repository: string;
  revision: string;
  commit: string;
  license: string | null;
  folder: string;
  weights: string;
  files: readonly PulledFile[];
}>;

/**
 * Brings a model's description and weights into a folder: nothing that is there already is fetched again, nothing
 * takes its place before all of it is checked. @throws Error with one line, the token never in it; the signal's reason.
 */
export async function pullModel(options: PullOptions): Promise<PullReport> {
  const { token } = options.settings;
  try {
    return await pull({ ...options, tell: (line) => options.tell(hideToken(line, token)) });
  } catch (error) {
    options.signal.throwIfAborted();
    // Without its cause, which may hold the request with all its headers.
    throw new Error(hideToken(error instanceof Error ? error.message : String(error), token));
  }
}

async function pull(options: PullOptions): Promise<PullReport> {
  const { folder, wanted, settings, signal, tell } = options;
  const lock = await readModelLock(folder);
  if (lock !== null && lock.repository !== wanted.repository) {
    throw new Error(`${folder} holds ${lock.repository}: choose another --out`);
  }
  const isSame = lock !== null && [lock.revision, lock.commit].includes(wanted.revision);
  const damaged = isSame ? await findDamaged(folder, lock, signal) : [];
  if (isSame && damaged.length === 0) return report(options, lock, new Map());
  if (isSame) tell(`${damaged.join(", ")} in ${folder} is missing or damaged: fetching it again`);
  const hub: Hub = { ...settings, inactivityMs: options.inactivityMs, signal };
  const plan = isSame ? await planRepair(hub, lock, damaged, options) : await planPull(hub, options);
  await mkdir(folder, { recursive: true }).catch((error) => {
    throw explainFileProblem(folder, error);
  });
  return withFolderLock(folder, () => fill(hub, plan, options));
}

/** What a folder shall hold, with the files to fetch where they are not there yet. */
type Plan = Readonly<{ revision: HubRevision; files: readonly DeclaredFile[]; lock: ModelLock }>;

async function planPull(hub: Hub, options: PullOptions): Promise<Plan> {
  const { repository, revision, known } = options.wanted;
  const found = await withRetries(() => readRevision(hub, repository, revision), options);
  const { descriptions, weights } = chooseFiles(found.files);
  const files: DeclaredFile[] = [];
  for (const file of [...descriptions, weights]) {
    files.push(await withRetries(() => declareFile(hub, found, file), options));
  }
  for (const { file, digest } of files) {
    const expected = known?.weights.file === file ? known.weights.sha256 : null;
    if (expected === null || digest.hex === expected) continue;
    throw new Error(`${file} of ${repository} is known as sha-256 ${expected}, but the hub declares ${digest.hex}`);
  }
  const license = found.license ?? known?.license ?? null;
  const { commit } = found;
  return { revision: found, files, lock: { repository, endpoint: hub.endpoint, revision, commit, license, files: {} } };
}

/** Damaged files come from the commit of the lock, whatever the branch has become. */
async function planRepair(hub: Hub, lock: ModelLock, damaged: readonly string[], options: PullOptions): Promise<Plan> {
  const { repository, commit, license } = lock;
  const revision: HubRevision = { repository, commit, license, files: new Set(damaged) };
  const files: DeclaredFile[] = [];
  for (const file of damaged) {
    const declared = await withRetries(() => declareFile(hub, revision, file), options);
    if (declared.digest.hex !== lock.files[file]?.declared.hex) {
      throw new Error(`the hub declares another ${file} at ${commit} than the lock in ${options.folder}`);
    }
    files.push(declared);
  }
  return { revision, files, lock };
}

type Fetched = Readonly<{ declared: DeclaredFile; digests: FileDigests; source: Source; partial: string | null }>;

async function fill(hub: Hub, plan: Plan, options: PullOptions): Promise<PullReport> {
  const { folder, signal } = options;
  const before = await readModelLock(folder);
  const present = await findReplaceable(folder, plan.files, before, signal);
  const missing = plan.files.filter(({ file }) => !present.has(file));
  const total = missing.reduce((sum, { bytes }) => sum + bytes, 0);
  await requireRoom(folder, missing);
  const fetched: Fetched[] = [];
  let earlier = 0;
  for (const declared of plan.files) {
    const digests = present.get(declared.file);
    if (digests !== undefined) {
      fetched.push({ declared, digests, source: "present", partial: null });
      continue;
    }
    const progress = (bytes: number) => options.progress({ done: earlier + bytes, total });
    const from = plan.revision;
    const download = await downloadFile(declared, { hub, from, folder, retry: options, progress });
    earlier += declared.bytes;
    fetched.push({ ...download, declared, source: download.resumedAt > 0 ? "resumed" : "downloaded" });
  }
  signal.throwIfAborted();
  return putInPlace(fetched, before, plan, options);
}

/** Milliseconds, in which only a crash could leave old and new side by side; the next pull would see it. */
async function putInPlace(
  fetched: readonly Fetched[],
  before: ModelLock | null,
  plan: Plan,
  options: PullOptions,
): Promise<PullReport> {
  const { folder } = options;
  const files: Record<string, LockedFile> = { ...plan.lock.files };
  try {
    for (const { declared, digests, partial } of fetched) {
      if (partial !== null) await rename(partial, join(folder, declared.file));
      files[declared.file] = { bytes: declared.bytes, sha256: digests.sha256, declared: declared.digest };
    }
    // Weights of the revision before would be taken for those of this one.
    const obsolete = Object.keys(before?.files ?? {}).filter((file) => files[file] === undefined);
    for (const file of obsolete) await rm(join(folder, file), { force: true });
    await writeModelLock(folder, { ...plan.lock, files });
    await syncFolder(folder);
  } catch (error) {
    throw explainFileProblem(folder, error);
  }
  const sources = new Map(fetched.map(({ declared, source }) => [declared.file, source]));
  return report(options, { ...plan.lock, files }, sources);
}

function report({ folder }: PullOptions, lock: ModelLock, sources: ReadonlyMap<string, Source>): PullReport {
  const { repository, revision, commit, license } = lock;
  const files = Object.entries(lock.files).map(([file, { bytes, sha256 }]) => {
    return { file, bytes, sha256, source: sources.get(file) ?? ("present" as const) };
  });
  const { weights } = chooseFiles(new Set(files.map(({ file }) => file)));
  return { repository, revision, commit, license, folder, weights, files };
}

/** A full disk is better noticed before half an hour of fetching than after it. */
async function requireRoom(folder: string, missing: readonly DeclaredFile[]): Promise<void> {
  let neededBytes = 0;
  for (const declared of missing) neededBytes += Math.max(0, declared.bytes - (await partialBytes(declared, folder)));
  const { bavail, bsize } = await statfs(folder);
  const freeBytes = bavail * bsize;
  if (freeBytes < neededBytes) {
    throw new Error(`${resolve(folder)} has room for ${freeBytes} bytes, but ${neededBytes} have to come`);
  }
}

/** Makes the new names outlive a power cut. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
