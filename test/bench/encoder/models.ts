import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BenchFailure } from "../harness/bench-failure.js";
import { benchFolder, projectFolder } from "../harness/project-folder.js";

/** What the encoder bench works on; everything is made on this machine, from a seed. */
export type BenchModels = Readonly<{
  /** Our own graphs, with `encoder.json`. */
  ours: string;
  /** The same weights as transformers.js wants them. */
  peer: string;
  /** A JPEG of 400x533. */
  photo: string;
}>;

const architecture = "vit-b-32";
const seed = "7";
/** OpenAI's numbers, which `model synth` writes into its own graphs, too. */
const processor = {
  image_processor_type: "CLIPImageProcessor",
  do_resize: true,
  size: { shortest_edge: 224 },
  resample: 3,
  do_center_crop: true,
  crop_size: { height: 224, width: 224 },
  do_rescale: true,
  rescale_factor: 1 / 255,
  do_normalize: true,
  image_mean: [0.48145466, 0.4578275, 0.40821073],
  image_std: [0.26862954, 0.26130258, 0.27577711],
  do_convert_rgb: true,
};

/** The folder of the models, which are made anew when the code that makes them has changed. @throws BenchFailure */
export async function provideModels(): Promise<string> {
  const keep = join(benchFolder, "encoder");
  const folder = join(keep, digestOfConverter());
  if (!existsSync(folder)) {
    // Those of older code, and what a run left that was killed half-way.
    rmSync(keep, { recursive: true, force: true });
    const unfinished = join(keep, "unfinished");
    await makeModels(unfinished);
    renameSync(unfinished, folder);
  }
  return folder;
}

/** Where things are in a folder that `provideModels` gave. */
export function modelsIn(folder: string): BenchModels {
  return { ours: join(folder, "ours"), peer: join(folder, "peer"), photo: join(folder, "photo.jpg") };
}

async function makeModels(folder: string): Promise<void> {
  const { ours, peer, photo } = modelsIn(folder);
  mkdirSync(folder, { recursive: true });
  process.stderr.write(`Making a ${architecture} of random weights, twice at two precisions ...\n`);
  synthesize(ours, "uint8");
  synthesize(peer, "pixel-values");
  mkdirSync(join(peer, "onnx"));
  renameSync(join(peer, "model.fp32.onnx"), join(peer, "onnx/model.onnx"));
  renameSync(join(peer, "model.int8.onnx"), join(peer, "onnx/model_quantized.onnx"));
  writeFileSync(join(peer, "config.json"), JSON.stringify({ model_type: "clip_vision_model" }));
  writeFileSync(join(peer, "preprocessor_config.json"), JSON.stringify(processor));
  // Only here: it loads our sharp, and the process of a peer should have its own alone.
  const { drawPhoto } = await import("../harness/drawn-photo.js");
  writeFileSync(photo, await drawPhoto(400, 533));
}

function synthesize(folder: string, input: "uint8" | "pixel-values"): void {
  const what = ["--arch", architecture, "--seed", seed, "--precision", "fp32,int8", "--input", input];
  const command = [join(projectFolder, "bin/stygig"), "model", "synth", ...what, "--out", folder];
  const { status } = spawnSync(process.execPath, command, { cwd: projectFolder, stdio: ["ignore", 2, 2] });
  if (status !== 0) throw new BenchFailure("the models could not be made");
}

/** Names, and contents, of the compiled code that decides what is in the models. */
function digestOfConverter(): string {
  const hash = createHash("sha256");
  for (const folder of ["dist/models", "dist/src/domain"].map((name) => join(projectFolder, name))) {
    const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js"));
    for (const name of names.sort())
      hash
        .update(`${name}\0`)
        .update(readFileSync(join(folder, name)))
        .update("\0");
  }
  return hash.digest("hex").slice(0, 16);
}
