import { availableParallelism } from "node:os";
import { extname } from "node:path";
import { SingleBar } from "cli-progress";
import { type Command, Option } from "commander";
import { toArtifactPath } from "../../catalog/replace-artifact.js";
import { withHeld } from "../adapters/generation-hold.js";
import { genders } from "../domain/gender.js";
import { type Profile, profiles } from "../domain/profile.js";
import type { Look } from "../sheet/lookbook-page.js";
import { findAnswers } from "./lookbook-answers.js";
import { type Looks, openAnswerLooks, openPhotoLooks } from "./open-looks.js";
import { exitCodes, tell, tellProblems } from "./output.js";
import { findPhotos } from "./photo-files.js";
import { tellFailures } from "./tell-failures.js";
import { writeLookbook } from "./write-lookbook.js";

type LookbookFlags = Readonly<{
  artifact?: string;
  photos?: string;
  answers?: string;
  out?: string;
  images?: string;
  profile?: Profile;
  gender?: string;
}>;

/** Adds `stygig lookbook`: an outfit around each photo of a folder, as one page. */
export function addLookbookCommand(program: Command): void {
  program
    .command("lookbook")
    .summary("an outfit around each photo of a folder, as one page")
    .description(
      "An index and a board a photo, in one HTML file that needs nothing else. What cannot be read has its reason\n" +
        "there, and on stderr; the exit code is then 1. Answers may also come from elsewhere: those of an asynchronous\n" +
        "endpoint (.out) and saved ones (.json); --artifact then only has the pictures.",
    )
    .option("--artifact <folder>", "what `stygig catalog build` made; of a store of generations the current one")
    .option("--photos <folder>", "the photos, at any depth")
    .option("--answers <folder>", "or answers as JSON, at any depth")
    .option("--out <file>", "the book: a new file, or one to replace, that ends with .html")
    .option("--images <folder>", "the pictures the catalog was built from, finer than its thumbnails")
    .addOption(new Option("--profile <profile>", "behavior (default: v5)").choices(profiles))
    .addOption(new Option("--gender <gender>", "who wears it").choices(genders))
    .action(runLookbook);
}

async function runLookbook(flags: LookbookFlags): Promise<void> {
  const { photos, answers, out } = flags;
  const problems = findFlagProblems(flags);
  if (out === undefined || problems.length > 0) return tellProblems(problems, exitCodes.usage);
  const found =
    answers === undefined ? await findPhotos(photos!, Number.POSITIVE_INFINITY) : await findAnswers(answers);
  if ("problems" in found) return tellProblems(found.problems, exitCodes.usage);
  await tellFailures(async (signal) => {
    const path = flags.artifact === undefined ? undefined : await toArtifactPath(flags.artifact);
    const writeFrom = async (artifact: string | undefined) => {
      const looks = await openLooks({ ...flags, ...(artifact === undefined ? {} : { artifact }) });
      try {
        for (const note of looks.notes) tell(note);
        await write(out, looks, found.value, signal);
      } finally {
        await looks.close();
      }
    };
    await (path === undefined ? writeFrom(path) : withHeld(path, writeFrom));
  });
}

function findFlagProblems({
  artifact,
  photos,
  answers,
  out,
  images,
  profile,
  gender,
}: LookbookFlags): readonly string[] {
  return [
    ...((photos === undefined) === (answers === undefined) ? ["give either --photos or --answers"] : []),
    ...(artifact === undefined && answers === undefined ? ["--artifact is missing"] : []),
    ...(artifact === undefined && images !== undefined ? ["--images goes with --artifact"] : []),
    ...(answers !== undefined && (profile ?? gender) !== undefined
      ? ["--profile and --gender go with --photos: answers have theirs"]
      : []),
    ...(out === undefined ? ["--out is missing"] : []),
    ...(out === undefined || /^\.html?$/i.test(extname(out)) ? [] : [`--out ${out} does not end with .html`]),
  ];
}

/** Either a folder of photos with an artifact, or one of answers: the flags have been checked. */
function openLooks({ artifact, photos, answers, images, profile, gender }: LookbookFlags): Promise<Looks> {
  if (answers !== undefined) return openAnswerLooks({ artifact, images, answers });
  return openPhotoLooks({ artifact: artifact!, images, photos: photos!, profile, gender });
}

async function write(out: string, looks: Looks, paths: readonly string[], signal: AbortSignal): Promise<void> {
  const bar = new SingleBar({ stream: process.stderr, format: "{bar} {value}/{total} looks, {eta_formatted} left" });
  const failed: string[] = [];
  const onLook = (look: Look) => {
    if ("reason" in look) failed.push(`${look.name}: ${look.reason}`);
    bar.increment();
  };
  bar.start(paths.length, 0);
  try {
    const title = paths.length === 1 ? "One look" : `${paths.length} looks`;
    // One more than are encoded at a time: while it waits, its pictures are drawn.
    const atOnce = availableParallelism() + 1;
    await writeLookbook(out, { title, facts: looks.facts, paths, look: looks.look, atOnce, onLook }, signal);
  } finally {
    bar.stop();
  }
  tell(`wrote ${out}: ${paths.length - failed.length} of ${paths.length} have an answer`);
  if (failed.length > 0) tellProblems(failed, exitCodes.failed);
}
