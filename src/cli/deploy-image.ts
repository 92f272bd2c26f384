import { stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { pushImage } from "../../deploy/image.js";
import { planImageCalls } from "../../deploy/image-calls.js";
import { createRunCommand, probeCommand, toBuildCommand, toLogInCommand } from "../../deploy/image-docker.js";
import { type ImageSpec, parseImageSpec, toRegistry } from "../../deploy/image-spec.js";
import { withAwsSession } from "./aws-session.js";
import { readFlags } from "./deploy-flags.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";
import { readVersion } from "./version.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** The project itself; the compiled code lies three folders below it. */
const projectFolder = fileURLToPath(new URL("../../..", import.meta.url));

/** Adds `stygig deploy image`. */
export function addDeployImageCommand(deploy: Command, env: Environment): void {
  const command = deploy.command("image");
  command
    .summary("build the container's image and push it to ECR")
    .description(
      "Builds one of the Dockerfile's images for one platform, with the media types that SageMaker takes, and pushes it;\n" +
        "makes the repository where there is none. Prints the image with its digest once ECR has it. Needs docker.",
    )
    .option("--repository <name>", "in ECR (default: stygig, where the other commands look)")
    .option("--target <name>", "cpu or gpu")
    .option("--platform <name>", "linux/amd64, or linux/arm64 for Graviton (default: linux/amd64)")
    .option("--image-tag <tag>", "of the image (default: VERSION-cpu or -gpu, on Graviton VERSION-cpu-arm64)")
    .option("--region <region>", "where (default: AWS_REGION)")
    .option("--account-id <digits>", "whose registry (default: that of whoever is signed in)")
    .option("--context <folder>", "the folder with the Dockerfile (default: the project)")
    .option("--dry-run", "only print the command lines and calls")
    .option("--json", "print JSON")
    .action(() => run(command, env));
}

async function run(command: Command, env: Environment): Promise<void> {
  const flags = readFlags(command);
  const parsed = parseImageSpec(flags, { env, version: readVersion() });
  const folder = typeof flags.context === "string" ? flags.context : projectFolder;
  const problems = [
    ...("problems" in parsed ? parsed.problems : []),
    ...((await hasDockerfile(folder)) ? [] : [`--context ${folder} has no Dockerfile`]),
  ];
  if ("problems" in parsed || problems.length > 0) return tellProblems(problems, exitCodes.usage);
  const spec = parsed.value;
  const json = flags.json === true;
  if (flags["dry-run"] === true) return showSteps(spec, folder, json);
  await withAwsSession({ region: spec.region, env }, async ({ send, signal }) => {
    const pushed = await pushImage({ send, run: createRunCommand(signal), tell, folder }, spec);
    const [address] = pushed.imageUri.split(/:(?=[^/]*$)/);
    await writeData(json ? JSON.stringify(pushed, null, 2) : `${address}@${pushed.digest}`);
    tell(`deploy it:    stygig deploy sync --image-uri ${pushed.imageUri} ...`);
  });
}

async function hasDockerfile(folder: string): Promise<boolean> {
  return (await stat(join(folder, "Dockerfile")).catch(() => null))?.isFile() ?? false;
}

/** What would be done, in its order. */
async function showSteps(spec: ImageSpec, folder: string, json: boolean): Promise<void> {
  const { identify, look, create, logIn, verify } = planImageCalls(spec);
  const registry = toRegistry(spec.accountId ?? "ACCOUNT", spec.region);
  const imageUri = `${registry}/${spec.repository}:${spec.tag}`;
  const building = toBuildCommand(spec, { imageUri, folder, metadataFile: "METADATA.json" });
  const call = (when: string, { service, operation, input }: typeof look) => ({ when, service, operation, input });
  const line = (command: readonly string[]) => ({ when: "always", command });
  const steps = [
    line(probeCommand),
    ...(spec.accountId === null ? [call("always", identify)] : []),
    ...[call("always", look), call("repository absent", create), call("always", logIn)],
    ...[line(toLogInCommand(registry)), line(building), call("always", verify)],
  ];
  if (json) return writeData(JSON.stringify({ imageUri, steps }, null, 2));
  for (const step of steps) {
    const text =
      "command" in step ? step.command.join(" ") : `${step.service} ${step.operation} ${JSON.stringify(step.input)}`;
    await writeData(step.when === "always" ? text : `${text} (${step.when})`);
  }
}
