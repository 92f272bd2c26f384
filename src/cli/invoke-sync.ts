import type { Command } from "commander";
import { addInvokeFlags, type InvokeFlags, showAnswer } from "./invoke-flags.js";
import { exitCodes, tellProblems } from "./output.js";
import { findQuestionProblems, readQuestion } from "./question-flags.js";
import { openClient, readServiceTarget } from "./service-target.js";
import { tellFailures } from "./tell-failures.js";

type SyncFlags = InvokeFlags & Readonly<{ url?: string; variant?: string }>;

/** Adds `invoke sync` to the invoke commands. */
export function addInvokeSyncCommand(invoke: Command): void {
  addInvokeFlags(invoke.command("sync"))
    .summary("ask a server by its address, or a real-time endpoint")
    .description("Answers as POST /invocations does, as a table or, with --json, as the same JSON.")
    .option("--url <url>", "the server: http://localhost:8080")
    .option("--variant <name>", "of the endpoint's variants the one that shall answer")
    .action((flags: SyncFlags) => runSync(flags));
}

async function runSync(flags: SyncFlags): Promise<void> {
  const target = await readServiceTarget(flags);
  const problems = [
    ...("problems" in target ? target.problems : []),
    ...findQuestionProblems(flags),
    ...(flags.variant !== undefined && flags.url !== undefined ? ["--variant goes with --endpoint-name"] : []),
  ];
  if ("problems" in target || problems.length > 0) return tellProblems(problems, exitCodes.usage);
  await tellFailures(async (signal) => {
    const question = await readQuestion(flags, flags.region, signal);
    if ("problems" in question) return tellProblems(question.problems, exitCodes.failed);
    const withVariant =
      target.value.kind === "endpoint"
        ? { ...target.value, variant: flags.variant ?? target.value.variant }
        : target.value;
    const retries = { maxAttempts: flags.attempts ?? 3 };
    const client = await openClient(withVariant, { region: flags.region, retries });
    try {
      await showAnswer(await client.invoke(question.value, signal), flags, question.value.image ?? null);
    } finally {
      client.close();
    }
  });
}
