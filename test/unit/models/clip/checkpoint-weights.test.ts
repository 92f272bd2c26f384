import { describe, expect, test } from "vitest";
import type { Checkpoint, CheckpointTensor } from "../../../../models/checkpoint/checkpoint.js";
import { findNamingScheme, openCheckpointWeights } from "../../../../models/clip/checkpoint-weights.js";
import { huggingFaceNames, openClipNames } from "../../../../models/clip/naming-scheme.js";
import { shapeOf, weightNames } from "../../../../models/clip/vision-weights.js";
import { smallVision, smallWeights } from "../../../support/small-vision.js";

const weights = smallWeights();

/** The small network's tensors as Hugging Face's names have them, with some changed or left out. */
async function aCheckpoint(
  changes: Readonly<Record<string, Partial<CheckpointTensor> | null>> = {},
): Promise<Checkpoint> {
  const tensors = new Map<string, CheckpointTensor>();
  for (const name of weightNames(smallVision)) {
    const { tensor } = huggingFaceNames.place(name);
    const values = await weights.read(name);
    tensors.set(tensor, { name: tensor, shape: shapeOf(smallVision, name), dtype: "F32", read: async () => values });
  }
  for (const [name, change] of Object.entries(changes)) {
    const usual = tensors.get(name) ?? { name, shape: [1], dtype: "F32", read: async () => new Float32Array(1) };
    if (change === null) tensors.delete(name);
    else tensors.set(name, { ...usual, ...change });
  }
  return { format: "safetensors", tensors, close: async () => {} };
}

const layer = "vision_model.encoder.layers.1";

describe("a checkpoint", () => {
  test("gives every weight as it is", async () => {
    const opened = openCheckpointWeights(await aCheckpoint(), huggingFaceNames, smallVision);
    for (const name of weightNames(smallVision)) expect(await opened.read(name)).toEqual(await weights.read(name));
  });

  test("may hold the other tower and the positions' numbers", async () => {
    const others = {
      "text_model.embeddings.token_embedding.weight": {},
      "vision_model.embeddings.position_ids": {},
      logit_scale: {},
    };
    expect(() => aCheckpoint(others)).not.toThrow();
    openCheckpointWeights(await aCheckpoint(others), huggingFaceNames, smallVision);
  });

  test.each([
    ["a missing tensor", { [`${layer}.mlp.fc1.bias`]: null }, `tensor ${layer}.mlp.fc1.bias is missing`],
    [
      "another shape",
      { "visual_projection.weight": { shape: [25, 32] } },
      "tensor visual_projection.weight is [25,32], and the configuration says [24,32]",
    ],
    [
      "a tensor we do not know",
      { [`${layer}.self_attn.q_norm.weight`]: {} },
      `tensor ${layer}.self_attn.q_norm.weight is not part of a CLIP model`,
    ],
    [
      "a deeper network",
      { "vision_model.encoder.layers.3.mlp.fc1.bias": {} },
      "layers.3.mlp.fc1.bias is not part of a CLIP model",
    ],
  ])("is refused for %s, by name", async (_, changes, problem) => {
    const checkpoint = await aCheckpoint(changes);
    expect(() => openCheckpointWeights(checkpoint, huggingFaceNames, smallVision)).toThrow(problem);
  });

  test("is refused for a value that is no number, by name and place", async () => {
    const broken = Float32Array.from(await weights.read("class"));
    broken[3] = Number.NaN;
    const name = "vision_model.embeddings.class_embedding";
    const opened = openCheckpointWeights(
      await aCheckpoint({ [name]: { read: async () => broken } }),
      huggingFaceNames,
      smallVision,
    );
    await expect(opened.read("class")).rejects.toThrow(`tensor ${name} holds NaN at place 3`);
  });

  test("is known by its names, or refused by some of them", async () => {
    const checkpoint = await aCheckpoint();
    expect(findNamingScheme(checkpoint)).toBe(huggingFaceNames);
    const tensor = { name: "x", shape: [1], dtype: "F32", read: async () => new Float32Array(1) } as const;
    const named = (name: string) => ({ ...checkpoint, tensors: new Map([[name, tensor]]) });
    expect(findNamingScheme(named("visual.conv1.weight"))).toBe(openClipNames);
    expect(() => findNamingScheme(named("backbone.conv.weight"))).toThrow("it holds backbone.conv.weight");
  });
});
