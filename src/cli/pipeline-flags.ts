import { type Command, Option } from "commander";
import { parseS3Uri, type S3Place } from "../../deploy/s3-uri.js";
import type { EndpointSpec } from "../../deploy/spec.js";
import { createFlagReader, type Flags } from "../../deploy/spec-flags.js";
import { toModelKey } from "../../deploy/upload.js";
import type { Parsed } from "../domain/parsed.js";
import { type BuildSettings, readBuildFlags } from "./catalog-build-flags.js";
import type { ApplySettings } from "./deploy-apply.js";
import { deployFlags, toOption } from "./deploy-flags.js";
import { type DeploySurroundings, readApplySettings, readSpec } from "./deploy-read.js";

/** What can be tried out with a question or two; a transform job has none. */
const pipelineModes = ["sync", "async", "serverless"] as const;
type PipelineMode = (typeof pipelineModes)[number];

/** What was asked for, whole. */
export type PipelineSpec = Readonly<{
  /** Of an artifact that is not uploaded yet. */
  spec: EndpointSpec;
  build: BuildSettings | null;
  artifact: string;
  folder: S3Place;
  settings: ApplySettings;
  keeps: boolean;
}>;

const usualArtifact = "artifact";
/** Stands for the content of an archive that is not packed yet. */
const unknownSha256 = "0".repeat(64);

/** Adds the pipeline's own flags, and each of the modes' but for the artifact's address, which it makes itself. */
export function addPipelineFlags(command: Command): void {
  command
    .option("--images <folder>", "build the artifact from these pictures, as `stygig catalog build` does")
    .option("--artifact <folder>", `an artifact; with --images, where it is built (default: ${usualArtifact})`)
    .option("--bucket-uri <uri>", "where the packed artifact goes: s3://bucket or s3://bucket/prefix")
    .option("--mode <mode>", "sync, async or serverless (default: sync)")
    .option("--items <file>", "build: JSON Lines of the items; only these are taken")
    .option("--category-map <file>", "build: JSON object, folder or category -> category")
    .option("--rules <name|file>", "build: numbers of the ranking (default: standard)")
    .option("--encoder <folder>", "build: encoder.json and its model (default: models/lite of the project)")
    .option("--keep", "leave the endpoint in place when all went well");
  const before = new Set(["model-uri"]);
  for (const mode of pipelineModes) {
    for (const flag of deployFlags[mode]) {
      const name = toName(flag.flags);
      if (before.has(name)) continue;
      before.add(name);
      command.addOption(toOption(flag));
    }
  }
  command
    .addOption(new Option("--dry-run", "show steps and calls; needs no network and no credentials"))
    .option("--json", "what became of each step, on stdout as JSON")
    .option("--timeout-minutes <minutes>", "how long it may take to serve (default: 60)")
    .option("--keep-on-failure", "leave what was made in place when something fails")
    .option("--verify-photo <file>", "a photo of yours to ask with, instead of a computed picture")
    .option("--no-verify", "ask nothing at the end");
}

const toName = (flags: string) => flags.replace(/^--([a-z0-9-]+).*$/, "$1");

/** Every problem at once, also of what comes last: nobody wants to hear of a missing role after an hour of building. */
export async function readPipelineFlags(flags: Flags, surroundings: DeploySurroundings): Promise<Parsed<PipelineSpec>> {
  const problems: string[] = [];
  const reader = createFlagReader(flags, problems);
  const mode = reader.oneOf("mode", "sync", pipelineModes);
  for (const name of findForeign(flags, mode)) reader.refuse(`--${name} means nothing with --mode ${mode}`);
  const folder = parseS3Uri(reader.required("bucket-uri", "s3://bucket or s3://bucket/prefix"));
  if (folder === null && reader.isGiven("bucket-uri")) {
    reader.refuse(`--bucket-uri must be s3://bucket or s3://bucket/prefix, not "${flags["bucket-uri"]}"`);
  }
  if (!reader.isGiven("images") && !reader.isGiven("artifact")) {
    reader.refuse("--images or --artifact is missing: the pictures, or the artifact that was built from them");
  }
  const artifact = reader.text("artifact") ?? usualArtifact;
  const build = await readBuild(flags, artifact, problems);
  const settings = readApplySettings({ ...flags, artifact }, problems);
  const parsed = await readSpec(mode, toModeFlags(flags, mode, folder, surroundings), surroundings);
  if ("problems" in parsed) problems.push(...parsed.problems);
  const [first, ...rest] = problems;
  if (first !== undefined) return { problems: [first, ...rest] };
  if ("problems" in parsed || folder === null) throw new RangeError("a problem without words");
  const spec = parsed.value as EndpointSpec;
  return { value: { spec, build, artifact, folder, settings, keeps: reader.isOn("keep") } };
}

/** The flags that another mode has, and this one has not. */
function findForeign(flags: Flags, mode: PipelineMode): readonly string[] {
  const own = new Set(deployFlags[mode].map((flag) => toName(flag.flags)));
  const any = new Set(pipelineModes.flatMap((each) => deployFlags[each].map((flag) => toName(flag.flags))));
  return [...any].filter((name) => !own.has(name) && flags[name] !== undefined && flags[name] !== false);
}

/** What the mode's own command would have been given. */
function toModeFlags(
  flags: Flags,
  mode: PipelineMode,
  folder: S3Place | null,
  { usualInstanceType }: DeploySurroundings,
): Flags {
  const { bucket, key } = folder ?? { bucket: "bucket", key: "" };
  const names = deployFlags[mode].map((flag) => toName(flag.flags));
  const own = Object.fromEntries(names.map((name) => [name, flags[name]]));
  const usual = names.includes("instance-type") ? { "instance-type": own["instance-type"] ?? usualInstanceType } : {};
  return { ...own, ...usual, "model-uri": `s3://${bucket}/${toModelKey(key, unknownSha256)}` };
}

const buildFlags = ["items", "category-map", "rules", "encoder"] as const;

async function readBuild(flags: Flags, artifact: string, problems: string[]): Promise<BuildSettings | null> {
  if (flags.images === undefined) {
    const given = buildFlags.filter((name) => flags[name] !== undefined);
    problems.push(...given.map((name) => `--${name} means nothing without --images`));
    return null;
  }
  const { items, encoder, "category-map": categoryMap, ...rest } = flags as Readonly<Record<string, string>>;
  const { images = "", rules = "standard" } = rest;
  const remote = Object.entries({ images, items }).filter(([, value]) => value?.startsWith("s3:"));
  for (const [name] of remote)
    problems.push(`--${name} must be on disk here: \`stygig catalog build\` fetches from S3`);
  if (remote.length > 0) return null;
  const parsed = await readBuildFlags({
    ...{ images, rules, out: artifact, precision: "auto", index: "auto" },
    ...(items === undefined ? {} : { items }),
    ...(encoder === undefined ? {} : { encoder }),
    ...(categoryMap === undefined ? {} : { categoryMap }),
  });
  if ("value" in parsed) return parsed.value;
  problems.push(...parsed.problems);
  return null;
}
