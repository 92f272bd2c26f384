import sharp from "sharp";
import { type Background, black, gray, white } from "../../catalog/sample/background.js";
import { drawGarment } from "../../catalog/sample/draw-garment.js";
import { sampleCategories } from "../../catalog/sample/garment-shapes.js";
import { createRandom, type Random } from "../../catalog/sample/seeded-random.js";
import { toHsl } from "../../src/domain/color.js";
import { type Harmony, harmonyOf } from "../../src/domain/color-harmony.js";
import { toColorView } from "../../src/domain/color-view.js";
import { dominantColors } from "../../src/domain/dominant-colors.js";
import { type Rgb, type RgbImage, toRgbImage } from "../../src/domain/image.js";
import { meanColor } from "../../src/domain/mean-color.js";

export const groundNames = ["white", "gray", "black", "busy"] as const;
export const coverages = [0.2, 0.35, 0.5, 0.65, 0.8] as const;
export type GroundName = (typeof groundNames)[number];

const plainGrounds = { white, gray, black } as const;
const busyKinds = ["wood", "tiles", "blobs", "cloth"] as const;

/** Second garments that each drawn one is matched with. */
const partners = 25;

/**
 * How often each color rule names the harmony that the garment's true color has with a second garment's.
 * `pairs` are all pairs; the `hued` ones are those whose true harmony is not `neutral`.
 */
export type Agreement = {
  pairs: number;
  dominant: number;
  mean: number;
  hued: number;
  huedDominant: number;
  huedMean: number;
};

export function noAgreement(): Agreement {
  return { pairs: 0, dominant: 0, mean: 0, hued: 0, huedDominant: 0, huedMean: 0 };
}

/** Draws `count` garments of random color on one ground at one coverage, and compares. The seed decides everything. */
export async function compareColors(ground: GroundName, coverage: number, count: number): Promise<Agreement> {
  const random = createRandom(`${ground} ${coverage}`);
  const agreement = noAgreement();
  for (let drawn = 0; drawn < count; drawn++) {
    const color = anyColor(random);
    const image = await draw(color, coverage, toGround(ground, drawn, random), random);
    const dominant = dominantColors(toColorView(image, null).image, 3)[0].rgb;
    const mean = meanColor(image);
    for (let partner = 0; partner < partners; partner++) {
      const second = toHsl(anyColor(random));
      note(
        agreement,
        harmonyOf(toHsl(color), second),
        harmonyOf(toHsl(dominant), second),
        harmonyOf(toHsl(mean), second),
      );
    }
  }
  return agreement;
}

/** Sums, so that parts can be put together. */
export function addAgreement(first: Agreement, second: Agreement): Agreement {
  const sum = noAgreement();
  for (const key of Object.keys(sum) as (keyof Agreement)[]) sum[key] = first[key] + second[key];
  return sum;
}

function note(agreement: Agreement, truth: Harmony, dominant: Harmony, mean: Harmony): void {
  agreement.pairs++;
  if (dominant === truth) agreement.dominant++;
  if (mean === truth) agreement.mean++;
  if (truth === "neutral") return;
  agreement.hued++;
  if (dominant === truth) agreement.huedDominant++;
  if (mean === truth) agreement.huedMean++;
}

function toGround(ground: GroundName, drawn: number, random: Random): Background {
  if (ground !== "busy") return plainGrounds[ground];
  return { kind: busyKinds[drawn % busyKinds.length]!, seed: Math.floor(random() * 1e6) };
}

/** A JPEG of the drawing, read again: with the noise at its edges that a photograph has. */
async function draw(color: Rgb, coverage: number, background: Background, random: Random): Promise<RgbImage> {
  const category = sampleCategories[Math.floor(random() * sampleCategories.length)]!;
  const variation = Math.floor(random() * 1e6);
  const svg = drawGarment({ category, color, variation, background, coverage });
  const jpeg = await sharp(Buffer.from(svg)).flatten().jpeg({ quality: 85 }).toBuffer();
  const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
  return toRgbImage(info.width, info.height, new Uint8Array(data));
}

function anyColor(random: Random): Rgb {
  const channel = () => Math.floor(random() * 256);
  return [channel(), channel(), channel()];
}
