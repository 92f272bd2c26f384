import { describe, expect, test } from "vitest";
import { parseHuggingFaceConfig, parseOpenClipConfig } from "../../../../models/clip/read-config.js";

const b32 = {
  side: 224,
  patch: 32,
  width: 768,
  innerWidth: 3072,
  layers: 12,
  heads: 12,
  dimension: 512,
  activation: "quick_gelu",
  epsilon: 1e-5,
};

describe("Hugging Face's configuration", () => {
  test("has its library's values where it says nothing", () => {
    expect(parseHuggingFaceConfig({ model_type: "clip", vision_config: {} })).toEqual({ value: b32 });
    expect(parseHuggingFaceConfig({ model_type: "clip_vision_model" })).toEqual({ value: b32 });
  });

  test("takes the whole model's projection, whatever its towers repeat", () => {
    const config = { model_type: "clip", projection_dim: 768, vision_config: { projection_dim: 512 } };
    expect(parseHuggingFaceConfig(config)).toEqual({ value: { ...b32, dimension: 768 } });
  });

  test.each([
    ["a list", [], /holds a list/],
    ["another kind of model", { model_type: "siglip" }, /"siglip"/],
    ["no tower", { model_type: "clip" }, /no vision_config/],
    ["another activation", { model_type: "clip_vision_model", hidden_act: "relu" }, /quick_gelu or gelu, not "relu"/],
    ["gray pictures", { model_type: "clip_vision_model", num_channels: 1 }, /num_channels must be 3/],
    ["a text for a number", { model_type: "clip_vision_model", hidden_size: "768" }, /hidden_size must be a number/],
    ["a broken patch", { model_type: "clip_vision_model", patch_size: 15 }, /not a whole number of patches of 15/],
    ["uneven heads", { model_type: "clip_vision_model", num_attention_heads: 7 }, /not a whole number of 7 heads/],
    ["an absurd depth", { model_type: "clip_vision_model", num_hidden_layers: 4000 }, /layers must be/],
  ])("refuses %s", (_, config, problem) => {
    const parsed = parseHuggingFaceConfig(config);
    expect("problems" in parsed && parsed.problems.join("\n")).toMatch(problem);
  });
});

describe("open_clip's configuration", () => {
  const vision = { image_size: 224, layers: 12, width: 768, patch_size: 32 };

  test("is exact GELU unless it says otherwise", () => {
    const parsed = parseOpenClipConfig({ model_cfg: { embed_dim: 512, vision_cfg: vision } });
    expect(parsed).toEqual({ value: { ...b32, activation: "gelu" } });
    const quick = parseOpenClipConfig({ model_cfg: { embed_dim: 512, quick_gelu: true, vision_cfg: vision } });
    expect(quick).toEqual({ value: b32 });
  });

  test.each([
    ["pooling by attention", { attentional_pool: true }],
    ["pooling by the mean", { pool_type: "avg" }],
    ["a network of timm", { timm_model_name: "convnext_base" }],
    ["scaled residuals", { ls_init_value: 0.1 }],
    ["what nobody knows", { new_trick: 1 }],
  ])("refuses %s by name", (_, field) => {
    const parsed = parseOpenClipConfig({ model_cfg: { embed_dim: 512, vision_cfg: { ...vision, ...field } } });
    const [name] = Object.keys(field);
    expect("problems" in parsed && parsed.problems.join("\n")).toContain(`vision_cfg.${name} of`);
  });

  test("refuses a model without an embedding", () => {
    const parsed = parseOpenClipConfig({ model_cfg: { vision_cfg: vision } });
    expect("problems" in parsed && parsed.problems.join("\n")).toMatch(/dimension must be/);
  });
});
