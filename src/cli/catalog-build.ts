import { SingleBar } from "cli-progress";
import type { Command } from "commander";
import { type BuildOptions, type BuildReport, buildCatalog } from "../../catalog/build-catalog.js";
import type { UnmappedCategory } from "../../catalog/category-map.js";
import { packArtifact } from "../../catalog/pack-artifact.js";
import { now } from "../serving/clock.js";
import { type BuildFlags, readBuildFlags } from "./catalog-build-flags.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";

/** What a shell expects of a command ended by Ctrl-C: 128 and the signal's number. */
const interruptedExitCode = 130;

/** Adds `catalog build` to the catalog commands. */
export function addCatalogBuildCommand(catalog: Command): void {
  catalog
    .command("build")
    .summary("build an artifact from folders of pictures")
    .description(
      "Looks at every picture below DIR and writes an artifact: items, vectors, index, rules, encoder.\n" +
        "Two folder levels name the category: upperwear/shirt/1.jpg is upperwear_shirt, dress/1.jpg is dress; deeper\n" +
        "levels count as the second. Where DIR holds train/, that alone is the catalog. An item's id is its path\n" +
        "without the extension. With --items the lines of a JSON Lines or CSV file are the catalog instead (id, and\n" +
        "any of path, category, gender, title, price, url, image_url); each is matched with a picture by path or by\n" +
        "id. What is left out is listed with its reason. An artifact at --out is replaced only by a complete new one.",
    )
    .option("--images <folder>", "the pictures: jpg, png, webp, avif, gif or tiff")
    .option("--out <folder>", "where the artifact goes")
    .option("--items <file>", "JSON Lines of the items, or CSV by its name; only these are taken")
    .option("--category-map <file>", 'JSON object, folder or category -> category: {"dress":"one-piece_dress"}')
    .option("--rules <name|file>", "numbers of the ranking: a named set or a JSON file", "standard")
    .option("--encoder <folder>", "encoder.json and its model (default: models/lite of the project)")
    .option("--precision <name>", "the model that makes the vectors: auto, as serving on a CPU; fp32; int8", "auto")
    .option("--thumbnails <pixels>", "add WebP thumbnails with this longest side")
    .option("--index <kind>", "auto: a FAISS file where FAISS is available; faiss; none", "auto")
    .option(
      "--cache <folder>",
      "keeps what pictures showed: a build that was killed takes up there, and so does the next",
    )
    .option("--pack <file>", "also packs the artifact, as `catalog pack` does")
    .option("--workers <count>", "threads for decoding, and as many for encoding (default: one a core)")
    .option("--json", "report on stdout as JSON")
    .action(runBuild);
}

async function runBuild(flags: BuildFlags): Promise<void> {
  const parsed = await readBuildFlags(flags);
  if ("problems" in parsed) return tellProblems(parsed.problems, exitCodes.usage);
  const interruption = new AbortController();
  const interrupt = () => interruption.abort(new Error("interrupted"));
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  const bar = createBuildBar();
  try {
    const options: BuildOptions = {
      ...parsed.value,
      now,
      signal: interruption.signal,
      progress: ({ done, total }) => bar.show("pictures", done, total),
      verifying: ({ done, total }) => bar.show("verified", done, total),
    };
    const report = await buildCatalog(options);
    bar.end();
    tellBuildReport(report);
    const { digest, folder } = report.artifact;
    if (flags.pack !== undefined) {
      const { file, bytes } = await packArtifact(folder, flags.pack);
      tell(`packed ${file}: ${bytes} bytes`);
    }
    await writeData(flags.json ? JSON.stringify(toJsonReport(report)) : `${digest}  ${folder}`);
  } catch (error) {
    bar.end();
    const message = error instanceof Error ? error.message : String(error);
    tellProblems(message.split("\n"), exitCodes.failed);
    if (interruption.signal.aborted) process.exitCode = interruptedExitCode;
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
}

/** How far a build is; draws on a terminal only. */
export function createBuildBar() {
  const bar = new SingleBar({
    stream: process.stderr,
    format: "{bar} {value}/{total} {what}, {rate}/s, {left} left",
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
  });
  let underway: Readonly<{ what: string; started: number }> | null = null;
  return {
    show: (what: "verified" | "pictures", done: number, total: number) => {
      if (underway?.what !== what) {
        underway = { what, started: now() };
        bar.start(total, 0, { what, rate: "-", left: "-" });
      }
      const rate = done / Math.max((now() - underway.started) / 1000, 1e-3);
      if (done > 0) bar.update(done, { rate: rate.toFixed(1), left: toMinutes((total - done) / rate) });
    },
    end: () => bar.stop(),
  };
}

/** `4:05`. The bar's own estimate looks at the last few pictures only, and jumps with them. */
function toMinutes(seconds: number): string {
  const whole = Math.ceil(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** What was built, and what was left out with its reason. */
export function tellBuildReport(report: BuildReport): void {
  const { items, categories, skipped, reused, unmapped, warnings, seconds, imagesPerSecond, model, artifact } = report;
  for (const { path, reason } of skipped) tell(`skipped ${path}: ${reason}`);
  for (const warning of warnings) tell(`note: ${warning}`);
  for (const note of model.notes) tell(`note: ${note}`);
  for (const each of unmapped) tell(toUnmappedLine(each));
  const names = Object.keys(categories);
  if (reused > 0) tell(`${reused} pictures were known from --cache`);
  tell(`built ${artifact.folder}: ${items} items in ${names.length} categories, ${skipped.length} skipped`);
  for (const name of names) tell(`  ${name} ${categories[name]}`);
  const speed = `${seconds.toFixed(1)} s, ${imagesPerSecond.toFixed(1)} images/s`;
  tell(`${speed}, encoder ${artifact.encoder} ${model.name}, index ${artifact.index}, ${artifact.bytes} bytes`);
}

function toUnmappedLine({ category, items, family }: UnmappedCategory): string {
  const taken = family === null ? "no rule knows it" : `v5 takes it for ${family}, v4 does not know it`;
  return `unmapped category ${category} (${items} items): ${taken}; --category-map can rename it`;
}

function toJsonReport({ imagesPerSecond, ...report }: BuildReport) {
  const { seconds, artifact, ...rest } = report;
  return { ...rest, seconds, images_per_second: imagesPerSecond, artifact };
}
