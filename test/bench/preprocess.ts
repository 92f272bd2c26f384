import sharp from "sharp";
import { faissAvailability } from "../../src/adapters/faiss-index.js";
import { createImageDecoder } from "../../src/adapters/image-decoder.js";
import { readHeader, readUpright } from "../../src/adapters/image-reader.js";
import { planClipCrop } from "../../src/domain/clip-crop.js";
import { toPreprocess } from "../../src/domain/clip-input.js";
import { type MixPixels, mixPixels, resampleBicubic } from "../../src/domain/resample.js";
import { atMost } from "./harness/bar.js";
import { drawPhoto } from "./harness/drawn-photo.js";
import { versionOf } from "./harness/machine.js";
import { quantile } from "./harness/quantile.js";
import { ratioOf, summarizeAll } from "./harness/rounds.js";
import { type BenchRun, type Measured, runBench, type Variant, type VariantRun } from "./harness/run-bench.js";
import { timeCalls } from "./harness/timing.js";

// `npm run bench -- preprocess`: milliseconds from the bytes of a JPEG to the model's view.
const maxPixels = 50_000_000;
const sizes = { small: [400, 533], large: [1200, 1600] } as const;
const calls = { small: { warmUps: 30, timed: 100 }, large: { warmUps: 8, timed: 25 } } as const;
const shortCalls = { warmUps: 2, timed: 5 };
const clip = toPreprocess("clip-exact-224");
type Size = keyof typeof sizes;

type Preprocess = Readonly<{ view: (bytes: Uint8Array) => Promise<unknown>; close?: () => Promise<void> }>;

/** All of it in sharp: its own decode, exact size, cubic kernel, crop. */
async function sharpRecipe(bytes: Uint8Array): Promise<unknown> {
  const { width, height } = await sharp(bytes).metadata();
  const plan = planClipCrop(width, height, clip);
  return sharp(bytes)
    .resize(plan.width, plan.height, { fit: "fill", kernel: "cubic", fastShrinkOnLoad: false })
    .extract(plan.area)
    .raw()
    .toBuffer();
}

/** What the decoder's worker does for `clip-exact-224`, less the colors. */
function exact(mix: MixPixels): Preprocess {
  const view = async (bytes: Uint8Array) => {
    const { image } = await readUpright(bytes, await readHeader(bytes, maxPixels));
    return resampleBicubic(image, planClipCrop(image.width, image.height, clip), mix);
  };
  return { view };
}

/** The whole port: to a worker and back, with the garment's colors. */
async function served(preprocess: "clip-exact-224" | "clip-fast-224"): Promise<Preprocess> {
  const { decode, started, close } = createImageDecoder({ workers: 1, maxPixels });
  await started();
  return { view: (bytes) => decode(bytes, { preprocess, meanColor: false }), close };
}

const addon = faissAvailability();
const ways: Readonly<Record<string, () => Promise<Preprocess>>> = {
  "sharp recipe": async () => ({ view: sharpRecipe }),
  "exact, TypeScript": async () => exact(mixPixels),
  ...(addon.available ? { "exact, addon": async () => exact(addon.addon.mixPixels) } : {}),
  "served, clip-exact-224": () => served("clip-exact-224"),
  "served, clip-fast-224": () => served("clip-fast-224"),
};

/** The first quartile of the calls in this process: whatever else runs on the machine only ever adds time. */
async function timeWay(open: () => Promise<Preprocess>, { short, parameters }: VariantRun) {
  const size = parameters[0] as Size;
  const [width, height] = sizes[size];
  const bytes = await drawPhoto(width, height);
  const { view, close } = await open();
  const times = await timeCalls(() => view(bytes), short ? shortCalls : calls[size]);
  await close?.();
  return { ms: quantile(times, 0.25) };
}

async function measure({ inRounds }: BenchRun): Promise<Measured> {
  const names = Object.keys(ways);
  const small = await inRounds(names, ["small"]);
  const large = await inRounds(names, ["large"]);
  const overSharp = (name: string) => ratioOf(small[name]!.ms!, small["sharp recipe"]!.ms!);
  const addonBar = () => atMost("preprocess_exact_addon_over_sharp", overSharp("exact, addon"), 1.4);
  return {
    figures: {
      jpegBytes: {
        "400x533": (await drawPhoto(...sizes.small)).length,
        "1200x1600": (await drawPhoto(...sizes.large)).length,
      },
      "400x533": summarizeAll(small),
      "1200x1600": summarizeAll(large),
    },
    bars: [
      atMost("preprocess_exact_typescript_over_sharp", overSharp("exact, TypeScript"), 2.2),
      ...(addon.available ? [addonBar()] : []),
    ],
    libraries: {
      sharp: versionOf("sharp"),
      libvips: sharp.versions.vips,
      addon: addon.available ? "yes" : addon.reason,
    },
  };
}

const variants: Readonly<Record<string, Variant>> = Object.fromEntries(
  Object.entries(ways).map(([name, open]) => [name, (run: VariantRun) => timeWay(open, run)]),
);
await runBench(import.meta.url, { name: "preprocess", variants, measure });
