import type { Rgb } from "../../src/domain/image.js";
import { type Background, black, gray, white } from "./background.js";
import { type Drawing, toVariation } from "./draw-garment.js";
import type { SampleCategory } from "./garment-shapes.js";
import { type Pattern, patterns } from "./pattern.js";
import type { Frame } from "./placement.js";
import { between, createRandom, pick, type Random } from "./seeded-random.js";
import { fromHsl } from "./to-rgb.js";

const frame: Frame = { width: 300, height: 400 };
const maxTurnDegrees = 15;
const trims = ["#f1ede4", "#2b2a2e", "#c9a26b", "#7d5a41", "#ffffff"] as const;

/** The drawing of one training picture: the same category, place and seed always give the same one. */
export function planTrainingPicture(category: SampleCategory, place: number, seed: number | string): Drawing {
  const random = createRandom(`training ${seed} ${category} ${place}`);
  const background = anyBackground(random);
  const pattern: Pattern = random() < 0.6 ? "plain" : pick(patterns, random());
  const closeUp = random() < 0.12 ? { coverage: between(0.4, 0.7, random()) } : {};
  return {
    category,
    color: anyColor(random),
    variation: toVariation(`training ${seed} ${category} ${place}`),
    background,
    frame,
    pattern,
    trim: pick(trims, random()),
    shadow: random() < 0.7,
    fill: between(0.55, 0.94, random()),
    pose: {
      degrees: between(-maxTurnDegrees, maxTurnDegrees, random()),
      mirrored: random() < 0.5,
      shiftX: between(-0.07, 0.07, random()),
      shiftY: between(-0.07, 0.07, random()),
    },
    ...closeUp,
  };
}

/** Three in five colorful, the others neutral or nearly black or white, as clothes are. */
function anyColor(random: Random): Rgb {
  const kind = random();
  const hue = random();
  if (kind < 0.6) return fromHsl(hue, between(0.25, 0.95, random()), between(0.25, 0.72, random()));
  if (kind < 0.72) return fromHsl(hue, between(0, 0.08, random()), between(0.03, 0.16, random()));
  if (kind < 0.82) return fromHsl(hue, between(0, 0.1, random()), between(0.86, 0.98, random()));
  if (kind < 0.9)
    return fromHsl(between(0.06, 0.11, random()), between(0.15, 0.5, random()), between(0.3, 0.8, random()));
  return fromHsl(hue, between(0, 0.12, random()), between(0.2, 0.8, random()));
}

function anyBackground(random: Random): Background {
  const kind = random();
  const soft = () => fromHsl(random(), between(0, 0.6, random()), between(0.15, 0.95, random()));
  if (kind < 0.22) return white;
  if (kind < 0.3) return gray;
  if (kind < 0.36) return black;
  if (kind < 0.52) return { kind: "solid", color: soft() };
  if (kind < 0.68) return { kind: "gradient", from: soft(), to: soft() };
  return { kind: pick(["wood", "tiles", "blobs", "cloth"], random()), seed: Math.floor(random() * 1e6) };
}
