import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { aFolder } from "./a-folder.js";

/** One file of an archive; what is given beside name and bytes is written whether it is true or not. */
export type EntryToWrite = Readonly<{
  name: string;
  bytes: Uint8Array;
  /** In the directory. */
  method?: number;
  flags?: number;
  declaredBytes?: number;
  /** As which size the directory says that it unpacks; by default the same. */
  unpackedBytes?: number;
  headerStart?: number;
  /** In the header before the bytes. */
  headerName?: string;
}>;

export type ArchiveFaults = Readonly<{
  /** Sizes and places in 64 bits, as in archives of more than 4 GiB. */
  zip64?: boolean;
  /** Entries that the directory says it has. */
  count?: number;
  /** Added to where the directory says it begins. */
  directoryShift?: number;
  comment?: string;
}>;

/** A zip archive of stored entries, and every lie that it is asked to tell. */
export function toZipBytes(entries: readonly EntryToWrite[], faults: ArchiveFaults = {}): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const entry of entries) {
    const header = Buffer.concat([localHeader(entry), Buffer.from(entry.headerName ?? entry.name), entry.bytes]);
    directory.push(directoryEntry(entry, entry.headerStart ?? at, faults.zip64 === true));
    parts.push(header);
    at += header.length;
  }
  const directoryBytes = Buffer.concat(directory);
  const start = at + (faults.directoryShift ?? 0);
  const count = faults.count ?? entries.length;
  const ends = faults.zip64 === true ? [end64(count, directoryBytes.length, start, at)] : [];
  return new Uint8Array(
    Buffer.concat([...parts, directoryBytes, ...ends, end(count, directoryBytes.length, start, faults)]),
  );
}

function localHeader({ name, headerName, bytes }: EntryToWrite): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt32LE(crc32(bytes), 14);
  header.writeUInt32LE(bytes.length, 18);
  header.writeUInt32LE(bytes.length, 22);
  header.writeUInt16LE(Buffer.byteLength(headerName ?? name), 26);
  return header;
}

function directoryEntry(entry: EntryToWrite, start: number, zip64: boolean): Buffer {
  const size = entry.declaredBytes ?? entry.bytes.length;
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(entry.flags ?? 0, 8);
  header.writeUInt16LE(entry.method ?? 0, 10);
  header.writeUInt32LE(crc32(entry.bytes), 16);
  header.writeUInt32LE(zip64 ? 0xffffffff : size, 20);
  header.writeUInt32LE(zip64 ? 0xffffffff : (entry.unpackedBytes ?? size), 24);
  header.writeUInt16LE(Buffer.byteLength(entry.name), 28);
  header.writeUInt16LE(zip64 ? 28 : 0, 30);
  header.writeUInt32LE(zip64 ? 0xffffffff : start, 42);
  const large = Buffer.alloc(zip64 ? 28 : 0);
  if (zip64) {
    large.writeUInt16LE(1, 0);
    large.writeUInt16LE(24, 2);
    [size, size, start].forEach((value, index) => void large.writeBigUInt64LE(BigInt(value), 4 + 8 * index));
  }
  return Buffer.concat([header, Buffer.from(entry.name), large]);
}

function end(count: number, bytes: number, start: number, { zip64, comment = "" }: ArchiveFaults): Buffer {
  const record = Buffer.alloc(22);
  record.writeUInt32LE(0x06054b50, 0);
  record.writeUInt16LE(zip64 ? 0xffff : count, 8);
  record.writeUInt16LE(zip64 ? 0xffff : count, 10);
  record.writeUInt32LE(zip64 ? 0xffffffff : bytes, 12);
  record.writeUInt32LE(zip64 ? 0xffffffff : start, 16);
  record.writeUInt16LE(comment.length, 20);
  return Buffer.concat([record, Buffer.from(comment)]);
}

function end64(count: number, bytes: number, start: number, dataBytes: number): Buffer {
  const record = Buffer.alloc(56 + 20);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(44n, 4);
  [count, count, bytes, start].forEach((value, index) => void record.writeBigUInt64LE(BigInt(value), 24 + 8 * index));
  record.writeUInt32LE(0x07064b50, 56);
  record.writeBigUInt64LE(BigInt(dataBytes + bytes), 64);
  record.writeUInt32LE(1, 72);
  return record;
}

/** The entries that every archive of `torch.save` has, around a pickle and its storages. */
export function torchEntries(pickle: Uint8Array, storages: readonly Uint8Array[] = []): EntryToWrite[] {
  const text = (value: string) => new TextEncoder().encode(value);
  return [
    { name: "archive/data.pkl", bytes: pickle },
    { name: "archive/byteorder", bytes: text("little") },
    ...storages.map((bytes, key) => ({ name: `archive/data/${key}`, bytes })),
    { name: "archive/version", bytes: text("3\n") },
  ];
}

/** The bytes as a file in a folder of its own; gives its path. */
export async function aTorchFile(bytes: Uint8Array): Promise<string> {
  const path = join(await aFolder(), "pytorch_model.bin");
  await writeFile(path, bytes);
  return path;
}
