import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's top folder, absolute; right for this file's source and for its compiled form. */
export const projectFolder: string = [new URL("../../..", import.meta.url), new URL("../../../..", import.meta.url)]
  .map((url) => fileURLToPath(url))
  .find((folder) => existsSync(join(folder, "package.json")))!;

/** What benches keep between runs: models, packages, the lock. Git ignores it. */
export const benchFolder: string = join(projectFolder, "build/bench");
