import { Command } from "commander";
import { addDeployMode } from "./deploy-mode.js";
import { readVersion } from "./version.js";

/** What V4's guide has its two deploy scripts take where nobody names a type. */
const guideInstanceTypes = { sync: "ml.g4dn.xlarge", async: "ml.m5.large" } as const;

/** `deploy_sync` or `deploy_async`: V4's flags under their names, its guide's instance types, and every flag of ours. */
export function createV4Deploy(
  mode: keyof typeof guideInstanceTypes,
  env: Readonly<Record<string, string | undefined>>,
): Command {
  const version = readVersion();
  const program = new Command(`deploy_${mode}`).version(version).showHelpAfterError("(--help tells more)");
  return addDeployMode(program, mode, { env, version, usualInstanceType: guideInstanceTypes[mode] });
}
