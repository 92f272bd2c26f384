import type { Command } from "commander";
import { type GateName, qualityGates } from "../domain/quality-gates.js";
import { readCategoryMap } from "./category-map-file.js";
import { readColorLabels } from "./color-labels.js";
import { readCompareTarget } from "./compare-target.js";
import { type EvalWork, evaluate } from "./eval-run.js";
import { readLabeledPhotos } from "./labeled-photos.js";
import { exitCodes, tell, tellProblems } from "./output.js";
import { tellFailures } from "./tell-failures.js";

type EvalFlags = Readonly<{
  artifact?: string;
  photos?: string;
  categoryMap?: string;
  colorLabels?: string;
  compare?: string;
  images?: string;
  report?: string;
  json?: boolean;
}> &
  Readonly<Record<string, unknown>>;

/** Adds `stygig eval`: how good an artifact's answers are, on photos whose category is known. */
export function addEvalCommand(program: Command): void {
  const command = program
    .command("eval")
    .summary("how good a catalog's answers are, on labeled photos")
    .description(
      "Photos lie in one folder per class; the map turns class names into categories of the catalog. Measures the vote " +
        "(by category, confusion, calibration), the index against a look at every row, and colors. Exit code 1 when a " +
        "photo cannot be read or a gate fails, with one line for each.",
    )
    .option("--artifact <folder>", "what `stygig catalog build` made; of a store of generations the current one")
    .option("--photos <folder>", "one folder per class")
    .option("--category-map <file>", 'JSON object, class folder -> category: {"dress":"one-piece_dress"}')
    .option("--color-labels <file>", 'JSON object, photo -> color: {"dress/1.jpg":"red","hat/2.jpg":"#c81e28"}')
    .option(
      "--compare <what>",
      "the same photos answered otherwise: v4; a precision (fp32, fp16, int8); rules:NAME or rules:FILE; another " +
        "artifact's folder; an encoder's folder, for which another network needs --images. A folder may end with :int8",
    )
    .option(
      "--images <folder>",
      "the pictures the catalog was built from, for the report: finer than its thumbnails; and for another network",
    )
    .option("--report <file>", "everything as an HTML page, with the photos that went wrong")
    .option("--json", "print everything as JSON");
  for (const { name, kind, what } of qualityGates) {
    command.option(`--${name} <share>`, `gate: fails when ${what} is ${kind === "least" ? "less" : "more"}`);
  }
  command.action(runEval);
}

async function runEval(flags: EvalFlags): Promise<void> {
  const { artifact, photos, categoryMap, colorLabels, compare } = flags;
  if (artifact === undefined || photos === undefined) {
    const missing = [
      artifact === undefined ? "--artifact is missing" : "",
      photos === undefined ? "--photos is missing" : "",
    ];
    return tellProblems(missing.filter(Boolean), exitCodes.usage);
  }
  const problems: string[] = [];
  const limits = readLimits(flags, problems);
  const target = compare === undefined ? { value: null } : await readCompareTarget(compare, flags.images ?? null);
  const map = await readCategoryMap(categoryMap);
  const labeled = "problems" in map ? map : await readLabeledPhotos(photos, map.value);
  const labels = "problems" in labeled ? null : await readColorLabels(colorLabels, photos, labeled.value);
  for (const parsed of [target, labeled, ...(labels === null ? [] : [labels])]) {
    if ("problems" in parsed) problems.push(...parsed.problems);
  }
  if (problems.length > 0 || "problems" in target || "problems" in labeled || labels === null || "problems" in labels) {
    return tellProblems(problems, exitCodes.usage);
  }
  if (labels.value.unused > 0) tell(`note: ${labels.value.unused} color labels are of no photo in ${photos}`);
  const { images, report, json = false } = flags;
  const shared = { artifact, photos: labeled.value, colors: labels.value.of, target: target.value, limits };
  const work: EvalWork = { ...shared, images, report, json };
  await tellFailures((signal) => evaluate(work, signal));
}

function readLimits(flags: EvalFlags, problems: string[]): EvalWork["limits"] {
  const limits: Partial<Record<GateName, number>> = {};
  for (const { name } of qualityGates) {
    const text = flags[name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())];
    if (text === undefined) continue;
    if (/^(0(\.\d+)?|1(\.0+)?)$/.test(String(text))) limits[name] = Number(text);
    else problems.push(`--${name} must be a number from 0 to 1, not "${text}"`);
  }
  if (limits["min-color-accuracy"] !== undefined && flags.colorLabels === undefined) {
    problems.push("--min-color-accuracy goes with --color-labels");
  }
  return limits;
}
