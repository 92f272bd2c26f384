import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { openModel } from "../../../catalog/choose-model.js";
import { readEncoderFiles } from "../../../src/adapters/encoder-files.js";
import { createImageDecoder } from "../../../src/adapters/image-decoder.js";
import { toModelInput } from "../../../src/domain/clip-input.js";
import { BenchFailure } from "../harness/bench-failure.js";
import { benchFolder, projectFolder } from "../harness/project-folder.js";
import type { Variant } from "../harness/run-bench.js";
import { toItemId } from "../serve/artifact.js";
import { createRequests } from "../serve/requests.js";

const maxPixels = 50_000_000;
const workers = availableParallelism();
/** Enough that neither decoders nor encoders wait for the other. */
const ahead = 4;
/** Of /proc's processor times: fixed for user space on Linux. */
const ticksPerSecond = 100;

/**
 * Seconds of `catalog update --add` as a process of its own, into a folder of its own, and of what looking at the same
 * pictures takes with decoders and encoder ready for work. Parameters: the artifact, its items, a photo.
 */
export function addPictures(count: number, shortCount: number): Variant {
  return async ({ short, parameters }, countCpu) => {
    const [artifact, items, photo] = parameters as readonly [string, string, string];
    mkdirSync(benchFolder, { recursive: true });
    const work = mkdtempSync(join(benchFolder, "change-"));
    try {
      const pictures = writePictures(work, readFileSync(photo), short ? shortCount : count, Number(items));
      const encodingS = await secondsToSee(artifact, pictures);
      const flags = ["--artifact", artifact, "--out", join(work, "next"), "--add", join(work, "added")];
      const wholeS = await secondsOf([...flags, "--items", join(work, "items.jsonl")]);
      countCpu(childrenCpuMs());
      return { whole_s: wholeS, encoding_s: encodingS, add_s: wholeS - encodingS };
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  };
}

/** The same picture with other bytes each time, whose ids lie everywhere between those of the catalog. */
function writePictures(work: string, photo: Uint8Array, count: number, items: number): readonly Uint8Array[] {
  const next = createRequests(photo);
  mkdirSync(join(work, "added"));
  const pictures = Array.from({ length: count }, () => Buffer.concat(next().slice(1)));
  const lines = pictures.map((bytes, at) => {
    writeFileSync(join(work, "added", `${at}.jpg`), bytes);
    const id = `${toItemId(Math.floor((at * items) / count))}-added`;
    return JSON.stringify({ id, category: "upperwear_shirt", path: `${at}.jpg` });
  });
  writeFileSync(join(work, "items.jsonl"), `${lines.join("\n")}\n`);
  return pictures;
}

/** Decoding and encoding alone, as the update does them; nothing has to start any more. */
async function secondsToSee(artifact: string, pictures: readonly Uint8Array[]): Promise<number> {
  const encoder = await readEncoderFiles(join(artifact, "encoder"));
  const model = encoder.models.find((each) => each.model.precision === "int8") ?? encoder.models[0];
  const { preprocess } = encoder.manifest;
  const decoder = createImageDecoder({ workers, maxPixels });
  const onnx = await openModel(encoder, model.model, workers);
  const see = async (bytes: Uint8Array) => {
    const { modelView } = await decoder.decode(bytes, { preprocess, meanColor: true });
    await onnx.encode([toModelInput(modelView, preprocess)]);
  };
  const seeAll = async (some: readonly Uint8Array[]) => {
    const left = some.values();
    const seeOn = async () => {
      for (const bytes of left) await see(bytes);
    };
    await Promise.all(Array.from({ length: workers * ahead }, seeOn));
  };
  await decoder.started();
  await seeAll(pictures.slice(0, workers * ahead));
  const start = performance.now();
  await seeAll(pictures);
  const seconds = (performance.now() - start) / 1000;
  await decoder.close();
  await onnx.close();
  return seconds;
}

/** From the start of the process to its end. @throws BenchFailure when it fails */
async function secondsOf(flags: readonly string[]): Promise<number> {
  const command = [join(projectFolder, "bin/stygig"), "catalog", "update", ...flags, "--workers", String(workers)];
  const start = performance.now();
  const child = spawn(process.execPath, command, { stdio: ["ignore", "ignore", 2] });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new BenchFailure(`catalog update ended with ${code}`);
  return (performance.now() - start) / 1000;
}

/** Of the processes that this one has started and that have ended. */
function childrenCpuMs(): number {
  // The name in brackets may hold spaces; what follows it starts with the third field.
  const fields = readFileSync("/proc/self/stat", "utf8").split(") ")[1]!.split(" ");
  return (1000 * (Number(fields[13]) + Number(fields[14]))) / ticksPerSecond;
}
