import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildCatalog } from "../../../catalog/build-catalog.js";
import { drawPhoto } from "../harness/drawn-photo.js";
import type { Variant } from "../harness/run-bench.js";
import { writePictures } from "./made-catalogs.js";
import { ofParameters, shippedEncoder, usualBuild } from "./setting.js";

/** Builds a catalog of `count` photographs that nobody has seen. Parameters: a place, and an encoder. */
export function buildingPhotos(
  size: Readonly<{ width: number; height: number }>,
  count: Readonly<{ usual: number; short: number }>,
): Variant {
  return async ({ short, parameters: [place, ...encoder] }) => {
    const folder = mkdtempSync(join(place!, "photos-"));
    const imagesFolder = join(folder, "images");
    const photos = short ? count.short : count.usual;
    writePictures(imagesFolder, await drawPhoto(size.width, size.height), photos);
    const before = process.cpuUsage();
    const { items, seconds, imagesPerSecond } = await buildCatalog({
      ...{ ...usualBuild, ...ofParameters(encoder) },
      ...{ imagesFolder, outFolder: join(folder, "artifact") },
    });
    const { user, system } = process.cpuUsage(before);
    if (items !== photos) throw new Error(`${items} of ${photos} photographs became items`);
    rmSync(folder, { recursive: true });
    return { imagesPerSecond, seconds, cpuMs: (user + system) / 1000 / photos };
  };
}

/** Builds one of the catalogs that were made beforehand, most of whose pictures were seen. */
export function buildingMade(nameOf: (short: boolean) => string, unseenOf: (short: boolean) => number): Variant {
  return async ({ short, parameters: [place] }) => {
    const folder = mkdtempSync(join(place!, "made-"));
    // A cache of its own: what this build sees for the first time, the next one shall see for the first time, too.
    const cacheFolder = join(folder, "cache");
    mkdirSync(cacheFolder);
    const kept = join(place!, "cache");
    for (const name of readdirSync(kept)) cpSync(join(kept, name), join(cacheFolder, name), { recursive: true });
    const imagesFolder = join(place!, nameOf(short));
    const { items, reused, seconds } = await buildCatalog({
      ...{ ...usualBuild, ...shippedEncoder },
      ...{ imagesFolder, outFolder: join(folder, "artifact"), cacheFolder },
    });
    if (items - reused !== unseenOf(short)) throw new Error(`${reused} of ${items} pictures were known`);
    rmSync(folder, { recursive: true });
    return { seconds, peakMb: (process.resourceUsage().maxRSS * 1024) / 1e6 };
  };
}
