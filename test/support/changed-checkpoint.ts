import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { aFolder } from "./a-folder.js";
import { type ClipGolden, folderOf } from "./clip-goldens.js";

// biome-ignore lint/suspicious/noExplicitAny: other people's JSON, whose shape the goldens' files are known to have.
type Json = any;
/** Changes one of a checkpoint's configurations in place. */
type Change = Readonly<{ file: string; change: (configuration: Json) => void }>;

/** What must show in the embeddings: each makes another model of the same weights. */
export function changesOf({ kind, epsilon }: ClipGolden): readonly (readonly [string, Change])[] {
  if (kind === "open-clip") {
    const file = "open_clip_config.json";
    return [
      ["the other activation", { file, change: ({ model_cfg: model }) => (model.quick_gelu = !model.quick_gelu) }],
      ["another mean", { file, change: ({ preprocess_cfg: given }) => (given.mean = given.mean.map(brighter)) }],
    ];
  }
  const vision = (config: Json) => config.vision_config ?? config;
  const other = (activation: string) => (activation === "gelu" ? "quick_gelu" : "gelu");
  const file = "config.json";
  const swap = (config: Json) => (vision(config).hidden_act = other(vision(config).hidden_act));
  const reset = (config: Json) => (vision(config).layer_norm_eps = usualEpsilon);
  const shift = (given: Json) => (given.image_mean = given.image_mean.map(brighter));
  return [
    ["the other activation", { file, change: swap }],
    ["another mean", { file: "preprocessor_config.json", change: shift }],
    ...(epsilon === usualEpsilon ? [] : [["the usual epsilon", { file, change: reset }] as const]),
  ];
}

const usualEpsilon = 1e-5;
const brighter = (mean: number) => mean + 0.05;

/** A copy of the checkpoint with the change made. */
export async function changedCheckpoint(golden: ClipGolden, { file, change }: Change): Promise<string> {
  const folder = await aFolder();
  await cp(folderOf(golden), folder, { recursive: true });
  const path = join(folder, file);
  const configuration = JSON.parse(await readFile(path, "utf8"));
  change(configuration);
  await writeFile(path, JSON.stringify(configuration));
  return folder;
}
