import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Shard } from "../../catalog/see-shard.js";
import { isJsonObject, type JsonObject, shown } from "../domain/json-fields.js";
import type { Parsed } from "../domain/parsed.js";
import type { BuildFlags } from "./catalog-build-flags.js";
import { parseMachine } from "./job-machine.js";

/** What the platform has told a training container of its job. */
export type TrainingJob = Readonly<{
  flags: BuildFlags;
  /** Its files become the job's model.tar.gz. It may be a mount, so that it is filled and never replaced. */
  modelFolder: string;
  /** Kept in S3 while the job runs, and there again when it is resumed; null where the job has no such folder. */
  checkpointsFolder: string | null;
  /** What of its pictures this machine of several looks at; null where there is but one, which builds. */
  part: Shard | null;
}>;

type Environment = Readonly<Record<string, string | undefined>>;
type Place = Readonly<{ root: string; env: Environment }>;

/** What a job may say of its catalog, by the name of the flag; the rest is the platform's or a typing error. */
const hyperparameters = [
  ...["images", "items", "categoryMap", "rules", "encoder", "precision", "thumbnails"],
  ...["index", "indexMemoryGb", "workers", "downloads", "fetchImages"],
] as const;
/** The SDK's own name for the channel of a job that has but one. */
const imageChannels = ["images", "training", "train"] as const;
const usualDownloads = "/tmp/stygig-downloads";

/**
 * Hyperparameters, channels and machines as files and `SM_` variables below `root` say them, or every problem at once.
 * The artifact is first made at `artifactFolder`.
 */
export async function readTrainingJob(place: Place, artifactFolder: string): Promise<Parsed<TrainingJob>> {
  const problems: string[] = [];
  const { root, env } = place;
  const given = await readHyperparameters(place, problems);
  const images = given.images ?? (await findImages(place));
  const items = given.items ?? (await findItems(place, problems));
  const encoder = given.encoder ?? (await findChannel(place, "encoder"));
  const machine = await readMachine(place, problems);
  const isDivided = await hasOwnPictures(place, problems);
  const checkpoints = join(root, "checkpoints");
  const checkpointsFolder = (await isFolder(checkpoints)) ? checkpoints : null;
  if (machine.count > 1 && checkpointsFolder === null) {
    problems.push("a job of several machines needs CheckpointConfig: each keeps there what it has seen");
  }
  if (images === undefined && given.fetchImages === undefined)
    problems.push(`there is no channel ${imageChannels.join(", ")}: the pictures`);
  const flags: BuildFlags = {
    ...{ rules: "standard", precision: "auto", index: "auto", downloads: usualDownloads, out: artifactFolder },
    ...given,
    ...(images === undefined ? {} : { images }),
    ...(items === undefined ? {} : { items }),
    ...(encoder === undefined ? {} : { encoder }),
    ...(checkpointsFolder === null ? {} : { cache: checkpointsFolder }),
  };
  const [first, ...rest] = problems;
  if (first !== undefined) return { problems: [first, ...rest] };
  const modelFolder = env.SM_MODEL_DIR || join(root, "model");
  const part = isDivided ? { index: 1, count: 1 } : machine;
  return { value: { flags, modelFolder, checkpointsFolder, part: machine.count > 1 ? part : null } };
}

type Hyperparameters = Readonly<Partial<Record<(typeof hyperparameters)[number], string>>>;

/** All values are texts, of which the Python SDK makes JSON once more; its own begin with `sagemaker_`. */
async function readHyperparameters(place: Place, problems: string[]): Promise<Hyperparameters> {
  const value = await readConfig(place, { file: "hyperparameters.json", variable: "SM_HPS" }, problems);
  const given: Record<string, string> = {};
  for (const [name, each] of Object.entries(value)) {
    if (/^_|^sagemaker_/.test(name)) continue;
    const flag = name.replace(/[-_]([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (!(hyperparameters as readonly string[]).includes(flag)) problems.push(`hyperparameter ${shown(name)} is none`);
    else given[flag] = toText(each);
  }
  return given;
}

function toText(value: unknown): string {
  if (typeof value !== "string") return String(value);
  if (!/^".*"$/s.test(value)) return value;
  try {
    return String(JSON.parse(value));
  } catch {
    return value;
  }
}

async function findImages(place: Place): Promise<string | undefined> {
  for (const name of imageChannels) {
    const folder = await findChannel(place, name);
    if (folder !== undefined) return folder;
  }
  return undefined;
}

async function findChannel({ root, env }: Place, name: string): Promise<string | undefined> {
  const folder = env[`SM_CHANNEL_${name.toUpperCase()}`] || join(root, "input/data", name);
  return (await isFolder(folder)) ? folder : undefined;
}

/** A channel is a folder, also where S3 has one object for it. */
async function findItems(place: Place, problems: string[]): Promise<string | undefined> {
  const folder = await findChannel(place, "items");
  if (folder === undefined) return undefined;
  const names = (await readdir(folder)).filter((name) => /\.(?:jsonl|csv)$/i.test(name));
  const [name] = names;
  if (name === undefined || names.length > 1)
    problems.push(`channel items has ${names.length} .jsonl or .csv files, not one`);
  return name === undefined ? undefined : join(folder, name);
}

async function readMachine(place: Place, problems: string[]): Promise<Shard> {
  const found = await readText(place, { file: "resourceconfig.json", variable: "SM_RESOURCE_CONFIG" }, problems);
  const machine = found === null ? { value: { index: 1, count: 1 } } : parseMachine(found.text, found.name);
  if ("value" in machine) return machine.value;
  problems.push(...machine.problems);
  return { index: 1, count: 1 };
}

/** Whether the platform has dealt the pictures out, so that every machine has others. */
async function hasOwnPictures(place: Place, problems: string[]): Promise<boolean> {
  const channels = await readConfig(
    place,
    { file: "inputdataconfig.json", variable: "SM_INPUT_DATA_CONFIG" },
    problems,
  );
  const ofImages = imageChannels.map((name) => channels[name]).find(isJsonObject);
  return ofImages?.S3DistributionType === "ShardedByS3Key";
}

type Config = Readonly<{ file: string; variable: string }>;

/** A file of the job's as an object; empty where there is none. */
async function readConfig(place: Place, config: Config, problems: string[]): Promise<JsonObject> {
  const found = await readText(place, config, problems);
  if (found === null) return {};
  try {
    const value: unknown = JSON.parse(found.text);
    if (isJsonObject(value)) return value;
  } catch {}
  problems.push(`${found.name} is not a JSON object`);
  return {};
}

/** A file of the job's, or the variable that says the same; null where there is neither. */
async function readText({ root, env }: Place, { file, variable }: Config, problems: string[]) {
  const text = env[variable];
  if (text) return { text, name: variable };
  const name = join(root, "input/config", file);
  try {
    return { text: await readFile(name, "utf8"), name };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT") problems.push(`${name} cannot be read (${code})`);
    return null;
  }
}

async function isFolder(folder: string): Promise<boolean> {
  return (await stat(folder).catch(() => null))?.isDirectory() ?? false;
}
