import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { BuildOptions } from "../../../catalog/build-catalog.js";
import { standardRules } from "../../../src/domain/ranking-rules.js";
import { projectFolder } from "../harness/project-folder.js";

/**
 * The encoder that ships: what a build takes when nobody says otherwise. It looks at a picture in a quarter of the time of a
 * ViT-B/32, so that whatever else a build does weighs four times as much.
 */
export const encoderFolder = join(projectFolder, "models/lite");
/** As `stygig catalog build` has them. */
export const workers = availableParallelism();

/** Everything of a build but its places. */
export const usualBuild: Omit<BuildOptions, "imagesFolder" | "outFolder"> = {
  ...{ itemsFile: null, categoryMap: new Map(), rules: standardRules, encoderFolder, precision: "auto" },
  ...{ thumbnails: null, index: "auto", workers, now: () => performance.now() },
  signal: new AbortController().signal,
};
