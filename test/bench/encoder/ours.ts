import { createImageDecoder, type ImageDecoder } from "../../../src/adapters/image-decoder.js";
import { createOnnxEncoder, type OnnxEncoder } from "../../../src/adapters/onnx-encoder.js";
import { type ModelInput, toModelInput } from "../../../src/domain/clip-input.js";
import type { Precision, Setting } from "./settings.js";

const preprocess = "clip-exact-224";
const maxPixels = 50_000_000;

/** Our encoder as the server opens it, on the CPU. A precision by name takes a model that no gate vouches for, and no other. */
export function openEncoder(folder: string, precision: Precision, setting: Setting): Promise<OnnxEncoder> {
  return createOnnxEncoder({ folder, providers: ["cpu"], precision, ...setting });
}

/** Our decoder as the server opens it, for one caller. */
export async function openDecoder(): Promise<ImageDecoder> {
  const decoder = createImageDecoder({ workers: 1, maxPixels });
  await decoder.started();
  return decoder;
}

/** What a request asks of the decoder: the model's view, and the palette that comes with it. */
export async function decodePhoto({ decode }: ImageDecoder, bytes: Uint8Array): Promise<ModelInput> {
  const { modelView } = await decode(bytes, { preprocess, meanColor: false });
  return toModelInput(modelView, preprocess);
}
