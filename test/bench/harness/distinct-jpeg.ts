const numberBytes = 16;

/** The same picture with a number of its own as a comment, so that no digest is that of another. */
export function toDistinctJpeg(jpeg: Uint8Array, number: number): Uint8Array {
  const head = Buffer.alloc(6 + numberBytes);
  // Start of image, then a comment segment (ITU T.81, B.2.4.5) with its length.
  head.writeUInt16BE(0xffd8, 0);
  head.writeUInt16BE(0xfffe, 2);
  head.writeUInt16BE(2 + numberBytes, 4);
  head.write(String(number).padStart(numberBytes, "0"), 6, "latin1");
  return Buffer.concat([head, jpeg.subarray(2)]);
}
