import { createHash, randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { colorMethods } from "../src/domain/artifact.js";
import { type Swatch, toSwatch } from "../src/domain/color.js";
import type { Embedding } from "../src/domain/embedding.js";
import type { Rgb } from "../src/domain/image.js";
import { createDigestTable } from "./digest-table.js";

/** What a picture shows. */
export type SeenFeatures = Readonly<{
  embedding: Embedding;
  palette: readonly [Swatch, ...Swatch[]];
  meanColor: Rgb;
  thumbnail: Uint8Array | null;
}>;

/** Everything beside a picture's bytes that decides what it shows. */
export type SeenBy = Readonly<{
  modelDigest: string;
  preprocess: string;
  dimension: number;
  thumbnails: number | null;
}>;

/**
 * What pictures showed, by the sha-256 of their bytes, kept on disk: a build that was killed takes up where it was, and the
 * next one looks at new pictures alone.
 */
export type SeenStore = Readonly<{
  /** Null where nobody has seen the picture. */
  find: (digest: string) => Promise<SeenFeatures | null>;
  /**
   * Written at once, so that a process that is killed loses no more than what it was writing.
   * @throws Error with one line where that cannot be, as on a full disk
   */
  keep: (digest: string, features: SeenFeatures) => Promise<void>;
  close: () => Promise<void>;
}>;

const magic = Buffer.from("stygig seen 1\n");
const digestBytes = 32;
const headBytes = digestBytes + 4;
const checkBytes = 4;
/** Far more than a vector and a thumbnail take. */
const maxPayloadBytes = 1 << 26;
const aheadBytes = 1 << 20;

/**
 * Opens the store in a folder, which is made where it is not there. Each opening writes a file of its own, so that several
 * builds may share a folder. A file that ends in the middle of a record, or is damaged, counts up to there.
 * @throws Error with one line where the folder cannot be used
 */
export async function openSeenStore(folder: string, by: SeenBy): Promise<SeenStore> {
  const place = join(folder, keyOf(by));
  const refuse = (error: NodeJS.ErrnoException): never => {
    throw new Error(`${folder} cannot keep what pictures show (${error.code})`, { cause: error });
  };
  await mkdir(place, { recursive: true }).catch(refuse);
  const known = createDigestTable();
  const handles: FileHandle[] = [];
  for (const name of (await readdir(place)).filter((each) => each.endsWith(".seen")).sort()) {
    const handle = await open(join(place, name), "r");
    handles.push(handle);
    for await (const { digest, ...record } of readRecords(handle)) {
      known.set(digest, { file: handles.length - 1, ...record });
    }
  }
  const { file, handle: own } = await createOwn(place).catch(refuse);
  handles.push(own);
  let end = magic.length;
  return {
    find: async (digest) => {
      const record = known.find(digest);
      if (record === null) return null;
      const found = await readAt(handles[record.file]!, record.at, headBytes + record.bytes);
      // Another picture's, whose digest begins alike.
      if (found.toString("hex", 0, digestBytes) !== digest) return null;
      return fromPayload(found.subarray(headBytes), by);
    },
    keep: async (digest, features) => {
      const record = toRecord(digest, toPayload(features));
      const at = end;
      // Several are kept at once; each has its own place before it is written.
      end += record.length;
      await own.write(record, 0, record.length, at).catch(refuse);
      known.set(digest, { file: handles.length - 1, at, bytes: record.length - headBytes - checkBytes });
    },
    close: async () => {
      for (const handle of handles) await handle.close();
      if (end === magic.length) await rm(file, { force: true });
    },
  };
}

function keyOf(by: SeenBy): string {
  const content = [by.modelDigest, by.preprocess, by.dimension, by.thumbnails, colorMethods];
  return createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 16);
}

