import { basename, resolve } from "node:path";
import type { Command } from "commander";
import { replaceFile } from "../adapters/replace-file.js";
import { compareVotes, evaluateVotes, type VoteChange, type VoteEvaluation } from "../domain/vote-evaluation.js";
import { readCategoryMap } from "./category-map-file.js";
import { toEvalPage } from "./eval-page.js";
import { type JudgedPhotos, judgePhotos } from "./evaluate-photos.js";
import { type LabeledPhoto, readLabeledPhotos } from "./labeled-photos.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";

type EvalOptions = Readonly<{
  artifact?: string;
  photos?: string;
  categoryMap?: string;
  compare?: string;
  report?: string;
  json?: boolean;
}>;

/** Adds `stygig eval`: how often the vote is right on photos whose category is known. */
export function addEvalCommand(program: Command): void {
  program
    .command("eval")
    .summary("how often the vote is right on labeled photos")
    .description(
      "Photos lie in one folder per class; the map turns class names into categories of the catalog.\n" +
        "vote_accuracy is the default profile's, vote_accuracy_v4 the plain vote of five.",
    )
    .option("--artifact <folder>", "what `stygig catalog build` made")
    .option("--photos <folder>", "one folder per class")
    .option("--category-map <file>", 'JSON object, class folder -> category: {"dress":"one-piece_dress"}')
    .option("--compare <folder>", "another artifact, on the same photos: what it gains and what it loses")
    .option("--report <file>", "the report as an HTML page, with the photos that went wrong")
    .option("--json", "print the report as JSON")
    .action(runEval);
}

async function runEval({ artifact, photos, categoryMap, ...options }: EvalOptions): Promise<void> {
  if (artifact === undefined || photos === undefined) {
    const missing = [
      artifact === undefined ? "--artifact is missing" : "",
      photos === undefined ? "--photos is missing" : "",
    ];
    return tellProblems(missing.filter(Boolean), exitCodes.usage);
  }
  const map = await readCategoryMap(categoryMap);
  if ("problems" in map) return tellProblems(map.problems, exitCodes.usage);
  const labeled = await readLabeledPhotos(photos, map.value);
  if ("problems" in labeled) return tellProblems(labeled.problems, exitCodes.usage);
  try {
    await evaluate(artifact, labeled.value, options);
  } catch (error) {
    tellProblems([error instanceof Error ? error.message : String(error)], exitCodes.failed);
  }
}

type Compared = Readonly<{ name: string; evaluation: VoteEvaluation; changes: readonly VoteChange[] }>;

async function evaluate(
  artifact: string,
  photos: readonly LabeledPhoto[],
  { compare, report, json = false }: EvalOptions,
): Promise<void> {
  const { judged, failed } = await judgePhotos(artifact, photos);
  for (const { path, reason } of failed) tell(`stygig: ${path}: ${reason}`);
  if (failed.length > 0) process.exitCode = exitCodes.failed;
  const evaluation = evaluateVotes(judged);
  const compared = compare === undefined ? null : await compareWith(compare, photos, judged);
  if (report !== undefined) {
    const page = await toEvalPage({ name: toName(artifact), evaluation, compared });
    await replaceFile(report, (file) => file.writeFile(page));
    tell(`wrote ${report}`);
  }
  const document = { ...evaluation, failed, ...(compared === null ? {} : { compared }) };
  await writeData(json ? JSON.stringify(document) : [toText(evaluation), ...toCompareLines(compared)].join("\n"));
}

async function compareWith(
  folder: string,
  photos: readonly LabeledPhoto[],
  before: JudgedPhotos["judged"],
): Promise<Compared> {
  const { judged } = await judgePhotos(folder, photos);
  return { name: toName(folder), evaluation: evaluateVotes(judged), changes: compareVotes(before, judged) };
}

const toName = (folder: string) => basename(resolve(folder));

function toCompareLines(compared: Compared | null): readonly string[] {
  if (compared === null) return [];
  const { name, evaluation, changes } = compared;
  const count = (kind: VoteChange["kind"]) => changes.filter((each) => each.kind === kind).length;
  return [
    `${name}: ${(evaluation.vote_accuracy * 100).toFixed(1)} % right; ${count("gained")} gained, ${count("lost")} lost, ` +
      `${count("still wrong")} wrong in another way`,
    ...changes.map(
      ({ path, category, before, after, kind }) => `${kind}: ${path}: ${before} -> ${after}, is ${category}`,
    ),
  ];
}

function toText(report: VoteEvaluation): string {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  return [
    ...Object.entries(report.per_category).map(
      ([category, { photos, right, right_v4 }]) =>
        `${category.padEnd(24)} ${right}/${photos} right, ${right_v4}/${photos} by the plain vote`,
    ),
    `${report.photos} photos: ${percent(report.vote_accuracy)} right, ${percent(report.vote_accuracy_v4)} by the plain vote of five`,
    `mean confidence ${percent(report.mean_confidence)}, calibration error ${percent(report.calibration_error)}`,
    `categories in an answer: ${report.answer_categories.min} at least, ${report.answer_categories.median} usually`,
  ].join("\n");
}
