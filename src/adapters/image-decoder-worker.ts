import { planClipCrop } from "../domain/clip-crop.js";
import { toPreprocess } from "../domain/clip-input.js";
import { toColorView } from "../domain/color-view.js";
import { dominantColors } from "../domain/dominant-colors.js";
import { planDownscale } from "../domain/downscale.js";
import { meanColor } from "../domain/mean-color.js";
import { resampleBicubic } from "../domain/resample.js";
import type { DecodedImage, DecodeWants } from "../pipeline.js";
import { canResampleFast, readAsPillow, readHeader, readUpright, resampleFast } from "./image-reader.js";
import { fastestMixPixels } from "./native-resample.js";
import { type Answer, serveRequests } from "./worker-port.js";

/** `bytes` owns its buffer, which moves. */
export type DecodeRequest = Readonly<{
  bytes: Uint8Array;
  wants: DecodeWants;
  maxPixels: number;
  /** Longest side to shrink to; null leaves every picture as large as it is. */
  downscaleMax: number | null;
}>;

/** Colors kept of a garment: most have one or two, a print seldom more than three worth matching. */
const paletteSize = 3;

const mixPixels = fastestMixPixels();

serveRequests<DecodeRequest, DecodedImage>(decode);

async function decode({ bytes, wants, maxPixels, downscaleMax }: DecodeRequest): Promise<Answer<DecodedImage>> {
  const header = await readHeader(bytes, maxPixels);
  const preprocess = toPreprocess(wants.preprocess);
  const { autoOrient, width, height } = header.metadata;
  const size = downscaleMax === null ? null : planDownscale(autoOrient, downscaleMax, preprocess.side);
  const { image, alpha } = await readUpright(bytes, header, size);
  const plan = planClipCrop(image.width, image.height, preprocess);
  const isFast = preprocess.recipe === "clip-fast" && canResampleFast(plan);
  const modelView = isFast ? await resampleFast(image, plan) : resampleBicubic(image, plan, mixPixels);
  const view = toColorView(image, alpha);
  const palette = dominantColors(view.image, paletteSize, view.opaque);
  // V4's color is that of the whole file, whatever it costs.
  const isWhole = header.isPlain && size === null;
  const mean = wants.meanColor ? meanColor(isWhole ? image : await readAsPillow(bytes, header), mixPixels) : null;
  const reply = { size: { width, height }, modelView, palette, meanColor: mean };
  return { reply, transfer: [modelView.pixels.buffer as ArrayBuffer] };
}
