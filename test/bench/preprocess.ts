import { execFileSync } from "node:child_process";
import { availableParallelism, cpus } from "node:os";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { drawGarment } from "../../catalog/sample/draw-garment.js";
import { faissAvailability } from "../../src/adapters/faiss-index.js";
import { createImageDecoder } from "../../src/adapters/image-decoder.js";
import { readHeader, readUpright } from "../../src/adapters/image-reader.js";
import { planClipCrop } from "../../src/domain/clip-crop.js";
import { type MixPixels, mixPixels, resampleBicubic } from "../../src/domain/resample.js";
import { scramble } from "../support/formula-pictures.js";

// `node dist/test/bench/preprocess.js`: milliseconds from the bytes of a JPEG to the model's view, each way of doing it
// in a fresh process, five rounds in alternating order. Prints JSON; `bars` are the ratios that have limits.
const rounds = 5;
const maxPixels = 50_000_000;
const sizes = { small: [400, 533], large: [1200, 1600] } as const;
const calls = { small: { warmUps: 30, timed: 100 }, large: { warmUps: 8, timed: 25 } } as const;
type Size = keyof typeof sizes;
const model = { recipe: "clip-exact", side: 224 } as const;

/** A drawn garment with a camera's noise, so that it takes as many bytes as a photograph. */
async function aJpeg(size: Size): Promise<Uint8Array> {
  const [width, height] = sizes[size];
  const garment = { category: "upperwear_shirt", color: [60, 90, 170], variation: 7 } as const;
  const svg = drawGarment({ ...garment, background: { kind: "wood", seed: 3 }, frame: { width, height } });
  const { data } = await sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const noisy = data.map((value, at) => Math.max(0, Math.min(255, value + (scramble(at) % 13) - 6)));
  return sharp(noisy, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 85 })
    .toBuffer();
}

type Preprocess = (bytes: Uint8Array) => Promise<unknown>;

/** All of it in sharp: its own decode, exact size, cubic kernel, crop. */
async function sharpRecipe(bytes: Uint8Array): Promise<unknown> {
  const { width, height } = await sharp(bytes).metadata();
  const plan = planClipCrop(width, height, model);
  return sharp(bytes)
    .resize(plan.width, plan.height, { fit: "fill", kernel: "cubic", fastShrinkOnLoad: false })
    .extract(plan.area)
    .raw()
    .toBuffer();
}

/** What the decoder's worker does for `clip-exact-224`, less the colors. */
function exact(mix: MixPixels): Preprocess {
  return async (bytes) => {
    const { image } = await readUpright(bytes, await readHeader(bytes, maxPixels));
    return resampleBicubic(image, planClipCrop(image.width, image.height, model), mix);
  };
}

/** The whole port: to a worker and back, with the garment's colors. */
async function served(preprocess: "clip-exact-224" | "clip-fast-224"): Promise<Preprocess> {
  const decoder = createImageDecoder({ workers: 1, maxPixels });
  await decoder.started();
  return (bytes) => decoder.decode(bytes, { preprocess, meanColor: false });
}

const addon = faissAvailability();
const variants: Readonly<Record<string, () => Promise<Preprocess>>> = {
  "sharp recipe": async () => sharpRecipe,
  "exact, TypeScript": async () => exact(mixPixels),
  ...(addon.available ? { "exact, addon": async () => exact(addon.addon.mixPixels) } : {}),
  "served, clip-exact-224": () => served("clip-exact-224"),
  "served, clip-fast-224": () => served("clip-fast-224"),
};

function quantile(values: readonly number[], share: number): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length * share)]!;
}

const median = (values: readonly number[]) => quantile(values, 0.5);

/** The first quartile of the calls in this process: whatever else runs on the machine only ever adds time. */
async function measure(name: string, size: Size): Promise<number> {
  const bytes = await aJpeg(size);
  const preprocess = await variants[name]!();
  const { warmUps, timed } = calls[size];
  const times: number[] = [];
  for (let call = 0; call < warmUps + timed; call++) {
    const start = performance.now();
    await preprocess(bytes);
    if (call >= warmUps) times.push(performance.now() - start);
  }
  return quantile(times, 0.25);
}

function measureApart(name: string, size: Size): number {
  return Number(execFileSync(process.execPath, [fileURLToPath(import.meta.url), name, size], { encoding: "utf8" }));
}

const shown = (value: number) => Math.round(value * 1000) / 1000;

function measureSize(size: Size) {
  const names = Object.keys(variants);
  const raw: Record<string, number[]> = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) raw[name]!.push(measureApart(name, size));
  }
  const results = names.map((name) => ({ name, median: shown(median(raw[name]!)), raw: raw[name]!.map(shown) }));
  // Round by round, so that both sides of a ratio have seen the same machine.
  const over = (name: string) => shown(median(raw[name]!.map((time, round) => time / raw["sharp recipe"]![round]!)));
  return { size: sizes[size].join("x"), results, over };
}

async function measureAll(): Promise<unknown> {
  const small = measureSize("small");
  const large = measureSize("large");
  return {
    machine: `${availableParallelism()} x ${cpus()[0]?.model}`,
    node: process.version,
    commit: execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim(),
    date: new Date().toISOString().slice(0, 10),
    unit: "ms",
    jpegBytes: { [small.size]: (await aJpeg("small")).length, [large.size]: (await aJpeg("large")).length },
    bars: {
      preprocess_exact_typescript_over_sharp: small.over("exact, TypeScript"),
      ...(addon.available ? { preprocess_exact_addon_over_sharp: small.over("exact, addon") } : {}),
    },
    limits: { preprocess_exact_typescript_over_sharp: 2.2, preprocess_exact_addon_over_sharp: 1.4 },
    results: { [small.size]: small.results, [large.size]: large.results },
  };
}

const [wanted, size] = process.argv.slice(2);
if (wanted === undefined) console.log(JSON.stringify(await measureAll(), null, 2));
else console.log(await measure(wanted, size as Size));
