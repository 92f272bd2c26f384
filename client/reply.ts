import type { toReply } from "../src/http/to-reply.js";
import { InvokeError } from "./invoke-error.js";

/** The service's answer to one question, as it makes it. What an item has no word for is left out. */
export type Reply = ReturnType<typeof toReply>;

/** One recommended item; in `similar` mode only the similarity is a score. */
export type ReplyRow = Reply["recommendations"][number];

/** The bytes of an answer with 200. @throws InvokeError `answer_malformed` */
export function readReply(body: Uint8Array): Reply {
  const reply = parse(new TextDecoder().decode(body));
  if (reply !== null) return reply;
  throw new InvokeError({
    code: "answer_malformed",
    message: `the answer has no recommendations; is this a stygig service? It begins ${JSON.stringify(new TextDecoder().decode(body.subarray(0, 80)))}`,
    status: 200,
    isRetryable: false,
  });
}

function parse(text: string): Reply | null {
  try {
    const value = JSON.parse(text);
    return Array.isArray(value?.recommendations) ? value : null;
  } catch {
    return null;
  }
}
