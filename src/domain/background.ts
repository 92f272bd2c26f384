import { countInside, erode, largeParts, type Mask, spread, withoutEdge } from "./mask.js";

/** A picture as regions of similar color: `regions` has one number below 256 a pixel. */
export type RegionPicture = Readonly<{ width: number; height: number; regions: Uint8Array }>;

/** Width of the frame that shows what the background looks like, as a share of the short side. */
const frameWidth = 0.05;

/** A region that makes up less of the frame than this says nothing about the background. */
const minFrameShare = 0.02;

/**
 * How much more of the middle than of the frame a garment takes up. Above one, so that the background
 * of a garment that lies off-center, which fills most of both, stays background.
 */
const garmentRatio = 1.25;

/**
 * With less than this left under its edge (nothing, or seams and a drawstring), the garment has the background's color
 * or fills the picture: then all of it counts.
 */
const minGarmentShare = 0.02;

/**
 * Where the garment is. Background is what is reached from the picture's border through regions that are as usual
 * at the border as in the middle. Total: a picture that is all background, or none, is all garment.
 */
export function findGarment(picture: RegionPicture): Mask {
  const garment = largeParts(clearFromBorder(picture, findBackground(picture)));
  const { width, height, inside } = garment;
  return countInside(erode(garment)) < minGarmentShare * inside.length
    ? { width, height, inside: new Uint8Array(inside.length).fill(1) }
    : withoutEdge(garment);
}

/** Per region, whether it is background, by its share of the frame and of the middle (half of each side). */
function findBackground({ width, height, regions }: RegionPicture): readonly boolean[] {
  const frame = Math.max(1, Math.round(Math.min(width, height) * frameWidth));
  const inFrame = new Float64Array(256);
  const inMiddle = new Float64Array(256);
  for (let place = 0; place < regions.length; place++) {
    const x = place % width;
    const y = (place - x) / width;
    const region = regions[place]!;
    if (Math.min(x, y, width - 1 - x, height - 1 - y) < frame) inFrame[region]!++;
    else if (isMiddle(x, width) && isMiddle(y, height)) inMiddle[region]!++;
  }
  const framePixels = sum(inFrame);
  const middlePixels = Math.max(1, sum(inMiddle));
  return Array.from(inFrame, (pixels, region) => {
    const frameShare = pixels / framePixels;
    return frameShare > minFrameShare && inMiddle[region]! / middlePixels <= garmentRatio * frameShare;
  });
}

function isMiddle(at: number, length: number): boolean {
  return Math.abs(at + 0.5 - length / 2) < length / 4;
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Everything but the background that is connected to the border: a white print on a shirt before a white wall stays. */
function clearFromBorder({ width, height, regions }: RegionPicture, isBackground: readonly boolean[]): Mask {
  const inside = new Uint8Array(regions.length).fill(1);
  spread(width, borderPlaces(width, height), (place) => {
    if (place < 0 || place >= inside.length || inside[place] === 0 || !isBackground[regions[place]!]) return false;
    inside[place] = 0;
    return true;
  });
  return { width, height, inside };
}

function* borderPlaces(width: number, height: number): Iterable<number> {
  for (let x = 0; x < width; x++) {
    yield x;
    yield (height - 1) * width + x;
  }
  for (let y = 0; y < height; y++) {
    yield y * width;
    yield y * width + width - 1;
  }
}
