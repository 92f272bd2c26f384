import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { addPictures } from "./change/add-pictures.js";
import { swapUnderLoad } from "./change/swap-under-load.js";
import { modelsIn, provideModels } from "./encoder/models.js";
import { atMost } from "./harness/bar.js";
import { BenchFailure } from "./harness/bench-failure.js";
import { drawPhoto } from "./harness/drawn-photo.js";
import { versionOf } from "./harness/machine.js";
import { benchFolder, projectFolder } from "./harness/project-folder.js";
import { median, shown } from "./harness/quantile.js";
import { summarizeAll } from "./harness/rounds.js";
import { type BenchRun, type Measured, runBench } from "./harness/run-bench.js";
import { provideArtifact, toItemId } from "./serve/artifact.js";

// `npm run bench -- change`: what a day's change costs. `catalog update` with 100 new pictures into catalogs of 13,000 and of
// 100,000 items, apart from looking at the pictures; and the built server under half of the load it bears while it takes
// another generation. ViT-B/32 in int8 of random weights; a short run has the encoder that comes with the project, and
// catalogs of a hundredth.
const sizes = { small: 13_000, large: 100_000 };
const shortShare = 100;
const pictures = 100;
const shortPictures = 8;
/** A round of these takes minutes. */
const rounds = 3;

const variants = {
  "add 100 to 13,000": addPictures(pictures, shortPictures),
  "add 100 to 100,000": addPictures(pictures, shortPictures),
  "swap, 13,000": swapUnderLoad,
  "swap, 100,000": swapUnderLoad,
} as const;

type Encoder = Readonly<{ folder: string; photo: string; precision: string }>;

async function measure({ short, inRounds }: BenchRun): Promise<Measured> {
  const encoder = short ? await provideShippedEncoder() : await provideViT();
  const raw = {
    ...(await measureSize(sizes.small, ["add 100 to 13,000", "swap, 13,000"])),
    ...(await measureSize(sizes.large, ["add 100 to 100,000", "swap, 100,000"])),
  };
  async function measureSize(usualItems: number, [add, swap]: readonly [string, string]) {
    const items = short ? usualItems / shortShare : usualItems;
    const artifact = await provideArtifact(encoder.folder, items);
    const { photo, precision } = encoder;
    return {
      ...(await inRounds([add], [artifact, String(items), photo], rounds)),
      ...(await inRounds([swap], [artifact, provideNext(artifact), photo, precision], rounds)),
    };
  }
  const of = (variant: keyof typeof variants, figure: string) => raw[variant]![figure]!;
  const swap = (figure: string) => of("swap, 13,000", figure);
  const ratios = (variant: keyof typeof variants) =>
    of(variant, "swap_p99_ms").map((each, round) => each / of(variant, "calm_p99_ms")[round]!);
  const failed = [...swap("failed_requests"), ...of("swap, 100,000", "failed_requests")];
  return {
    figures: { swap_p99_ratio_100k: shown(median(ratios("swap, 100,000"))), ...summarizeAll(raw) },
    bars: [
      atMost("add_100_to_100k_s", shown(median(of("add 100 to 100,000", "add_s"))), 5),
      atMost("swap_failed_requests", Math.max(...failed), 0),
      atMost("swap_p99_ratio", shown(median(ratios("swap, 13,000"))), 2),
    ],
    libraries: { "onnxruntime-node": versionOf("onnxruntime-node"), sharp: versionOf("sharp") },
  };
}

async function provideViT(): Promise<Encoder> {
  const { ours, photo } = modelsIn(await provideModels());
  return { folder: ours, photo, precision: "int8" };
}

async function provideShippedEncoder(): Promise<Encoder> {
  const photo = join(benchFolder, "change", "photo.jpg");
  mkdirSync(join(benchFolder, "change"), { recursive: true });
  if (!existsSync(photo)) writeFileSync(photo, await drawPhoto(400, 533));
  return { folder: join(projectFolder, "models/lite"), photo, precision: "fp32" };
}

/** Another generation beside an artifact: the same with an item less. @throws BenchFailure */
function provideNext(artifact: string): string {
  const next = `${artifact}-next`;
  if (existsSync(next)) return next;
  const command = ["bin/stygig", "catalog", "update", "--artifact", artifact, "--out", next, "--remove", "-"];
  const { status } = spawnSync(process.execPath, command, {
    cwd: projectFolder,
    input: `${toItemId(0)}\n`,
    stdio: ["pipe", 2, 2],
  });
  if (status !== 0) throw new BenchFailure("the next generation could not be made");
  return next;
}

await runBench(import.meta.url, { name: "change", variants, measure });
