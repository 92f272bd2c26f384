import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createCatalogRows } from "../../../catalog/catalog-rows.js";
import { startPictureWorkers } from "../../../catalog/picture-workers.js";
import { readPicture } from "../../../catalog/see-pictures.js";
import { readEncoderFiles } from "../../../src/adapters/encoder-files.js";
import { toModelInput } from "../../../src/domain/clip-input.js";
import { drawPhoto } from "../harness/drawn-photo.js";
import { callsPerSecond } from "../harness/timing.js";
import { type BuildEncoder, workers } from "./setting.js";

export const partNames = ["read", "decode and colors", "encode", "write the row"] as const;
type PartName = (typeof partNames)[number];

/**
 * What one picture of a build costs in each part, alone and with a build's workers: processor time of all threads, in ms.
 * The picture and the rows lie in a folder made in `place`.
 */
export async function measureParts(
  size: Readonly<{ width: number; height: number }>,
  calls: number,
  { place, encoderFolder, precision }: BuildEncoder & Readonly<{ place: string }>,
): Promise<Readonly<Record<PartName, number>>> {
  const folder = mkdtempSync(join(place, "parts-"));
  const file = join(folder, "photo.jpg");
  const photo = await drawPhoto(size.width, size.height);
  writeFileSync(file, photo);
  const files = await readEncoderFiles(encoderFolder);
  const model = files.models.find((each) => each.model.precision === precision) ?? files.models[0];
  const { decodeImage, encode, preprocess, close } = await startPictureWorkers(files, model.model, workers);
  try {
    const decode = () => decodeImage(photo, { preprocess, meanColor: true });
    const { modelView, palette, meanColor } = await decode();
    const input = toModelInput(modelView, preprocess);
    const [embedding] = await encode([input]);
    const rows = createCatalogRows(folder, files.manifest.output.dimension);
    const item = { id: "garment-000001", category: "upperwear_shirt", gender: null, path: "shirt/000001.jpg" } as const;
    const words = { title: null, price: null, url: null, imageUrl: null, palette, meanColor: meanColor! };
    // A row's place is taken when it is asked for, one after the other, as a build asks.
    let written: Promise<unknown> = Promise.resolve();
    const writeRow = () => {
      written = written.then(() => rows.add({ ...item, ...words }, embedding!));
      return written;
    };
    return {
      read: await measureBusy(() => readPicture(file), calls),
      "decode and colors": await measureBusy(decode, calls),
      encode: await measureBusy(() => encode([input]), calls),
      "write the row": await measureBusy(writeRow, calls),
    };
  } finally {
    await close();
    rmSync(folder, { recursive: true });
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
