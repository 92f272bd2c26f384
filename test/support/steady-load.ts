import { request } from "node:http";
import type { Reply } from "./held-upload.js";
import { tinyPicture } from "./tiny-artifact.js";

/** What came of one request: an answer, or the reason why there was none. */
export type Outcome = Readonly<{ reply: Reply } | { failure: string }>;

export type SteadyLoad = Readonly<{
  /** Of the requests that have ended so far, in that order. */
  outcomes: readonly Outcome[];
  /** Resolves when the last request has ended; no caller asks again after this call. */
  stop: () => Promise<void>;
}>;

/** Never the same one twice in a run: what is known already needs no worker. */
function nextShirt(number: number): Uint8Array {
  return tinyPicture([number & 255, (number >> 8) & 255, 40]);
}

/**
 * Callers who each send the next picture as soon as they have an answer, over a connection of its own each time.
 * By default each picture is another one.
 */
export function startLoad(url: string, callers: number, next: (number: number) => Uint8Array = nextShirt): SteadyLoad {
  const outcomes: Outcome[] = [];
  let isStopped = false;
  let sent = 0;
  const work = Array.from({ length: callers }, async () => {
    while (!isStopped) {
      const outcome = await ask(url, next(sent++));
      outcomes.push(outcome);
      // Nobody listens any more: asking on would be a busy loop.
      if ("failure" in outcome) break;
    }
  });
  return {
    outcomes,
    stop: async () => {
      isStopped = true;
      await Promise.all(work);
    },
  };
}

/** The statuses in order of number, each with how many; what had no answer under its reason. */
export function countOutcomes(outcomes: readonly Outcome[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) {
    const name = "failure" in outcome ? outcome.failure : String(outcome.reply.status);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

function ask(url: string, picture: Uint8Array): Promise<Outcome> {
  const headers = { "content-type": "image/png", "content-length": picture.length };
  return new Promise((resolve) => {
    const upload = request(`${url}/invocations`, { method: "POST", headers, agent: false });
    const fail = (error: NodeJS.ErrnoException) => resolve({ failure: error.code ?? error.message });
    upload.once("error", fail);
    upload.once("response", async (response) => {
      const chunks: Buffer[] = [];
      try {
        for await (const chunk of response) chunks.push(chunk);
      } catch (error) {
        return fail(error as NodeJS.ErrnoException);
      }
      const { statusCode: status = 0, headers: received } = response;
      resolve({ reply: { status, headers: received, body: Buffer.concat(chunks).toString() } });
    });
    upload.end(picture);
  });
}
