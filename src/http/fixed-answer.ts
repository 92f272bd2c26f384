import type { RequestHandler } from "express";
import { send } from "./send.js";

/** A text that never changes while the server runs, put together once. */
export function createFixedAnswer(
  contentType: string,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): RequestHandler {
  return (_request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    send(response, 200, contentType, text);
  };
}
