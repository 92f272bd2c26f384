import { request } from "node:http";

/** What came back, as it was sent. */
export type Reply = Readonly<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>;

/** An upload that stays unfinished until it is told to go on. */
export type HeldUpload = Readonly<{
  reply: Promise<Reply>;
  /** Sends the rest. */
  finish: () => void;
  /** Cuts the connection. */
  leave: () => void;
}>;

/** Starts an upload and holds back its last byte. Without `declared` the body has no length header. */
export function holdUpload(
  url: string,
  body: Uint8Array,
  { declared = true, type = "image/png", attributes = "" } = {},
): HeldUpload {
  const headers = {
    ...{ "content-type": type, "x-amzn-sagemaker-custom-attributes": attributes },
    ...(declared ? { "content-length": body.length } : {}),
  };
  const upload = request(`${url}/invocations`, { method: "POST", headers });
  const reply = new Promise<Reply>((resolve, reject) => {
    upload.once("error", reject);
    upload.once("response", async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() });
    });
  });
  // Whoever leaves on purpose does not wait for the answer.
  reply.catch(() => {});
  upload.write(body.subarray(0, -1));
  return { reply, finish: () => void upload.end(body.subarray(-1)), leave: () => void upload.destroy() };
}

/** How many requests the server is working on. */
export async function requestsInFlight(url: string): Promise<number> {
  const health = (await (await fetch(`${url}/health`)).json()) as Readonly<{ requests_in_flight: number }>;
  return health.requests_in_flight;
}
