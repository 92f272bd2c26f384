import { stat } from "node:fs/promises";
import type { Command } from "commander";
import type { ConvertOptions, ConvertReport } from "../../models/convert-model.js";
import { toModelName } from "../domain/encoder-model.js";
import { defaultThresholds } from "../domain/precision-gate.js";
import { readCategoryMap } from "./category-map-file.js";
import { addWriteFlags, readOneOf, readWriteFlags, type WriteFlags, type WriteSettings } from "./model-write-flags.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";
import { drawVerifyPictures, findVerifyPictures } from "./verify-pictures.js";

type ConvertFlags = WriteFlags & Readonly<{ images?: string; categoryMap?: string; preprocess: string }>;

const recipes = ["clip-exact", "clip-hf-exact", "clip-fast"] as const;

/** Adds `model convert` to the model commands. */
export function addModelConvertCommand(model: Command): void {
  const command = model
    .command("convert")
    .summary("turn a CLIP checkpoint into an encoder")
    .argument("<checkpoint>", "a folder as `model pull` leaves it, or the file of weights in one")
    .description(
      "Reads the vision transformer of a CLIP checkpoint, safetensors or PyTorch, by Hugging Face's or open_clip's\n" +
        "names, and writes encoder.json with a model for each precision. int8 is calibrated on the photos of --images,\n" +
        "or on drawn garments, and judged by the photos against fp32; without photos nothing vouches for it, and a\n" +
        "server uses it only when it is asked to. Exit code 1 also when a model was written that does not pass.",
    )
    .option("--images <folder>", "photos in one folder per category")
    .option("--category-map <file>", 'JSON object, folder or category -> category: {"dress":"one-piece_dress"}')
    .option("--preprocess <recipe>", `how pictures are cut: ${recipes.join(", ")}`, recipes[0]);
  addWriteFlags(command).action(runConvert);
}

async function runConvert(place: string, flags: ConvertFlags): Promise<void> {
  const problems: string[] = [];
  const settings = readWriteFlags(flags, problems);
  const recipe = readOneOf("--preprocess", flags.preprocess, recipes, problems);
  problems.push(...(await imagesProblems(flags, settings)));
  const map = await readCategoryMap(flags.categoryMap);
  if ("problems" in map) problems.push(...map.problems);
  if (problems.length > 0 || "problems" in map) return tellProblems(problems, exitCodes.usage);
  const interruption = new AbortController();
  const interrupt = () => interruption.abort(new Error("interrupted"));
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    const { signal } = interruption;
    const pictures =
      flags.images === undefined ? await drawVerifyPictures() : await findVerifyPictures(flags.images, map.value);
    const photos = flags.images === undefined ? null : pictures.pictures;
    const common = { place, recipe, photos, calibrationPictures: pictures.pictures, thresholds: defaultThresholds };
    await convert({ ...settings, ...common, signal, report: tell }, flags.json === true);
  } catch (error) {
    tellProblems((error instanceof Error ? error.message : String(error)).split("\n"), exitCodes.failed);
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
}

async function imagesProblems(
  { images, categoryMap }: ConvertFlags,
  { models }: WriteSettings,
): Promise<readonly string[]> {
  if (images === undefined) return categoryMap === undefined ? [] : ["--category-map needs --images"];
  const isFolder = (await stat(images).catch(() => null))?.isDirectory() === true;
  return [
    ...(isFolder ? [] : [`--images: ${images} is not a folder`]),
    ...(models.includes("fp32") ? [] : ["--images needs fp32 among the precisions, to hold the others against"]),
  ];
}

async function convert(options: ConvertOptions, json: boolean): Promise<void> {
  // Loads ONNX Runtime, which no other command should wait for.
  const { convertModel } = await import("../../models/convert-model.js");
  const report = await convertModel(options);
  for (const line of linesOf(report)) tell(line);
  await writeData(json ? JSON.stringify(toJson(options.outFolder, report)) : options.outFolder);
  if (report.gate?.models.some(({ outcome }) => outcome === "failed")) process.exitCode = exitCodes.failed;
}

function linesOf({ manifest, gate }: ConvertReport): readonly string[] {
  const kept = manifest.models.flatMap((model) =>
    "layersInFp32" in model
      ? (model.layersInFp32 ?? []).map(
          ({ layer, reason }) => `${toModelName(model)} keeps ${layer} in floats: ${reason}`,
        )
      : [],
  );
  const judged = (gate?.models ?? []).flatMap(({ model, outcome, reasons }) => [
    `${model} ${outcome}`,
    ...reasons.map((reason) => `  ${reason}`),
  ]);
  return [...kept, ...judged];
}

function toJson(folder: string, { manifest: { name, source, preprocess, models }, gate }: ConvertReport) {
  return {
    folder,
    name,
    source,
    preprocess,
    models: models.map((model) => ({
      model: toModelName(model),
      sha256: model.sha256,
      ...("gate" in model ? { gate: model.gate } : {}),
      ...("layersInFp32" in model ? { layersInFp32: model.layersInFp32 } : {}),
    })),
    outcomes: (gate?.models ?? []).map(({ model, outcome, reasons }) => ({ model, outcome, reasons })),
  };
}
