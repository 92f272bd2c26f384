import { relative } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { type Client, InvokeError } from "../../client/client.js";
import { now } from "../serving/clock.js";
import { type ComparedPhoto, type Comparison, type Outcome, toComparison } from "./compare-replies.js";
import { toComparisonText } from "./compare-text.js";
import { interruptedExitCode } from "./interruption.js";
import { exitCodes, tellProblems, writeData } from "./output.js";
import { findPhotos, readPhoto } from "./photo-files.js";
import { parseCount } from "./question-flags.js";
import { openClient, parseServiceTarget, toTargetName } from "./service-target.js";
import { tellFailures } from "./tell-failures.js";

type CompareFlags = Readonly<{
  photos?: string;
  limit: number;
  topK: number;
  region?: string;
  minAgreement?: number;
  json?: boolean;
}>;

/** Adds `stygig compare`: what two services make of the same photos. */
export function addCompareCommand(program: Command): void {
  program
    .command("compare")
    .summary("answers and latency of two servers or endpoints on the same photos")
    .description(
      "A and B are addresses (http://host:port), endpoints, or one endpoint's variants (name:variant). They are asked by\n" +
        "turns, one question at a time and each once. Exit code 1 when one fails, or they agree less than wanted.",
    )
    .argument("<a>", "the first, by which the photos are sorted into categories")
    .argument("<b>", "the second")
    .option("--photos <folder>", "the photos, at any depth")
    .option("--limit <count>", "most photos, spread over the folder", parseCount, 100)
    .option("--top-k <count>", "suggestions to compare", parseCount, 10)
    .option("--region <region>", "of endpoints (default: AWS_REGION, then the profile's)")
    .option("--min-agreement <share>", "least share of photos in the same category, and of items in both", parseShare)
    .option("--json", "print the comparison as JSON, with every difference")
    .action(runCompare);
}

function parseShare(text: string): number {
  if (/^(0(\.\d{1,6})?|1(\.0+)?)$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a number from 0 to 1.");
}

async function runCompare(first: string, second: string, flags: CompareFlags): Promise<void> {
  const [a, b] = [parseServiceTarget(first), parseServiceTarget(second)];
  const paths =
    flags.photos === undefined ? { problems: ["--photos is missing"] } : await findPhotos(flags.photos, flags.limit);
  const problems = [a, b, paths].flatMap((parsed) => ("problems" in parsed ? parsed.problems : []));
  if ("problems" in a || "problems" in b || "problems" in paths) return tellProblems(problems, exitCodes.usage);
  await tellFailures(async (signal) => {
    const clients: Client[] = [];
    try {
      const settings = { region: flags.region, retries: { maxAttempts: 1 } };
      for (const target of [a.value, b.value]) clients.push(await openClient(target, settings));
      const photos = await comparePhotos(clients[0]!, clients[1]!, paths.value, flags, signal);
      const comparison = toComparison(photos);
      const names = { a: toTargetName(a.value), b: toTargetName(b.value) };
      const isInterrupted = signal.aborted;
      await writeData(
        flags.json
          ? JSON.stringify({ names, interrupted: isInterrupted, ...comparison })
          : toComparisonText(comparison, names),
      );
      process.exitCode = isInterrupted ? interruptedExitCode : toExitCode(comparison, flags.minAgreement ?? 0);
    } finally {
      for (const client of clients) client.close();
    }
  });
}

/** Until all are asked about, or somebody interrupts: then what there is. @throws Error when a photo cannot be read */
async function comparePhotos(
  a: Client,
  b: Client,
  paths: readonly string[],
  { topK, photos: folder = "" }: CompareFlags,
  signal: AbortSignal,
): Promise<readonly ComparedPhoto[]> {
  const compared: ComparedPhoto[] = [];
  for (const [place, path] of paths.entries()) {
    const image = await readPhoto(path);
    // A connection takes time once; that photo's bytes are not these, so that nobody answers from memory later.
    if (place === 0) for (const client of [a, b]) await ask(client, Buffer.concat([image, Buffer.of(0)]), topK, signal);
    // By turns, so that neither always comes first.
    const order = place % 2 === 0 ? [a, b] : [b, a];
    const outcomes = new Map<Client, Outcome>();
    for (const client of order) outcomes.set(client, await ask(client, image, topK, signal));
    if (signal.aborted) return compared;
    compared.push({ name: relative(folder, path), a: outcomes.get(a)!, b: outcomes.get(b)! });
  }
  return compared;
}

async function ask(client: Client, image: Uint8Array, topK: number, signal: AbortSignal): Promise<Outcome> {
  const startedAt = now();
  try {
    const reply = await client.invoke({ image, top_k: topK }, signal);
    return { reply, ms: now() - startedAt };
  } catch (error) {
    if (error instanceof InvokeError) return { failure: error.code };
    if (signal.aborted) return { failure: "interrupted" };
    throw error;
  }
}

function toExitCode(comparison: Comparison, minAgreement: number): number {
  const { same_category, item_overlap, a, b } = comparison;
  const failed = [a, b].some(({ failures }) => Object.keys(failures).length > 0);
  const isAlike = (same_category ?? 0) >= minAgreement && (item_overlap ?? 0) >= minAgreement;
  return !failed && isAlike ? exitCodes.done : exitCodes.failed;
}
