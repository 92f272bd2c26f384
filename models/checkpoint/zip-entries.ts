import { shown } from "../../src/domain/json-fields.js";
import type { CheckpointFile } from "./checkpoint-file.js";

/** One file of a zip archive, as the directory at its end declares it; `storedStart` compares that with the place itself. */
export type ZipEntry = Readonly<{
  name: string;
  /** 0 is stored, everything else compressed. */
  method: number;
  isEncrypted: boolean;
  bytes: number;
  packedBytes: number;
  headerStart: number;
}>;

/** As many as tensors are read, and some files beside them; each takes some 100 bytes. */
const maxEntries = 101_000;
const maxDirectoryBytes = 2 ** 25;

const endBytes = 22;
const locatorBytes = 20;
const end64Bytes = 56;
const entryBytes = 46;
const headerBytes = 30;
const signatures = { end: 0x06054b50, locator: 0x07064b50, end64: 0x06064b50, entry: 0x02014b50, header: 0x04034b50 };

/**
 * The directory of a zip archive (zip64, too), by name; no data is read. Every byte of the directory must be accounted
 * for, and no name may lead out of the archive or come twice.
 * @throws Error whose message says what is wrong with "it".
 */
export async function readZipEntries(file: CheckpointFile): Promise<ReadonlyMap<string, ZipEntry>> {
  const directory = await findDirectory(file);
  const view = await readView(file, directory.start, directory.bytes);
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let index = 0; index < directory.count; index++) {
    const { entry, next } = parseEntry(view, at, directory.start);
    if (entries.has(entry.name)) throw new Error(`it has the entry ${shown(entry.name)} twice`);
    entries.set(entry.name, entry);
    at = next;
  }
  if (at !== directory.bytes) throw new Error(`its directory has ${directory.bytes - at} bytes more than its entries`);
  return entries;
}

/**
 * Where the bytes of a stored entry begin. @throws Error for a compressed or encrypted one, and for one whose own
 * header is not what the directory says.
 */
export async function storedStart(file: CheckpointFile, entry: ZipEntry): Promise<number> {
  const where = `its entry ${shown(entry.name)}`;
  if (entry.isEncrypted) throw new Error(`${where} is encrypted`);
  if (entry.method !== 0 || entry.packedBytes !== entry.bytes) {
    throw new Error(`${where} is compressed; torch.save stores it as it is`);
  }
  const view = await readView(file, entry.headerStart, headerBytes);
  if (view.getUint32(0, true) !== signatures.header) throw new Error(`${where} is not where its directory says`);
  const nameLength = view.getUint16(26, true);
  const name = await readView(file, entry.headerStart + headerBytes, nameLength);
  if (view.getUint16(8, true) !== entry.method || toName(name) !== entry.name) {
    throw new Error(`${where} has another header than its directory says`);
  }
  const start = entry.headerStart + headerBytes + nameLength + view.getUint16(28, true);
  if (start + entry.bytes > file.bytes) throw new Error(`${where} ends after the file`);
  return start;
}

type Directory = Readonly<{ start: number; bytes: number; count: number }>;

async function findDirectory(file: CheckpointFile): Promise<Directory> {
  const endStart = file.bytes - endBytes;
  if (endStart < 0) throw new Error(`it has only ${file.bytes} bytes`);
  const end = await readView(file, endStart, endBytes);
  // No writer of checkpoints adds a comment; without one there is only one place to look.
  if (end.getUint32(0, true) !== signatures.end || end.getUint16(20, true) !== 0) {
    throw new Error("it has no zip directory at its end; it may have been cut short");
  }
  const locatorStart = endStart - locatorBytes;
  const locator = locatorStart < 0 ? null : await readView(file, locatorStart, locatorBytes);
  const isZip64 = locator?.getUint32(0, true) === signatures.locator;
  const directory = isZip64
    ? await readEnd64(file, locatorStart, exact(locator, 8))
    : {
        count: end.getUint16(10, true),
        bytes: end.getUint32(12, true),
        start: end.getUint32(16, true),
        ends: endStart,
      };
  if (directory.start + directory.bytes !== directory.ends) throw new Error("its zip directory is not where it says");
  if (directory.count > maxEntries || directory.bytes > maxDirectoryBytes) {
    throw new Error(`it has ${directory.count} entries; at most ${maxEntries} are read`);
  }
  return directory;
}

