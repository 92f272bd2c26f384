import type { Command } from "commander";
import { planDeployment } from "../../deploy/plan.js";
import { withAwsSession } from "./aws-session.js";
import { nextSteps } from "./deploy-apply.js";
import { readFlags } from "./deploy-flags.js";
import { toNotes, toPlanJson, toPlanTable } from "./deploy-print.js";
import { type DeploySurroundings, findRefusals } from "./deploy-read.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";
import { addPipelineFlags, type PipelineSpec, readPipelineFlags } from "./pipeline-flags.js";
import { type PipelineReport, runPipeline } from "./pipeline-run.js";

/** Adds `stygig deploy pipeline`. */
export function addDeployPipelineCommand(deploy: Command, surroundings: DeploySurroundings): void {
  const command = deploy.command("pipeline");
  command
    .summary("from pictures to an endpoint that has answered, and away again")
    .description(
      "Builds an artifact, packs and uploads it, deploys an endpoint on it and sees that it answers as the artifact does.\n" +
        "Then the endpoint is taken away again, unless --keep says that it stays. What was built or uploaded before is not\n" +
        "built or uploaded again. Whatever fails, no new endpoint is left behind.",
    );
  addPipelineFlags(command);
  command.action(() => run(command, surroundings));
}

async function run(command: Command, surroundings: DeploySurroundings): Promise<void> {
  const flags = readFlags(command);
  const parsed = await readPipelineFlags(flags, surroundings);
  if ("problems" in parsed) return tellProblems(parsed.problems, exitCodes.usage);
  const task = parsed.value;
  const plan = planDeployment(task.spec);
  const refused = findRefusals(plan);
  if (refused.length > 0) return tellProblems(refused, exitCodes.usage);
  if (flags["dry-run"] === true) return showSteps(task);
  const { env, version } = surroundings;
  const { region } = task.spec;
  const report: PipelineReport = { steps: [], modelUri: null, artifact: null, kept: false, torn: null };
  const endpointUrl = env.AWS_ENDPOINT_URL ?? null;
  await withAwsSession({ region, env }, (session) => runPipeline(session, { ...task, endpointUrl, version }, report));
  await show(task, report);
}

/** The last line says whether there is an endpoint now, and the step before it where it went wrong. */
async function show({ spec, settings, keeps }: PipelineSpec, report: PipelineReport): Promise<void> {
  const { name, region, mode } = spec;
  const { steps, modelUri, artifact, kept, torn } = report;
  const failed = steps.find(({ outcome }) => outcome === "failed")?.step ?? null;
  if (settings.json) {
    return writeData(JSON.stringify({ mode, name, region, modelUri, artifact, kept, failed, steps, torn }, null, 2));
  }
  if (process.exitCode !== undefined) return;
  const answered = settings.verify === null ? "came into service" : "answered as its artifact does";
  await writeData(`${name} ${answered}, and ${kept ? "stays" : "is taken away again"}; ${modelUri}`);
  if (keeps) for (const step of nextSteps(spec)) tell(step);
  else tell("nothing is left but the archive in S3 and the log lines; --keep leaves the endpoint in place");
}

/** What would be done, in its order. Names and address hold a digest that only the packed artifact has. */
async function showSteps({ spec, build, artifact, folder, settings, keeps }: PipelineSpec): Promise<void> {
  const plan = planDeployment(spec);
  const notes = ["zeros stand for the digest of the archive, which is known once it is packed", ...toNotes(spec)];
  const steps = [
    ...(build === null ? [] : [`build ${artifact} from ${build.imagesFolder}, unless it was built from just these`]),
    `pack ${artifact} as ${artifact}.model.tar.gz, unless it is packed`,
    `upload it below s3://${folder.bucket}/${folder.key}, unless it is there`,
    `deploy ${spec.name} by the calls below`,
    ...(settings.verify === null ? [] : ["ask it what the artifact answers itself"]),
    keeps ? "leave it in place" : "take it away again",
  ];
  if (settings.json) {
    return writeData(JSON.stringify({ steps, plan: JSON.parse(toPlanJson(spec, plan, notes)) }, null, 2));
  }
  for (const [i, step] of steps.entries()) await writeData(`${i + 1}. ${step}`);
  await writeData(toPlanTable(spec, plan));
  for (const each of notes) tell(`note: ${each}`);
}
