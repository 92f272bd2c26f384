import type { Preprocess } from "./clip-input.js";
import type { ResizePlan } from "./resample.js";

/**
 * The resize and crop of CLIP's reference preprocessing, as torchvision does them: the shortest edge becomes `side`,
 * the long one `int(side * long / short)`, and the square is cut at `int(round((edge - side) / 2.0))`, where Python
 * rounds halves to even. Hugging Face's processor (`clip-hf-exact`) cuts at `(edge - side) // 2`.
 */
export function planClipCrop(width: number, height: number, { recipe, side }: Preprocess): ResizePlan {
  const short = Math.min(width, height);
  const resizedWidth = Math.trunc((side * width) / short);
  const resizedHeight = Math.trunc((side * height) / short);
  const round = recipe === "clip-hf-exact" ? Math.floor : roundHalfToEven;
  const left = round((resizedWidth - side) / 2);
  const top = round((resizedHeight - side) / 2);
  return { width: resizedWidth, height: resizedHeight, area: { left, top, width: side, height: side } };
}

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const isHalf = value - below === 0.5;
  return isHalf && below % 2 === 0 ? below : Math.round(value);
}