/** A file that no other process writes, on this machine or on another whose files will lie beside it. */
async function createOwn(place: string): Promise<Readonly<{ file: string; handle: FileHandle }>> {
  const file = join(place, `${randomUUID()}.seen`);
  const handle = await open(file, "wx+");
  await handle.write(magic, 0, magic.length, 0);
  return { file, handle };
}

/** A record of a file: where it begins, and how many bytes it holds between its head and its check. */
type FoundRecord = Readonly<{ digest: string; at: number; bytes: number }>;

/** The records of a file up to its first that is not whole. */
async function* readRecords(handle: FileHandle): AsyncGenerator<FoundRecord> {
  const { size } = await handle.stat();
  const read = createAheadReader(handle);
  if (size < magic.length || !(await read(0, magic.length)).equals(magic)) return;
  for (let at = magic.length; at + headBytes + checkBytes <= size; ) {
    const bytes = (await read(at, headBytes)).readUInt32LE(digestBytes);
    if (bytes > maxPayloadBytes || at + headBytes + bytes + checkBytes > size) return;
    const record = await read(at, headBytes + bytes + checkBytes);
    if (crc32(record.subarray(0, headBytes + bytes)) !== record.readUInt32LE(headBytes + bytes)) return;
    yield { digest: record.toString("hex", 0, digestBytes), at, bytes };
    at += record.length;
  }
}

/** Reads a file from front to back, a megabyte at a time however little is asked for; what it gives is good until the next call. */
function createAheadReader(handle: FileHandle): (at: number, bytes: number) => Promise<Buffer> {
  let [block, blockAt]: [Buffer, number] = [Buffer.alloc(0), 0];
  return async (at, bytes) => {
    if (at + bytes > blockAt + block.length) {
      block = await readAt(handle, at, Math.max(aheadBytes, bytes));
      blockAt = at;
    }
    return block.subarray(at - blockAt, at - blockAt + bytes);
  };
}

async function readAt(handle: FileHandle, at: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes);
  const { bytesRead } = await handle.read(buffer, 0, bytes, at);
  return buffer.subarray(0, bytesRead);
}

function toRecord(digest: string, payload: Buffer): Buffer {
  const head = Buffer.alloc(headBytes);
  head.write(digest, "hex");
  head.writeUInt32LE(payload.length, digestBytes);
  const check = Buffer.alloc(checkBytes);
  check.writeUInt32LE(crc32(payload, crc32(head)));
  return Buffer.concat([head, payload, check]);
}

/** The vector, the colors as JSON behind their length, and the thumbnail as the rest. */
function toPayload({ embedding, palette, meanColor, thumbnail }: SeenFeatures): Buffer {
  const colors = { meanColor, palette: palette.map(({ rgb, share }) => ({ rgb, share })) };
  const json = Buffer.from(JSON.stringify(colors));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  const vector = new Uint8Array(embedding.buffer, embedding.byteOffset, embedding.byteLength);
  return Buffer.concat([vector, length, json, ...(thumbnail === null ? [] : [thumbnail])]);
}

function fromPayload(payload: Buffer, { dimension, thumbnails }: SeenBy): SeenFeatures {
  const vectorBytes = dimension * 4;
  // Float32Array wants its bytes at a multiple of four.
  const embedding = new Float32Array(Uint8Array.from(payload.subarray(0, vectorBytes)).buffer) as Embedding;
  const jsonAt = vectorBytes + 4;
  const jsonEnd = jsonAt + payload.readUInt32LE(vectorBytes);
  const colors = JSON.parse(payload.toString("utf8", jsonAt, jsonEnd)) as {
    meanColor: Rgb;
    palette: readonly Readonly<{ rgb: Rgb; share: number }>[];
  };
  const palette = colors.palette.map(({ rgb, share }) => toSwatch(rgb, share)) as [Swatch, ...Swatch[]];
  const thumbnail = thumbnails === null ? null : Uint8Array.from(payload.subarray(jsonEnd));
  return { embedding, palette, meanColor: colors.meanColor, thumbnail };
}
