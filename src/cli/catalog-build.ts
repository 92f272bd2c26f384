import { SingleBar } from "cli-progress";
import type { Command } from "commander";
import { type BuildReport, buildCatalog } from "../../catalog/build-catalog.js";
import type { UnmappedCategory } from "../../catalog/category-map.js";
import { indexHelp } from "../../catalog/choose-index.js";
import { packArtifact } from "../../catalog/pack-artifact.js";
import { now } from "../serving/clock.js";
import { type BuildFlags, type BuildSettings, readBuildFlags } from "./catalog-build-flags.js";
import { tellCompaction } from "./catalog-generations.js";
import { interruptedExitCode, withInterruption } from "./interruption.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";
import { createProgressLines, toPace } from "./progress-lines.js";
import { withInputs } from "./remote-inputs.js";
import { type ArtifactUpload, openUpload, regionOf } from "./upload-artifact.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** Adds `catalog build` to the catalog commands. */
export function addCatalogBuildCommand(catalog: Command, env: Environment): void {
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
    .option("--images <folder>", "the pictures: jpg, png, webp, avif, gif or tiff; or s3://bucket/folder/")
    .option("--out <folder>", "where the artifact goes; or, packed, s3://bucket/key.tar.gz")
    .option("--items <file>", "JSON Lines of the items, or CSV by its name; only these are taken; or s3://bucket/key")
    .option(
      "--fetch-images <hosts>",
      "hosts that an item's image_url may be fetched from: cdn.example.com,*.example.com",
    )
    .option("--downloads <folder>", "keeps what was fetched: the next build fetches only what is new")
    .option("--category-map <file>", 'JSON object, folder or category -> category: {"dress":"one-piece_dress"}')
    .option("--rules <name|file>", "numbers of the ranking: a named set or a JSON file", "standard")
    .option("--encoder <folder>", "encoder.json and its model (default: models/lite of the project)")
    .option("--precision <name>", "the model that makes the vectors: auto, as serving on a CPU; fp32; int8", "auto")
    .option("--thumbnails <pixels>", "add WebP thumbnails with this longest side")
    .option("--index <kind>", indexHelp, "auto")
    .option("--index-memory-gb <size>", "no index that takes more of a server's memory")
    .option(
      "--cache <folder>",
      "keeps what pictures showed: a build that was killed takes up there, and so does the next",
    )
    .option("--keep <count>", "--out is a store of generations: so many stay there beside the new one")
    .option("--pack <file>", "also packs the artifact, as `catalog pack` does; or to s3://bucket/key.tar.gz")
    .option("--workers <count>", "threads for encoding, and one more for decoding (default: one a core)")
    .option("--json", "report on stdout as JSON")
    .action((flags: BuildFlags) => runBuild(flags, env));
}

async function runBuild(flags: BuildFlags, env: Environment): Promise<void> {
  const parsed = await readBuildFlags(flags);
  if ("problems" in parsed) return tellProblems(parsed.problems, exitCodes.usage);
  const region = regionOf(env);
  if (parsed.value.upload !== null && region === null) {
    return tellProblems(["AWS_REGION is missing: where the bucket is"], exitCodes.usage);
  }
  await withInterruption(async (signal) => {
    const { upload: place } = parsed.value;
    const upload = place === null ? null : openUpload(place, { env, region: region!, signal });
    try {
      await upload?.requireBucket();
      const report = await buildFrom(parsed.value, env, signal);
      const sent = await deliver(report.artifact.folder, parsed.value.packFile, upload);
      const json = { ...toJsonReport(report), ...(sent === null ? {} : { uploaded: sent }) };
      const place = sent === null ? report.artifact.folder : sent.uri;
      await writeData(flags.json ? JSON.stringify(json) : `${report.artifact.digest}  ${place}`);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      tellProblems(message.split("\n"), exitCodes.failed);
      if (signal.aborted) process.exitCode = interruptedExitCode;
    } finally {
      upload?.close();
    }
  });
}

/** Builds with its inputs wherever they are, and tells what was built. @throws as `buildCatalog` and `withInputs` */
export async function buildFrom(settings: BuildSettings, env: Environment, signal: AbortSignal): Promise<BuildReport> {
  const bar = createBuildBar();
  try {
    const report = await withInputs(settings, { env, signal }, (inputs) =>
      buildCatalog({
        ...{ ...settings, ...inputs, now, signal },
        progress: ({ done, total }) => bar.show("pictures", done, total),
        verifying: ({ done, total }) => bar.show("verified", done, total),
      }),
    );
    bar.end();
    tellBuildReport(report);
    return report;
  } finally {
    bar.end();
  }
}

async function deliver(folder: string, packFile: string | null, upload: ArtifactUpload | null) {
  if (packFile === null) return null;
  const { file, bytes } = await packArtifact(folder, packFile);
  tell(`packed ${file}: ${bytes} bytes`);
  if (upload === null) return null;
  const sent = await upload.put(file);
  tell(`${sent.outcome === "same" ? "there already" : "uploaded"}: ${sent.uri}`);
  return { uri: sent.uri, bytes: sent.bytes, sha256: sent.sha256 };
}

/** How far a build is: a bar on a terminal, a few lines in a log. The bar's own pace jumps with the last few pictures. */
export function createBuildBar() {
  const bar = new SingleBar({
    stream: process.stderr,
    format: "{bar} {value}/{total} {what}, {rate}/s, {left} left",
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
  });
  const showInLog = createProgressLines({ tell, now });
  let underway: Readonly<{ what: string; started: number }> | null = null;
  return {
    show: (what: "verified" | "pictures", done: number, total: number) => {
      if (!process.stderr.isTTY) return showInLog(what, done, total);
      if (underway?.what !== what) {
        underway = { what, started: now() };
        bar.start(total, 0, { what, rate: "-", left: "-" });
      }
      if (done > 0) bar.update(done, toPace(done, total, now() - underway.started));
    },
    end: () => bar.stop(),
  };
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
  if (report.compaction !== null) tellCompaction(report.compaction);
}

function toUnmappedLine({ category, items, family }: UnmappedCategory): string {
  const taken = family === null ? "no rule knows it" : `v5 takes it for ${family}, v4 does not know it`;
  return `unmapped category ${category} (${items} items): ${taken}; --category-map can rename it`;
}

function toJsonReport({ imagesPerSecond, ...report }: BuildReport) {
  const { seconds, artifact, ...rest } = report;
  return { ...rest, seconds, images_per_second: imagesPerSecond, artifact };
}
