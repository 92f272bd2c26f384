import type { Command } from "commander";
import { planCatalogJob } from "../../deploy/calls-catalog-job.js";
import { parseCatalogJob } from "../../deploy/catalog-job-spec.js";
import { validateCall } from "../../deploy/models/validate-call.js";
import { runCatalogJob } from "../../deploy/run-catalog-job.js";
import { withAwsSession } from "./aws-session.js";
import { readFlags } from "./deploy-flags.js";
import { exitCodes, tellProblems, writeData } from "./output.js";
import { readVersion } from "./version.js";
import { repeated } from "./watch-flags.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** Adds `catalog job` to the catalog commands. */
export function addCatalogJobCommand(catalog: Command, env: Environment): void {
  const command = catalog.command("job");
  command
    .summary("build a catalog on SageMaker's own machines, from S3 to S3")
    .description(
      "Two processing jobs with our image: many machines see a part of the pictures each, then one builds and packs the\n" +
        "catalog from what they saw. The same again waits for what is under way, and starts nothing that is done.",
    )
    .option("--images-uri <uri>", "the pictures, laid out as for `catalog build`: s3://bucket/folder/")
    .option("--items-uri <uri>", "items as for `catalog build`: s3://bucket/key.jsonl or .csv")
    .option("--fetch-images <hosts>", "as for `catalog build`; --images-uri may then be left out")
    .option("--output-uri <uri>", "where caches and model.tar.gz go: s3://bucket/folder/")
    .option("--encoder-uri <uri>", "a converted encoder (default: the one in the image)")
    .option("--image-uri <uri>", "the image (default: STYGIG_IMAGE_URI, else stygig:VERSION-cpu of the role's account)")
    .option("--role-arn <arn>", "what the jobs may do (default: SAGEMAKER_ROLE)")
    .option("--region <region>", "where (default: AWS_REGION)")
    .option("--instance-type <type>", "of every machine (default: ml.c6i.xlarge)")
    .option("--instance-count <count>", "machines that see, 1 to 100 (default: 1)")
    .option("--volume-gb <size>", "of each machine, for its pictures (default: 50)")
    .option("--max-runtime-s <seconds>", "after which a job is ended (default: 86400)")
    .option("--thumbnails <pixels>", "as for `catalog build`")
    .option("--precision <name>", "as for `catalog build` (default: auto)")
    .option("--name <name>", "what the jobs' names begin with (default: stygig-catalog)")
    .option("--run <label>", "another label is another run of the same: a date (default: 1)")
    .addOption(repeated("--tag <key=value>", "a tag on both jobs; may repeat"))
    .option("--dry-run", "only print the calls, without network or credentials")
    .action(() => run(command, env));
}

async function run(command: Command, env: Environment): Promise<void> {
  const flags = readFlags(command);
  const spec = parseCatalogJob(flags, { env, version: readVersion() });
  if ("problems" in spec) return tellProblems(spec.problems, exitCodes.usage);
  const plan = planCatalogJob(spec.value);
  const refused = [plan.see, plan.build].flatMap(validateCall);
  if (refused.length > 0) return tellProblems(refused, exitCodes.usage);
  if (flags["dry-run"] === true) return writeData(JSON.stringify(plan, null, 2));
  await withAwsSession({ region: spec.value.region, env }, async (session) => {
    const outcome = await runCatalogJob(session, plan);
    if (outcome.kind === "done") return writeData(outcome.modelUri);
    tellProblems([`${outcome.job} failed: ${outcome.reason}`], exitCodes.failed);
  });
}
