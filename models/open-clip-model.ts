import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { EncoderSource } from "../src/domain/encoder-manifest.js";
import type { Parsed } from "../src/domain/parsed.js";
import { openCheckpoint } from "./checkpoint/checkpoint.js";
import { architectureOf } from "./clip/architectures.js";
import { findNamingScheme, openCheckpointWeights } from "./clip/checkpoint-weights.js";
import { parseHuggingFaceConfig, parseOpenClipConfig } from "./clip/read-config.js";
import { parseHuggingFacePreprocessing, parseOpenClipPreprocessing } from "./clip/read-preprocessing.js";
import type { PixelStatistics, VisionConfig } from "./clip/vision-config.js";
import type { VisionWeights } from "./clip/vision-weights.js";
import { readModelLock } from "./hub/model-lock.js";

/** A published CLIP model as it lies on disk, ready to be read. */
export type ClipModel = Readonly<{
  name: string;
  source: EncoderSource;
  weights: VisionWeights;
  statistics: PixelStatistics;
  close: () => Promise<void>;
}>;

/** What a folder's weights may be called, best first. */
const weightFiles = [
  "model.safetensors",
  "pytorch_model.bin",
  "open_clip_model.safetensors",
  "open_clip_pytorch_model.bin",
];
/** Configurations are a few kilobytes. */
const maxConfigBytes = 1_000_000;

/**
 * Opens a folder of weights and configuration as the hub has them, or a file of weights with its configuration beside it.
 * @throws Error with one line a problem, each naming the file.
 */
export async function openClipModel(place: string): Promise<ClipModel> {
  const file = await findWeights(place);
  const folder = dirname(file);
  const { config, statistics } = await readConfigs(folder);
  const checkpoint = await openCheckpoint(file);
  try {
    const weights = openCheckpointWeights(checkpoint, findNamingScheme(checkpoint), config);
    const lock = await readModelLock(folder);
    const source = {
      architecture: architectureOf(config),
      checkpointSha256: await sha256OfFile(file),
      ...(lock === null ? {} : { revision: lock.commit }),
    };
    return { name: lock?.repository ?? basename(folder), source, weights, statistics, close: checkpoint.close };
  } catch (error) {
    await checkpoint.close();
    throw (error as Error).message.startsWith(file) ? error : prefixed(file, error as Error);
  }
}

function prefixed(file: string, error: Error): Error {
  const lines = error.message.split("\n").map((line) => `${file}: ${line}`);
  return new Error(lines.join("\n"), { cause: error });
}

async function findWeights(place: string): Promise<string> {
  const found = await stat(place).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${place} ${error.code === "ENOENT" ? "does not exist" : `cannot be read (${error.code})`}`);
  });
  if (found.isFile()) return place;
  for (const name of weightFiles) {
    if (
      await stat(join(place, name)).then(
        (each) => each.isFile(),
        () => false,
      )
    )
      return join(place, name);
  }
  throw new Error(`${place} holds no weights: none of ${weightFiles.join(", ")}`);
}

type Configs = Readonly<{ config: VisionConfig; statistics: PixelStatistics }>;

/** Hugging Face's two files, or open_clip's one. */
async function readConfigs(folder: string): Promise<Configs> {
  const huggingFace = await readJson(folder, "config.json");
  if (huggingFace !== undefined) {
    const config = valueIn(folder, parseHuggingFaceConfig(huggingFace));
    const preprocessor = (await readJson(folder, "preprocessor_config.json")) ?? {};
    return { config, statistics: valueIn(folder, parseHuggingFacePreprocessing(preprocessor, config.side)) };
  }
  const openClip = await readJson(folder, "open_clip_config.json");
  if (openClip === undefined) throw new Error(`${folder} holds neither config.json nor open_clip_config.json`);
  const config = valueIn(folder, parseOpenClipConfig(openClip));
  const { preprocess_cfg: preprocess = {} } = openClip as Readonly<{ preprocess_cfg?: unknown }>;
  return { config, statistics: valueIn(folder, parseOpenClipPreprocessing(preprocess, config.side)) };
}

function valueIn<T>(folder: string, parsed: Parsed<T>): T {
  if ("value" in parsed) return parsed.value;
  throw new Error(parsed.problems.map((problem) => `${folder}: ${problem}`).join("\n"));
}

/** Undefined when there is no such file. */
async function readJson(folder: string, name: string): Promise<unknown> {
  const file = join(folder, name);
  try {
    const { size } = await stat(file);
    if (size > maxConfigBytes) throw new Error(`${file} has ${size} bytes; ${maxConfigBytes} are the most`);
    return JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    // The parser's own message may quote several lines of the file.
    if (error instanceof SyntaxError) throw new Error(`${file} is not JSON`, { cause: error });
    throw error;
  }
}

async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest("hex");
}
