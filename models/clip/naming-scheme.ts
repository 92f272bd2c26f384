import type { WeightName } from "./vision-weights.js";

/** Where a weight lies in a checkpoint. */
export type Place = Readonly<{
  tensor: string;
  /** The part of the tensor's first dimension, of `of` equal parts, that is the weight. */
  part?: Readonly<{ index: number; of: number }>;
  /** The tensor is [in, out], and the weight [out, in]. */
  turned?: boolean;
}>;

/** How a library names the tensors of a CLIP model. */
export type NamingScheme = Readonly<{
  name: "Hugging Face" | "open_clip";
  /** The tensor by which a checkpoint of this scheme is known. */
  landmark: string;
  place: (weight: WeightName) => Place;
  /** Tensors that belong to the other tower or hold nothing that is computed with. */
  isPassedOver: (tensor: string) => boolean;
}>;

/** As Hugging Face's transformers name them: CLIPModel and CLIPVisionModelWithProjection. */
export const huggingFaceNames: NamingScheme = {
  name: "Hugging Face",
  landmark: "vision_model.embeddings.patch_embedding.weight",
  place: (weight) => ({ tensor: huggingFaceTensor(weight) }),
  isPassedOver: (tensor) =>
    /^(text_model\.|text_projection\.|logit_scale$|vision_model\.embeddings\.position_ids$)/.test(tensor),
};

const huggingFaceEnds: Readonly<Record<string, string>> = {
  patch: "vision_model.embeddings.patch_embedding.weight",
  class: "vision_model.embeddings.class_embedding",
  positions: "vision_model.embeddings.position_embedding.weight",
  // The spelling is theirs.
  before: "vision_model.pre_layrnorm",
  after: "vision_model.post_layernorm",
  projection: "visual_projection.weight",
};
const huggingFaceParts: Readonly<Record<string, string>> = {
  norm1: "layer_norm1",
  query: "self_attn.q_proj",
  key: "self_attn.k_proj",
  value: "self_attn.v_proj",
  out: "self_attn.out_proj",
  norm2: "layer_norm2",
  expand: "mlp.fc1",
  contract: "mlp.fc2",
};

function huggingFaceTensor(weight: WeightName): string {
  const [first, ...rest] = weight.split(".") as [string, ...string[]];
  if (first !== "blocks") {
    const end = huggingFaceEnds[first]!;
    return rest[0] === undefined ? end : `${end}.${toTorch(rest[0])}`;
  }
  const [layer, part, kind] = rest as [string, string, string];
  return `vision_model.encoder.layers.${layer}.${huggingFaceParts[part]}.${toTorch(kind)}`;
}

/** As OpenAI and open_clip name them. */
export const openClipNames: NamingScheme = {
  name: "open_clip",
  landmark: "visual.conv1.weight",
  place: openClipPlace,
  isPassedOver: (tensor) =>
    /^(text\.|transformer\.|token_embedding\.|ln_final\.|text_projection(\.|$))/.test(tensor) ||
    /^(positional_embedding|logit_scale|logit_bias|attn_mask|input_resolution|context_length|vocab_size)$/.test(tensor),
};

const openClipEnds: Readonly<Record<string, string>> = {
  patch: "visual.conv1.weight",
  class: "visual.class_embedding",
  positions: "visual.positional_embedding",
  before: "visual.ln_pre",
  after: "visual.ln_post",
};
const openClipParts: Readonly<Record<string, string>> = {
  norm1: "ln_1",
  out: "attn.out_proj",
  norm2: "ln_2",
  expand: "mlp.c_fc",
  contract: "mlp.c_proj",
};

function openClipPlace(weight: WeightName): Place {
  const [first, ...rest] = weight.split(".") as [string, ...string[]];
  if (first === "projection") return { tensor: "visual.proj", turned: true };
  if (first !== "blocks") {
    const end = openClipEnds[first]!;
    return { tensor: rest[0] === undefined ? end : `${end}.${toTorch(rest[0])}` };
  }
  const [layer, part, kind] = rest as [string, string, string];
  const block = `visual.transformer.resblocks.${layer}`;
  const index = ["query", "key", "value"].indexOf(part);
  if (index >= 0) return { tensor: `${block}.attn.in_proj_${kind}`, part: { index, of: 3 } };
  return { tensor: `${block}.${openClipParts[part]}.${toTorch(kind)}` };
}

const toTorch = (kind: string) => (kind === "gain" ? "weight" : kind);
