import { isJsonObject, type JsonObject, shown } from "../../src/domain/json-fields.js";
import type { Parsed } from "../../src/domain/parsed.js";
import type { VisionConfig } from "./vision-config.js";
import { shapeProblems } from "./vision-shape.js";

/**
 * `config.json` of Hugging Face's transformers, of a whole CLIP model or its vision tower. Absent fields have the
 * values that `CLIPVisionConfig` gives them, because newer versions leave out what is usual. Never throws.
 */
export function parseHuggingFaceConfig(value: unknown): Parsed<VisionConfig> {
  if (!isJsonObject(value)) return { problems: [`config.json holds ${shown(value)}, not an object`] };
  const { model_type: type } = value;
  if (type !== "clip" && type !== "clip_vision_model") {
    return { problems: [`config.json is of a ${shown(type)} model; clip and clip_vision_model are read`] };
  }
  // A whole model's `projection_dim` counts, also where the towers repeat another.
  const vision = type === "clip" ? value.vision_config : value;
  if (type === "clip" && !isJsonObject(vision)) return { problems: ["config.json has no vision_config"] };
  const fields = createFields(vision as JsonObject, "config.json");
  const root = createFields(value, "config.json");
  const config = {
    side: fields.number("image_size", 224),
    patch: fields.number("patch_size", 32),
    width: fields.number("hidden_size", 768),
    innerWidth: fields.number("intermediate_size", 3072),
    layers: fields.number("num_hidden_layers", 12),
    heads: fields.number("num_attention_heads", 12),
    dimension: root.number("projection_dim", 512),
    activation: fields.text("hidden_act", "quick_gelu") as VisionConfig["activation"],
    epsilon: fields.number("layer_norm_eps", 1e-5),
  };
  fields.only("num_channels", 3);
  return toParsed(config, [...fields.problems, ...root.problems]);
}

/** Fields of open_clip's `vision_cfg` that change nothing once a model is trained. */
const harmless: ReadonlySet<string> = new Set([
  "patch_dropout",
  "ls_init_value",
  "output_tokens",
  "no_ln_pre",
  "pool_type",
]);
/** The only values under which they, and others, change nothing. */
const expected: Readonly<Record<string, readonly unknown[]>> = {
  ls_init_value: [null],
  no_ln_pre: [false],
  pool_type: ["tok"],
  final_ln_after_pool: [false],
  attentional_pool: [false],
  global_average_pool: [false],
  pos_embed_type: ["learnable"],
  timm_model_name: [null],
  act_kwargs: [null],
  norm_kwargs: [null],
  block_type: [null],
  qk_norm: [false],
  scaled_cosine_attn: [false],
  scale_heads: [false],
  scale_attn_inner: [false],
  scale_attn: [false],
  scale_fc: [false],
};
const openClipShape = ["image_size", "patch_size", "width", "layers", "head_width", "mlp_ratio"];

/** `open_clip_config.json`, its `model_cfg`. Fields that could change what is computed are refused by name. Never throws. */
export function parseOpenClipConfig(value: unknown): Parsed<VisionConfig> {
  const model = isJsonObject(value) ? value.model_cfg : undefined;
  const vision = isJsonObject(model) ? model.vision_cfg : undefined;
  if (!isJsonObject(model) || !isJsonObject(vision)) {
    return { problems: ["open_clip_config.json has no model_cfg.vision_cfg"] };
  }
  const fields = createFields(vision, "open_clip_config.json");
  const root = createFields(model, "open_clip_config.json");
  const width = fields.number("width", 768);
  const problems = Object.entries(vision).flatMap(([field, found]) => {
    if (openClipShape.includes(field) || (harmless.has(field) && !(field in expected))) return [];
    if (expected[field]?.includes(found)) return [];
    return [`open_clip_config.json: vision_cfg.${field} of ${shown(found)} is not supported`];
  });
  const config = {
    side: fields.number("image_size", 224),
    patch: fields.number("patch_size", 16),
    width,
    innerWidth: Math.trunc(width * fields.number("mlp_ratio", 4)),
    layers: fields.number("layers", 12),
    heads: width / fields.number("head_width", 64),
    dimension: root.number("embed_dim", Number.NaN),
    activation: root.flag("quick_gelu", false) ? ("quick_gelu" as const) : ("gelu" as const),
    epsilon: 1e-5,
  };
  return toParsed(config, [...problems, ...fields.problems, ...root.problems]);
}

function toParsed(config: VisionConfig, problems: readonly string[]): Parsed<VisionConfig> {
  const [first, ...rest] = problems.length > 0 ? problems : shapeProblems(config);
  return first === undefined ? { value: config } : { problems: [first, ...rest] };
}

/** Reads single fields, own ones only, and keeps what is wrong with them. */
function createFields(object: JsonObject, file: string) {
  const problems: string[] = [];
  const read = <T>(field: string, usual: T, isFit: (value: unknown) => boolean, what: string): T => {
    const value = Object.hasOwn(object, field) ? object[field] : undefined;
    if (value === undefined || value === null) return usual;
    if (!isFit(value)) problems.push(`${file}: ${field} must be ${what}, not ${shown(value)}`);
    return value as T;
  };
  return {
    problems,
    number: (field: string, usual: number) => read(field, usual, Number.isFinite, "a number"),
    text: (field: string, usual: string) => read(field, usual, (value) => typeof value === "string", "a text"),
    flag: (field: string, usual: boolean) => read(field, usual, (value) => typeof value === "boolean", "true or false"),
    only: (field: string, wanted: number) => void read(field, wanted, (value) => value === wanted, String(wanted)),
  };
}
