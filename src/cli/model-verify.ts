import { SingleBar } from "cli-progress";
import type { Command } from "commander";
import { recordGates } from "../../models/verify/record-gates.js";
import { type FolderReport, verifyFolder } from "../../models/verify/verify-folder.js";
import type { VerifiedModel } from "../../models/verify/verify-models.js";
import { now } from "../serving/clock.js";
import { readVerifyFlags, type VerifyFlags, type VerifySettings } from "./model-verify-flags.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";
import { drawVerifyPictures, findVerifyPictures } from "./verify-pictures.js";

/** What a shell expects of a command ended by Ctrl-C: 128 and the signal's number. */
const interruptedExitCode = 130;

/** Adds `model verify` to the model commands. */
export function addModelVerifyCommand(model: Command): void {
  model
    .command("verify")
    .summary("hold an encoder's reduced models against fp32 on photos")
    .argument("<folder>", "encoder.json and its models")
    .description(
      "Embeds the photos with each model and compares with fp32 on the CPU: cosine, agreement of the five-vote that\n" +
        "names a photo's category by its nearest others, and what the ten nearest have in common. Folders name the\n" +
        "categories as in `catalog build`. Exit code 0 when every model passes the gate, 1 when one does not or when\n" +
        "the photos can prove nothing.",
    )
    .option("--images <folder>", "photos in one folder per category (default: drawn garments)")
    .option("--category-map <file>", 'JSON object, folder or category -> category: {"dress":"one-piece_dress"}')
    .option("--reference <precision>", "what to hold the others against", "fp32")
    .option("--precision <names>", "models to verify: fp16,int8,int8-7bit (default: all the folder has)")
    .option("--provider <names>", "where to run them (default: cpu, and others that work here)")
    .option("--min-vote-agreement <share>", "least share of photos with the same vote (default: 0.99)")
    .option("--min-median-cosine <cosine>", "least median cosine to the reference (default: 0.99)")
    .option("--record", "write what was measured into encoder.json; needs --images")
    .option("--workers <count>", "threads for decoding, and as many for encoding (default: one a core)")
    .option("--json", "report on stdout as JSON")
    .action(runVerify);
}

async function runVerify(folder: string, flags: VerifyFlags): Promise<void> {
  const parsed = await readVerifyFlags(flags);
  if ("problems" in parsed) return tellProblems(parsed.problems, exitCodes.usage);
  const bar = new SingleBar({
    stream: process.stderr,
    format: "{bar} {value}/{total} looked at",
    clearOnComplete: true,
  });
  const interruption = new AbortController();
  const interrupt = () => interruption.abort(new Error("interrupted"));
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    const report = await verify(folder, parsed.value, bar, interruption.signal);
    bar.stop();
    await finish(folder, report, parsed.value, flags.json === true);
  } catch (error) {
    bar.stop();
    tellProblems([error instanceof Error ? error.message : String(error)], exitCodes.failed);
    if (interruption.signal.aborted) process.exitCode = interruptedExitCode;
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
}

async function verify(
  folder: string,
  settings: VerifySettings,
  bar: SingleBar,
  signal: AbortSignal,
): Promise<FolderReport> {
  const { imagesFolder, categoryMap } = settings;
  const { pictures, notes } =
    imagesFolder === null ? await drawVerifyPictures() : await findVerifyPictures(imagesFolder, categoryMap);
  for (const note of notes) tell(`note: ${note}`);
  let started = false;
  return verifyFolder({
    ...settings,
    folder,
    pictures,
    signal,
    now,
    progress: ({ done, total }) => {
      if (!started) bar.start(total, 0);
      started = true;
      bar.update(done);
    },
  });
}

async function finish(folder: string, report: FolderReport, { record }: VerifySettings, json: boolean): Promise<void> {
  for (const { path, reason } of report.skipped) tell(`skipped ${path}: ${reason}`);
  if (record) {
    await recordGates(folder, report.gates);
    tell(`recorded ${report.gates.size} gates in ${folder}/encoder.json`);
  }
  await writeData(json ? JSON.stringify(toJson(report)) : toText(report));
  if (!report.passed) process.exitCode = exitCodes.failed;
}

function toText({ encoder, pictures, models }: FolderReport): string {
  return [`${encoder}: ${pictures} pictures against fp32 on cpu`, ...models.flatMap(toLines)].join("\n");
}

function toLines(verified: VerifiedModel): readonly string[] {
  const { model, provider, outcome, reasons } = verified;
  const figures = figuresOf(verified);
  const measured = figures === null ? "" : `: ${toSentence(figures)}`;
  return [`${model} on ${provider} ${outcome}${measured}`, ...reasons.map((reason) => `  ${reason}`)];
}

function figuresOf(verified: VerifiedModel) {
  if ("gate" in verified) return verified.gate;
  return "figures" in verified ? verified.figures : null;
}

function toSentence({ cosine, voteAgreement, topTenOverlap }: NonNullable<ReturnType<typeof figuresOf>>): string {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const [median, p1, min] = [cosine.median, cosine.p1, cosine.min].map((each) => each.toFixed(4));
  const votes = `votes agree on ${percent(voteAgreement)}`;
  return `${votes}, cosine ${median} median, ${p1} first percentile, ${min} least, ten nearest share ${percent(topTenOverlap)}`;
}

function toJson({ encoder, pictures, passed, thresholds, skipped, models }: FolderReport) {
  return {
    encoder,
    reference: { model: "fp32", provider: "cpu" },
    pictures,
    passed,
    thresholds: { vote_agreement: thresholds.voteAgreement, median_cosine: thresholds.medianCosine },
    skipped,
    models: models.map((verified) => {
      const { model, provider, outcome, reasons } = verified;
      const figures = figuresOf(verified);
      if (figures === null) return { model, provider, outcome, reasons };
      const { photos, cosine, voteAgreement, topTenOverlap } = figures;
      const measured = { photos, cosine, vote_agreement: voteAgreement, top_ten_overlap: topTenOverlap };
      return { model, provider, outcome, reasons, ...measured };
    }),
  };
}
