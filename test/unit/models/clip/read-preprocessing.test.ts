import { describe, expect, test } from "vitest";
import {
  parseHuggingFacePreprocessing,
  parseOpenClipPreprocessing,
} from "../../../../models/clip/read-preprocessing.js";
import { clipStatistics } from "../../../../models/clip/vision-config.js";

const statistics = { mean: [0.5, 0.4, 0.3], std: [0.2, 0.3, 0.4] };

const problemsOf = (parsed: ReturnType<typeof parseHuggingFacePreprocessing>) =>
  "problems" in parsed ? parsed.problems.join("\n") : "";

describe("Hugging Face's preprocessing", () => {
  test("is CLIP's where it says nothing", () => {
    expect(parseHuggingFacePreprocessing({}, 224)).toEqual({ value: clipStatistics });
  });

  test.each([
    ["as it was first published", { size: 224, crop_size: 224, resample: 3, do_resize: true, do_normalize: true }],
    [
      "as it is written today",
      { size: { shortest_edge: 224 }, crop_size: { height: 224, width: 224 }, rescale_factor: 1 / 255 },
    ],
  ])("is read %s", (_, fields) => {
    const value = { ...fields, image_mean: statistics.mean, image_std: statistics.std };
    expect(parseHuggingFacePreprocessing(value, 224)).toEqual({ value: statistics });
  });

  test.each([
    [{ resample: 2 }, "resample must be 3, bicubic, not 2"],
    [{ do_center_crop: false }, "do_center_crop must be true, not false"],
    [{ do_rescale: false }, "do_rescale must be true"],
    [{ do_normalize: false }, "do_normalize must be true"],
    [{ rescale_factor: 1 / 127.5 }, "rescale_factor must be 1/255"],
    [{ size: { shortest_edge: 256 } }, 'size must be the model\'s side, not {"shortest_edge":256}'],
    [{ crop_size: { height: 224, width: 192 } }, "crop_size must be the model's side"],
    [{ image_mean: [0, 0] }, "image_mean must be three numbers, not a list of 2"],
    [{ image_std: [1, 0, 1] }, "image_std must be three numbers above 0"],
    [[], "holds a list of 0"],
  ])("is refused for %j", (value, problem) => {
    expect(problemsOf(parseHuggingFacePreprocessing(value, 224))).toContain(problem);
  });
});

describe("open_clip's preprocessing", () => {
  test("is read", () => {
    const value = { ...statistics, interpolation: "bicubic", resize_mode: "shortest", size: [224, 224], mode: "RGB" };
    expect(parseOpenClipPreprocessing(value, 224)).toEqual({ value: statistics });
  });

  test.each([
    [{ interpolation: "bilinear" }, 'interpolation must be bicubic, not "bilinear"'],
    [{ resize_mode: "squash" }, 'resize_mode must be shortest, not "squash"'],
    [{ size: 256 }, "size must be the model's side, not 256"],
    [{ std: "CLIP" }, 'std must be three numbers above 0, not "CLIP"'],
  ])("is refused for %j", (value, problem) => {
    expect(problemsOf(parseOpenClipPreprocessing(value, 224))).toContain(problem);
  });
});
