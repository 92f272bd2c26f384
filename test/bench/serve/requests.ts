/** Makes requests that no cache has seen: the same picture with a comment of its own in each. */
export function createRequests(jpeg: Uint8Array) {
  let made = 0;
  const commentBytes = 16;
  const rest = jpeg.subarray(2);
  const head = Buffer.from(
    `POST /invocations HTTP/1.1\r\nhost: model.aws.local:8080\r\ncontent-type: image/jpeg\r\ncontent-length: ${jpeg.length + 4 + commentBytes}\r\n\r\n`,
  );
  const next = (): readonly Uint8Array[] => {
    const comment = Buffer.alloc(2 + 4 + commentBytes);
    // Start of image, then a comment segment (ITU T.81, B.2.4.5) with its length.
    comment.writeUInt16BE(0xffd8, 0);
    comment.writeUInt16BE(0xfffe, 2);
    comment.writeUInt16BE(2 + commentBytes, 4);
    comment.write(String(made++).padStart(commentBytes, "0"), 6, "latin1");
    return [head, comment, rest];
  };
  return next;
}

/** One that is always the same. */
export function aRequest(contentType: string, body: Uint8Array): readonly Uint8Array[] {
  const head = `POST /invocations HTTP/1.1\r\nhost: model.aws.local:8080\r\ncontent-type: ${contentType}\r\ncontent-length: ${body.length}\r\n\r\n`;
  return [Buffer.from(head), body];
}

export const ping: readonly Uint8Array[] = [Buffer.from("GET /ping HTTP/1.1\r\nhost: model.aws.local:8080\r\n\r\n")];
