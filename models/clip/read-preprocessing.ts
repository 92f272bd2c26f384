import { isJsonObject, type JsonObject, shown } from "../../src/domain/json-fields.js";
import type { Parsed } from "../../src/domain/parsed.js";
import { clipStatistics, type PixelStatistics } from "./vision-config.js";

/** What a field must be for our recipes to prepare pictures as the model expects them; absent is fine. */
type Expectation = Readonly<{ field: string; accepts: (value: unknown, side: number) => boolean; expected: string }>;

const isOn = (field: string): Expectation => ({ field, accepts: (value) => value === true, expected: "true" });

/** A side alone, or spelled out as height and width or as the shortest edge. */
function isSide(value: unknown, side: number): boolean {
  if (!isJsonObject(value)) return value === side || (Array.isArray(value) && value.every((each) => each === side));
  const edges = Object.values(value);
  return edges.length > 0 && edges.every((edge) => edge === side);
}

const isModelSide = (field: string): Expectation => ({ field, accepts: isSide, expected: "the model's side" });

const huggingFace: readonly Expectation[] = [
  isOn("do_resize"),
  isOn("do_center_crop"),
  isOn("do_rescale"),
  isOn("do_normalize"),
  { field: "resample", accepts: (value) => value === 3, expected: "3, bicubic" },
  {
    field: "rescale_factor",
    accepts: (value) => typeof value === "number" && Math.abs(value * 255 - 1) < 1e-6,
    expected: "1/255",
  },
  isModelSide("size"),
  isModelSide("crop_size"),
];

const openClip: readonly Expectation[] = [
  { field: "interpolation", accepts: (value) => value === "bicubic", expected: "bicubic" },
  { field: "resize_mode", accepts: (value) => value === "shortest", expected: "shortest" },
  { field: "mode", accepts: (value) => value === "RGB", expected: "RGB" },
  isModelSide("size"),
];

/**
 * `preprocessor_config.json`: its pixel statistics, CLIP's where it has none; or why our recipes do not prepare pictures
 * as it says. Never throws.
 */
export function parseHuggingFacePreprocessing(value: unknown, side: number): Parsed<PixelStatistics> {
  return parse("preprocessor_config.json", value, side, huggingFace, ["image_mean", "image_std"]);
}

/** The same of `preprocess_cfg` in `open_clip_config.json`. Never throws. */
export function parseOpenClipPreprocessing(value: unknown, side: number): Parsed<PixelStatistics> {
  return parse("open_clip_config.json: preprocess_cfg", value, side, openClip, ["mean", "std"]);
}

function parse(
  file: string,
  value: unknown,
  side: number,
  expectations: readonly Expectation[],
  names: readonly [string, string],
): Parsed<PixelStatistics> {
  if (!isJsonObject(value)) return { problems: [`${file} holds ${shown(value)}, not an object`] };
  const { mean, std } = statisticsOf(value, names);
  const found = (field: string) => (Object.hasOwn(value, field) ? (value[field] ?? undefined) : undefined);
  const unfit = expectations.filter(({ field, accepts }) => found(field) !== undefined && !accepts(found(field), side));
  const [first, ...rest] = [
    ...unfit.map(({ field, expected }) => `${file}: ${field} must be ${expected}, not ${JSON.stringify(found(field))}`),
    ...(isTriple(mean) ? [] : [`${file}: ${names[0]} must be three numbers, not ${shown(mean)}`]),
    ...(isTriple(std) && std.every((each) => each > 0)
      ? []
      : [`${file}: ${names[1]} must be three numbers above 0, not ${shown(std)}`]),
  ];
  if (first !== undefined) return { problems: [first, ...rest] };
  return { value: { mean, std } as unknown as PixelStatistics };
}

function statisticsOf(value: JsonObject, [mean, std]: readonly [string, string]) {
  return { mean: value[mean] ?? clipStatistics.mean, std: value[std] ?? clipStatistics.std };
}

function isTriple(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length === 3 && value.every(Number.isFinite);
}
