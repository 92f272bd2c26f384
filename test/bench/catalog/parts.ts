import { createHash } from "node:crypto";
import { openModel } from "../../../catalog/choose-model.js";
import { maxPixels } from "../../../catalog/fill-artifact.js";
import { readEncoderFiles } from "../../../src/adapters/encoder-files.js";
import { createImageDecoder } from "../../../src/adapters/image-decoder.js";
import { toModelInput } from "../../../src/domain/clip-input.js";
import { drawPhoto } from "../harness/drawn-photo.js";
import { callsPerSecond } from "../harness/timing.js";
import { encoderFolder, workers } from "./setting.js";

export const partNames = ["decode and colors", "encode", "hash"] as const;
type PartName = (typeof partNames)[number];

/** What one picture of a build costs in each part, alone and with a build's workers: processor time of all threads, in ms. */
export async function measureParts(
  size: Readonly<{ width: number; height: number }>,
  calls: number,
): Promise<Readonly<Record<PartName, number>>> {
  const photo = await drawPhoto(size.width, size.height);
  const files = await readEncoderFiles(encoderFolder);
  const { preprocess } = files.manifest;
  const decoder = createImageDecoder({ workers, maxPixels });
  const encoder = await openModel(files, files.models[0].model, workers);
  try {
    await decoder.started();
    const decode = () => decoder.decode(photo, { preprocess, meanColor: true });
    const input = toModelInput((await decode()).modelView, preprocess);
    const costs = {
      "decode and colors": await measureBusy(decode, calls),
      encode: await measureBusy(() => encoder.encode([input]), calls),
      hash: await measureBusy(async () => createHash("sha256").update(photo).digest("hex"), calls),
    };
    return costs;
  } finally {
    await encoder.close();
    await decoder.close();
  }
}

/** With two callers a worker, so that none of them waits for work. */
async function measureBusy(call: () => Promise<unknown>, calls: number): Promise<number> {
  // What a thread does but once, such as compiling, is no part of a picture.
  await callsPerSecond(call, workers * 2, Math.ceil(calls / 4));
  const before = process.cpuUsage();
  await callsPerSecond(call, workers * 2, calls);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / (calls + workers * 2);
}
