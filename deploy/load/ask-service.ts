import type { WireRequest } from "../../client/question.js";
import { type Reply, readReply } from "../../client/reply.js";
import type { Sender } from "../../client/sender.js";
import type { Answer } from "./recorder.js";

/** One question after the other as a load: each is sent once, for a retry would hide what the load does. */
export function createAsk(sender: Sender, next: () => WireRequest): (signal: AbortSignal) => Promise<Answer> {
  return async (signal) => toAnswer(readReply(await sender.send(next(), signal)));
}

const stageEnding = "_ms";

/** Every time that the service tells of, whatever it is called; the total is `processing`. */
function toAnswer({ metadata }: Reply): Answer {
  const told: Readonly<Record<string, unknown>> = metadata ?? {};
  const stages = Object.entries(told).flatMap(([name, value]) =>
    name.endsWith(stageEnding) && typeof value === "number"
      ? [[name.slice(0, -stageEnding.length).replace("processing_time", "total"), value] as const]
      : [],
  );
  const { cache, precision } = told;
  return {
    stagesMs: Object.fromEntries(stages),
    cache: typeof cache === "string" ? cache : null,
    precision: typeof precision === "string" ? precision : null,
  };
}
