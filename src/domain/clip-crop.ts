import { modelSide } from "./clip-input.js";
import type { ResizePlan } from "./resample.js";

/**
 * The resize and crop of CLIP's reference preprocessing, as torchvision does them: the shortest edge becomes `side`,
 * the long one `int(side * long / short)`, and the square is cut at `int(round((edge - side) / 2.0))`.
 * Hugging Face's processor cuts one pixel earlier wherever that rounds up; Python rounds halves to even.
 */
export function planClipCrop(width: number, height: number, side: number = modelSide): ResizePlan {
  const short = Math.min(width, height);
  const resizedWidth = Math.trunc((side * width) / short);
  const resizedHeight = Math.trunc((side * height) / short);
  const left = roundHalfToEven((resizedWidth - side) / 2);
  const top = roundHalfToEven((resizedHeight - side) / 2);
  return { width: resizedWidth, height: resizedHeight, area: { left, top, width: side, height: side } };
}

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const isHalf = value - below === 0.5;
  return isHalf && below % 2 === 0 ? below : Math.round(value);
}
