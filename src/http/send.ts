import type { Response } from "express";

/** Sends a whole answer. Its length is always declared: the platform's queue refuses chunked ones. */
export function send(response: Response, status: number, contentType: string, body: string | Uint8Array): void {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  response.writeHead(status, { "content-type": contentType, "content-length": bytes.length });
  response.end(bytes);
}

/** Sends JSON. A number that is not finite is a bug upstream and becomes null rather than invalid JSON. */
export function sendJson(response: Response, status: number, value: unknown): void {
  send(response, status, "application/json", JSON.stringify(value));
}

/** Sends a status without a body. */
export function sendEmpty(response: Response, status: number): void {
  response.writeHead(status, { "content-length": 0 });
  response.end();
}
