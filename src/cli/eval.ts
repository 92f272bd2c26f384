import type { Command } from "commander";
import { readCategoryMap } from "./category-map-file.js";
import { type EvaluationReport, evaluate } from "./evaluate-photos.js";
import { readLabeledPhotos } from "./labeled-photos.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";

type EvalOptions = Readonly<{ artifact?: string; photos?: string; categoryMap?: string; json?: boolean }>;

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
    .option("--json", "print the report as JSON")
    .action(runEval);
}

async function runEval({ artifact, photos, categoryMap, json = false }: EvalOptions): Promise<void> {
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
  const report = await evaluate(artifact, labeled.value);
  for (const { path, reason } of report.failed) tell(`stygig: ${path}: ${reason}`);
  if (report.failed.length > 0) process.exitCode = exitCodes.failed;
  await writeData(json ? JSON.stringify(report) : toText(report));
}

function toText(report: EvaluationReport): string {
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
