import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { BuildOptions } from "../../../catalog/build-catalog.js";
import { standardRules } from "../../../src/domain/ranking-rules.js";
import { projectFolder } from "../harness/project-folder.js";

/** What makes the vectors of a build. */
export type BuildEncoder = Readonly<Pick<BuildOptions, "encoderFolder" | "precision">>;

/** The encoder that ships: what a build takes when nobody says otherwise. */
export const shippedEncoder: BuildEncoder = { encoderFolder: join(projectFolder, "models/lite"), precision: "fp32" };

/** As a variant's parameters carry it. */
export const toParameters = ({ encoderFolder, precision }: BuildEncoder): readonly string[] => [
  encoderFolder,
  precision,
];
export const ofParameters = ([encoderFolder, precision]: readonly string[]): BuildEncoder => ({
  encoderFolder: encoderFolder!,
  precision: precision as BuildEncoder["precision"],
});

/** As `stygig catalog build` has them. */
export const workers = availableParallelism();

/** Everything of a build but its places and its encoder. */
export const usualBuild: Omit<BuildOptions, "imagesFolder" | "outFolder" | keyof BuildEncoder> = {
  ...{ itemsFile: null, categoryMap: new Map(), rules: standardRules },
  ...{ thumbnails: null, index: "auto", workers, now: () => performance.now() },
  signal: new AbortController().signal,
};