async function readEnd64(file: CheckpointFile, locatorStart: number, start: number) {
  if (start !== locatorStart - end64Bytes) throw new Error("its zip64 directory is not where it says");
  const view = await readView(file, start, end64Bytes);
  if (view.getUint32(0, true) !== signatures.end64) throw new Error("its zip64 directory is not where it says");
  return { count: exact(view, 32), bytes: exact(view, 40), start: exact(view, 48), ends: start };
}

function parseEntry(view: DataView, at: number, directoryStart: number): { entry: ZipEntry; next: number } {
  if (at + entryBytes > view.byteLength || view.getUint32(at, true) !== signatures.entry) {
    throw new Error("its zip directory has fewer entries than it says");
  }
  const nameLength = view.getUint16(at + 28, true);
  const extraLength = view.getUint16(at + 30, true);
  const extraStart = at + entryBytes + nameLength;
  const next = extraStart + extraLength + view.getUint16(at + 32, true);
  if (next > view.byteLength) throw new Error("its zip directory has an entry that is cut short");
  const name = toName(part(view, at + entryBytes, nameLength));
  requireInside(name);
  const large = createLargeFields(part(view, extraStart, extraLength), name);
  // In this order they follow one another in the zip64 field.
  const bytes = large(view.getUint32(at + 24, true));
  const packedBytes = large(view.getUint32(at + 20, true));
  const headerStart = large(view.getUint32(at + 42, true));
  if (headerStart + headerBytes + packedBytes > directoryStart) {
    throw new Error(`its entry ${shown(name)} reaches into the directory`);
  }
  const method = view.getUint16(at + 10, true);
  const isEncrypted = (view.getUint16(at + 8, true) & 1) !== 0;
  return { entry: { name, method, isEncrypted, bytes, packedBytes, headerStart }, next };
}

/** Gives a 32-bit field or, where that is full, the next 64-bit number of the entry's zip64 field. */
function createLargeFields(extra: DataView, name: string): (field: number) => number {
  let numbers: DataView | null = null;
  for (let at = 0; at + 4 <= extra.byteLength; ) {
    const length = extra.getUint16(at + 2, true);
    if (at + 4 + length > extra.byteLength) throw new Error(`its entry ${shown(name)} has a field that is cut short`);
    if (extra.getUint16(at, true) === 1) numbers ??= part(extra, at + 4, length);
    at += 4 + length;
  }
  let used = 0;
  return (field) => {
    if (field !== 0xffffffff) return field;
    if (numbers === null || used + 8 > numbers.byteLength)
      throw new Error(`its entry ${shown(name)} lacks a zip64 size`);
    used += 8;
    return exact(numbers, used - 8);
  };
}

function requireInside(name: string): void {
  const isPlain = /^[^\p{Cc}\\/][^\p{Cc}\\]*$/u.test(name) && !name.split("/").includes("..");
  if (!isPlain) throw new Error(`its entry ${shown(name)} has a name that leads out of it`);
}

function toName(view: DataView): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(view);
  } catch (error) {
    throw new Error("it has an entry whose name is not UTF-8", { cause: error });
  }
}

/** A 64-bit number, which every size and place in a file that exists has exactly. */
function exact(view: DataView, at: number): number {
  const value = view.getBigUint64(at, true);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new Error(`it names byte ${value}, which no file has`);
  return Number(value);
}

function part(view: DataView, start: number, length: number): DataView {
  return new DataView(view.buffer, view.byteOffset + start, length);
}

async function readView(file: CheckpointFile, start: number, length: number): Promise<DataView> {
  if (start + length > file.bytes) throw new Error(`it names byte ${start + length} of ${file.bytes}`);
  const bytes = new Uint8Array(length);
  await file.readInto(bytes, start);
  return new DataView(bytes.buffer);
}
