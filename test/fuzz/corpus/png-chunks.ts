import { crc32 } from "node:zlib";

export const pngSignature = Buffer.from("89504e470d0a1a0a", "hex");

/** One chunk of a PNG, its checksum right. */
export function pngChunk(type: string, data: Uint8Array = new Uint8Array()): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** The header chunk of a picture of this size. */
export function pngHeader(width: number, height: number, depth = 8, colors = 2): Buffer {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  data.set([depth, colors, 0, 0, 0], 8);
  return pngChunk("IHDR", data);
}
