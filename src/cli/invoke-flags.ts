import { basename } from "node:path";
import type { Command } from "commander";
import type { Reply } from "../../client/client.js";
import { tell, writeData } from "./output.js";
import { addQuestionFlags, parseCount, type QuestionFlags } from "./question-flags.js";
import { toReplyTable } from "./reply-table.js";
import { saveAnswer } from "./save-answer.js";

/** What every `invoke` takes beside its question. */
export type InvokeFlags = QuestionFlags &
  Readonly<{ endpointName?: string; region?: string; attempts?: number; saveVisual?: string | true; json?: boolean }>;

/** Adds what both ways of asking take. */
export function addInvokeFlags(command: Command): Command {
  return addQuestionFlags(command)
    .option("--endpoint-name <name>", "the SageMaker endpoint (default: endpoint_name of ./endpoint_info.json)")
    .option("--region <region>", "of the endpoint (default: AWS_REGION, then the profile's)")
    .option("--attempts <count>", "most tries, where the failure may pass", parseCount, 3)
    .option("--save-visual [file]", "write the answer as an HTML page, and its JSON beside it")
    .option("--json", "print the answer as it came");
}

/** Prints an answer, after it has been saved where that was asked for. */
export async function showAnswer(reply: Reply, flags: InvokeFlags, image: Uint8Array | null): Promise<void> {
  if (flags.saveVisual !== undefined) {
    const name = basename(flags.image ?? flags.s3Image ?? flags.itemId ?? "asked before");
    tell(`wrote ${await saveAnswer(reply, { name, image }, flags.saveVisual)}`);
  }
  await writeData(flags.json ? JSON.stringify(reply) : toReplyTable(reply));
}
