import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { toArtifactPath } from "../../catalog/replace-artifact.js";
import { withHeld } from "../adapters/generation-hold.js";
import { genders } from "../domain/gender.js";
import { defaultProfile, type Profile, profiles } from "../domain/profile.js";
import type { Query } from "../domain/query.js";
import { toReply } from "../http/to-reply.js";
import { type OpenPipeline, openPipeline } from "../open-pipeline.js";
import type { Recommendation } from "../pipeline.js";
import type { Board } from "../sheet/board.js";
import { heroSide, toBoardPicture } from "../sheet/board-picture.js";
import { toAnswerBoard } from "./answer-board.js";
import { toOutfitTable } from "./outfit-table.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";
import { openPieceImages } from "./piece-images.js";
import { toPipelineOptions } from "./pipeline-options.js";
import { sheetEndings, toSheetFormat, writeSheet } from "./write-sheet.js";

type RecommendOptions = Readonly<{
  artifact?: string;
  image?: string;
  itemId?: string;
  profile: Profile;
  gender?: string;
  category?: string;
  topK?: number;
  itemsPerCategory?: number;
  exclude: readonly string[];
  similar?: boolean;
  explain?: boolean;
  json?: boolean;
  sheet?: string;
  images?: string;
}>;

/** Adds `stygig recommend`: one answer, without a server. */
export function addRecommendCommand(program: Command): void {
  program
    .command("recommend")
    .summary("complete the outfit around one picture, without a server")
    .description("Answers as POST /invocations does, as a table with color swatches or, with --json, as the same JSON.")
    .option("--artifact <folder>", "what `stygig catalog build` made; of a store of generations the current one")
    .option("--image <file>", "the picture of the garment")
    .option("--item-id <id>", "or an item of the catalog instead of a picture")
    .addOption(new Option("--profile <profile>", "behavior").choices(profiles).default(defaultProfile))
    .addOption(new Option("--gender <gender>", "who wears it").choices(genders))
    .option("--category <category>", "the garment's category, if you know it better than the vote")
    .option("--top-k <count>", "most suggestions", parseCount)
    .option("--items-per-category <count>", "best pieces per category", parseCount)
    .option("--exclude <ids...>", "ids that must not be suggested", [])
    .option("--similar", "the nearest items instead of an outfit")
    .option("--explain", "add each color match to the JSON")
    .option("--json", "print the reply of POST /invocations")
    .option("--sheet <file>", `also draw the outfit as a board: ${sheetEndings}`)
    .option("--images <folder>", "for the board: the pictures the catalog was built from, finer than its thumbnails")
    .action(runRecommend);
}

function parseCount(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number of at least 1.");
}

async function runRecommend(options: RecommendOptions): Promise<void> {
  const { artifact, image, itemId, sheet } = options;
  const format = sheet === undefined ? null : toSheetFormat(sheet);
  const problems = [
    ...(artifact === undefined ? ["--artifact is missing"] : []),
    ...((image === undefined) === (itemId === undefined) ? ["give either --image or --item-id"] : []),
    ...(sheet !== undefined && format === null ? [`--sheet ${sheet} ends with none of ${sheetEndings}`] : []),
    ...(sheet === undefined && options.images !== undefined ? ["--images goes with --sheet"] : []),
  ];
  if (artifact === undefined || problems.length > 0) return tellProblems(problems, exitCodes.usage);
  const source: Query["source"] =
    itemId === undefined ? { kind: "image", bytes: await readImage(image!) } : { kind: "item", id: itemId };
  await withHeld(await toArtifactPath(artifact), (held) => answer(source, { ...options, artifact: held }));
}

type AnswerOptions = RecommendOptions & Readonly<{ artifact: string }>;

async function answer(source: Query["source"], options: AnswerOptions): Promise<void> {
  const { artifact, sheet } = options;
  const format = sheet === undefined ? null : toSheetFormat(sheet);
  const pipeline = await openPipeline(toPipelineOptions(artifact, 1));
  try {
    for (const note of pipeline.notes) tell(note);
    const found = await pipeline.recommend(toQuery(source, options), new AbortController().signal);
    if (sheet !== undefined && format !== null) {
      await writeSheet(sheet, await toSheetBoard(found, pipeline, options), format);
    }
    const reply = toReply(found, { facts: pipeline.facts, items: pipeline.catalog.items });
    await writeData(options.json ? JSON.stringify(reply) : toOutfitTable(found, process.stdout.isTTY ?? false));
  } finally {
    await pipeline.close();
  }
}

/** @throws Error with one line */
async function readImage(file: string): Promise<Uint8Array> {
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`--image: ${file} cannot be read (${error.code})`, { cause: error });
  });
}

/** The board of an answer: what was asked about with its own picture, an item's from the catalog. */
async function toSheetBoard(
  answer: Recommendation,
  pipeline: OpenPipeline,
  { artifact, images, image, itemId }: AnswerOptions,
): Promise<Board> {
  const { read: pictureOf, note } = await openPieceImages(artifact, images);
  if (note !== null) tell(note);
  const { source } = answer.query;
  const { items, rowOf } = pipeline.catalog;
  const row = itemId === undefined ? undefined : rowOf(itemId);
  const asked = row === undefined ? undefined : items.at(row);
  const picture =
    source.kind === "image" ? await toBoardPicture(source.bytes, heroSide) : asked ? await pictureOf(asked) : null;
  return toAnswerBoard(answer, pipeline, { name: itemId ?? basename(image!), picture, pictureOf });
}

function toQuery(source: Query["source"], options: RecommendOptions): Query {
  return {
    source,
    mode: options.similar ? "similar" : "outfit",
    profile: options.profile,
    gender: options.gender ?? null,
    category: options.category ?? null,
    topK: options.topK ?? null,
    itemsPerCategory: options.itemsPerCategory ?? null,
    excludeIds: options.exclude,
    explain: options.explain ?? false,
  };
}
