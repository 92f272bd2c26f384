import { basename, dirname } from "node:path";
import { AutoProcessor, CLIPVisionModelWithProjection, env, RawImage } from "@huggingface/transformers";

/**
 * A function from a picture's file to its embedding by transformers.js, as its own documentation does it.
 * `folder` holds config.json, preprocessor_config.json, onnx/model.onnx (`fp32`) and onnx/model_quantized.onnx (`q8`);
 * `threads` is null for its own choice.
 */
export async function openPeer({ folder, dtype, threads }) {
  env.allowRemoteModels = false;
  env.localModelPath = dirname(folder);
  const name = basename(folder);
  const session_options = threads === null ? {} : { intraOpNumThreads: threads, interOpNumThreads: 1 };
  const options = { dtype, device: "cpu", model_file_name: "model", session_options };
  const processor = await AutoProcessor.from_pretrained(name);
  const model = await CLIPVisionModelWithProjection.from_pretrained(name, options);
  return async (file) => {
    const { image_embeds } = await model(await processor(await RawImage.read(file)));
    return image_embeds;
  };
}
