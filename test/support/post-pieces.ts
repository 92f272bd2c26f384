import { request } from "node:http";
import type { Reply } from "./held-upload.js";

/** Posts a body in these very pieces, without declaring its length unless a header does. */
export function postPieces(
  url: string,
  pieces: Iterable<Uint8Array>,
  headers: Readonly<Record<string, string>>,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const upload = request(`${url}/invocations`, { method: "POST", headers });
    upload.once("error", reject);
    upload.once("response", async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() });
    });
    upload.setNoDelay(true);
    for (const piece of pieces) upload.write(piece);
    upload.end();
  });
}
