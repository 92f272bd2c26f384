import type { Command } from "commander";
import { type AsyncTicket, createAsyncClient, usualDeadlineMs } from "../../client/client.js";
import { parseS3Location, toLocationIn } from "../../client/s3-store.js";
import { addInvokeFlags, type InvokeFlags, showAnswer } from "./invoke-flags.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";
import { findQuestionProblems, parseCount, readQuestion, toOptions } from "./question-flags.js";
import { readServiceTarget } from "./service-target.js";
import { tellFailures } from "./tell-failures.js";

type AsyncFlags = InvokeFlags &
  Readonly<{
    inputFolder?: string;
    deadlineS: number;
    wait: boolean;
    outputLocation?: string;
    failureLocation?: string;
  }>;

/** Adds `invoke async` to the invoke commands. */
export function addInvokeAsyncCommand(invoke: Command): void {
  addInvokeFlags(invoke.command("async"))
    .summary("ask an asynchronous endpoint, and wait for the answer in S3")
    .description(
      "A question of up to 128,000 bytes goes inside the call, a larger one into --input-folder first; a picture in S3\n" +
        "stays where it is. With --no-wait the places of answer and failure are printed; --output-location waits for one.",
    )
    .option("--input-folder <uri>", "s3://bucket/folder for questions that are too large to send")
    .option("--deadline-s <seconds>", "how long to wait for the answer", parseCount, usualDeadlineMs / 1000)
    .option("--no-wait", "hand the question in and print where its answer will be, as JSON")
    .option("--output-location <uri>", "wait for the answer of a question handed in before")
    .option("--failure-location <uri>", "and where its failure would be")
    .action((flags: AsyncFlags) => runAsync(flags));
}

async function runAsync(flags: AsyncFlags): Promise<void> {
  const target = await readServiceTarget({ ...(flags.endpointName && { endpointName: flags.endpointName }) });
  const isLater = flags.outputLocation !== undefined;
  const problems = isLater
    ? findLocationProblems(flags)
    : [
        ...("problems" in target ? ["give --endpoint-name"] : []),
        ...findQuestionProblems(flags),
        ...(flags.inputFolder === undefined || toLocationIn(flags.inputFolder, "x") !== null
          ? []
          : [`--input-folder: ${flags.inputFolder} is no s3://bucket/folder`]),
      ];
  if (problems.length > 0) return tellProblems(problems, exitCodes.usage);
  const endpointName = "value" in target && target.value.kind === "endpoint" ? target.value.endpointName : "none";
  await tellFailures(async (signal) => {
    const retries = { maxAttempts: flags.attempts ?? 3 };
    const { region, inputFolder } = flags;
    const client = await createAsyncClient({ endpointName, region, inputFolder, retries });
    try {
      const asked = isLater ? toLaterTicket(flags) : await submit(client, flags, signal);
      if (asked === null) return;
      if (!flags.wait) return await writeData(JSON.stringify(asked.ticket));
      const reply = await client.collect(asked.ticket, {
        signal,
        deadlineMs: flags.deadlineS * 1000,
        onPending: createPendingTeller(),
      });
      await showAnswer(reply, flags, asked.image);
    } finally {
      client.close();
    }
  });
}

type Asked = Readonly<{ ticket: AsyncTicket; image: Uint8Array | null }>;

/** Null when the picture cannot be read, which has been told then. */
async function submit(
  client: Awaited<ReturnType<typeof createAsyncClient>>,
  flags: AsyncFlags,
  signal: AbortSignal,
): Promise<Asked | null> {
  if (flags.s3Image !== undefined) {
    const ticket = await client.submit({ ...toOptions(flags), inputLocation: flags.s3Image }, signal);
    return { ticket, image: null };
  }
  const question = await readQuestion(flags, flags.region, signal);
  if ("value" in question) {
    return { ticket: await client.submit(question.value, signal), image: question.value.image ?? null };
  }
  tellProblems(question.problems, exitCodes.failed);
  return null;
}

function toLaterTicket({ outputLocation, failureLocation }: AsyncFlags): Asked {
  const ticket = { inferenceId: "", outputLocation: outputLocation!, failureLocation: failureLocation ?? null };
  return { ticket, image: null };
}

function findLocationProblems({ outputLocation, failureLocation }: AsyncFlags): readonly string[] {
  const given = { "--output-location": outputLocation, "--failure-location": failureLocation };
  return Object.entries(given).flatMap(([flag, text]) =>
    text === undefined || parseS3Location(text) !== null ? [] : [`${flag}: ${text} is no s3://bucket/key`],
  );
}

/** Once a minute: an endpoint that has to start first takes several. */
function createPendingTeller(): (waitedMs: number) => void {
  let told = 0;
  return (waitedMs) => {
    const minutes = Math.floor(waitedMs / 60_000);
    if (minutes > told) tell(`no answer yet after ${minutes} min; an endpoint at zero instances takes several`);
    told = minutes;
  };
}
