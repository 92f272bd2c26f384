import { readFile } from "node:fs/promises";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Question } from "../../client/client.js";
import { createS3Store, parseS3Location } from "../../client/s3-store.js";
import { genders } from "../domain/gender.js";
import type { Parsed } from "../domain/parsed.js";
import { type Profile, profiles } from "../domain/profile.js";

/** What is asked, as typed. */
export type QuestionFlags = Readonly<{
  image?: string;
  s3Image?: string;
  itemId?: string;
  topK: number;
  itemsPerCategory?: number;
  profile?: Profile;
  gender?: (typeof genders)[number];
  category?: string;
  exclude: readonly string[];
  similar?: boolean;
  explain?: boolean;
}>;

/** V4's test client asked for five. */
const usualTopK = 5;

/** Adds the flags of a question, V4's test client's among them. */
export function addQuestionFlags(command: Command): Command {
  return command
    .option("--image <file>", "the picture of the garment")
    .option("--s3-image <uri>", "or one in S3: s3://bucket/key, read with your own identity")
    .option("--item-id <id>", "or an item of the service's catalog")
    .option("--top-k <count>", "most suggestions", parseCount, usualTopK)
    .option("--items-per-category <count>", "best pieces per category", parseCount)
    .addOption(new Option("--profile <profile>", "behavior (default: the service's)").choices(profiles))
    .addOption(new Option("--gender <gender>", "who wears it").choices(genders))
    .option("--category <category>", "the garment's category, if you know it better than the vote")
    .option("--exclude <ids...>", "ids that must not be suggested", [])
    .option("--similar", "the nearest items instead of an outfit")
    .option("--explain", "add each color match to the JSON");
}

/** For commander: a whole number of at least 1. */
export function parseCount(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number of at least 1.");
}

/** Everything that is wrong with what is asked about; the options are commander's to check. */
export function findQuestionProblems({ image, s3Image, itemId }: QuestionFlags): readonly string[] {
  const given = [image, s3Image, itemId].filter((each) => each !== undefined);
  return [
    ...(given.length === 1 ? [] : ["give exactly one of --image, --s3-image and --item-id"]),
    ...(s3Image === undefined || parseS3Location(s3Image) !== null
      ? []
      : [`--s3-image: ${s3Image} is no s3://bucket/key`]),
  ];
}

/** The options alone, by the service's names. */
export function toOptions(flags: QuestionFlags): Omit<Question, "image"> {
  return {
    top_k: flags.topK,
    items_per_category: flags.itemsPerCategory,
    profile: flags.profile,
    gender: flags.gender,
    category: flags.category,
    exclude_ids: flags.exclude.length === 0 ? undefined : [...flags.exclude],
    mode: flags.similar ? "similar" : undefined,
    explain: flags.explain,
  };
}

/** The question with its picture's bytes, or why they cannot be had. @throws InvokeError of S3 */
export async function readQuestion(
  flags: QuestionFlags,
  region: string | undefined,
  signal: AbortSignal,
): Promise<Parsed<Question>> {
  const options = toOptions(flags);
  if (flags.itemId !== undefined) return { value: { ...options, item_id: flags.itemId } };
  if (flags.s3Image !== undefined) {
    const image = await readS3Image(flags.s3Image, region, signal);
    if (image !== null) return { value: { ...options, image } };
    return { problems: [`${flags.s3Image} is not there, or you may not read it`] };
  }
  try {
    return { value: { ...options, image: await readFile(flags.image!) } };
  } catch (error) {
    return { problems: [`${flags.image} cannot be read (${(error as NodeJS.ErrnoException).code})`] };
  }
}

async function readS3Image(uri: string, region: string | undefined, signal: AbortSignal): Promise<Uint8Array | null> {
  const store = await createS3Store(region);
  try {
    const found = await store.get(parseS3Location(uri)!, signal);
    return typeof found === "number" ? null : found;
  } finally {
    store.close();
  }
}
