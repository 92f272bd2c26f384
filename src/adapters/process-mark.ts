import { type FileHandle, open, readFile, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { isOfAnotherProcess } from "./replace-folder.js";

/** A file that says that a process is at work. It counts for nothing once the process is gone, however it went. */
export type ProcessMark = Readonly<{
  file: string;
  /** What the clock of the file system says, in ms: whoever shares the folder shares that clock. */
  now: () => Promise<number>;
  remove: () => Promise<void>;
}>;

/** Whose mark it is. `since` is a time of the file system. */
export type MarkOwner = Readonly<{ host: string; pid: number; isAlive: boolean; since: Date }>;

/** On this machine a process can be asked for. One of another machine writes its mark again and again, ... */
const beatMs = 15_000;
/** ... and is taken for gone when it has not for so long: many times a pause of any process that still runs. */
const goneAfterMs = 120_000;

const own = new Set<string>();
let marks = 0;

/** Leaves a mark in a new file. @throws what `open` throws, EEXIST among it */
export async function leaveMark(file: string): Promise<ProcessMark> {
  const token = `${process.pid}-${marks++}`;
  const text = `${JSON.stringify({ host: hostname(), pid: process.pid, token })}\n`;
  const handle = await open(file, "wx");
  own.add(token);
  const beat = () => handle.write(text, 0);
  try {
    await beat();
  } catch (error) {
    await endMark(file, handle, token);
    throw error;
  }
  // A mark that can no longer be written grows old, as it should.
  const timer = setInterval(() => void beat().catch(() => {}), beatMs).unref();
  return {
    file,
    now: async () => {
      await beat();
      return (await handle.stat()).mtimeMs;
    },
    remove: async () => {
      clearInterval(timer);
      await endMark(file, handle, token);
    },
  };
}

async function endMark(file: string, handle: FileHandle, token: string): Promise<void> {
  own.delete(token);
  await handle.close();
  await rm(file, { force: true });
}

/** Whose mark a file is, at this time of its file system; null when there is none. */
export async function ownerOfMark(file: string, nowMs: number): Promise<MarkOwner | null> {
  const read = await Promise.all([readFile(file, "utf8"), stat(file)]).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (read === null) return null;
  const [text, found] = read;
  const { host, pid, token } = parseMark(text);
  const isRecent = nowMs - found.mtimeMs < goneAfterMs;
  const isHere = pid === process.pid ? own.has(token) : isOfAnotherProcess(String(pid));
  return { host, pid, since: found.birthtime, isAlive: host === hostname() ? isHere : isRecent };
}

/** What is being written at this moment, or what a full disk has cut short, is nobody's on a machine of its own. */
function parseMark(text: string): Readonly<{ host: string; pid: number; token: string }> {
  try {
    return JSON.parse(text);
  } catch {
    return { host: "unknown", pid: 0, token: "" };
  }
}
