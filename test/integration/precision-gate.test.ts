import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scanFolder } from "../../catalog/scan-folder.js";
import type { CalibrationPictures } from "../../models/clip/calibration.js";
import { type ClipModel, openClipModel } from "../../models/open-clip-model.js";
import { type LabeledPicture, pictureOfFile, samplePictures } from "../../models/verify/labeled-pictures.js";
import type { ModelAtWork, VerifiedModel } from "../../models/verify/verify-models.js";
import { sumsBytesExactly } from "../../src/adapters/cpu-features.js";
import { defaultThresholds, type PrecisionGate } from "../../src/domain/precision-gate.js";
import { decodedPictures } from "../support/compiled-pictures.js";
import { verifyModels } from "../support/compiled-verify.js";
import { drawnGarments } from "../support/drawn-garments.js";
import { unlessSkipped } from "../support/skip-by-name.js";
import { type Conversion, coarsened, convertAsIs, withOutliers } from "../support/vision-conversions.js";

// A small transformer with CLIP's own block, trained on photographs: random weights would prove nothing here.
const smallVit = fileURLToPath(new URL("../../models/small-vit", import.meta.url));
// The photographs are no part of the project. The network knows these, as an encoder should know its catalog's kind.
const photos = fileURLToPath(new URL("../../../shared/photos/train", import.meta.url));
const photosJudged = 500;
// What a network cannot tell apart, as this one shirts from T-shirts, it votes on by accident, and every conversion has
// accidents of its own: so photographs count by family, and of drawings, which it has never seen in training, only
// those are taken that its vote is right about.
const familyOfPhoto: Readonly<Record<string, string>> = {
  ...{ longsleeve: "upperwear", outwear: "upperwear", shirt: "upperwear", "t-shirt": "upperwear" },
  ...{ pants: "bottomwear", shorts: "bottomwear", skirt: "bottomwear" },
};
const drawnCategories = ["bottomwear_pants", "footwear_heels", "accessories_hat"] as const;

/** One in 48 of the channels is so many times larger than the others. */
const outlierGain = 300;
const calibrationPictures = 64;
// Where sums of 8-bit products saturate, 7 bits stand in for 8, as they do when serving.
const int8 = (await sumsBytesExactly()) ? "int8" : "int8-7bit";

describe("the gate, on drawn garments", () => {
  judgeConversions(() => drawnGarments(drawnCategories, 50));
});

const noPhotos = existsSync(photos) ? null : "the photographs are not here";
unlessSkipped("the gate, on photographs", noPhotos, () => {
  describe("the gate, on photographs", () => {
    judgeConversions(async () => {
      const { pictures } = await scanFolder(photos);
      const labeled = pictures.flatMap(({ path, folderCategory }) =>
        folderCategory === null ? [] : [pictureOfFile(photos, path, familyOfPhoto[folderCategory] ?? folderCategory)],
      );
      return samplePictures(labeled, photosJudged, "precision gate");
    });
  });
});

function judgeConversions(findPictures: () => Promise<readonly LabeledPicture[]>): void {
  const verdicts = new Map<string, VerifiedModel>();
  let model: ClipModel | null = null;
  afterAll(() => model?.close());

  beforeAll(async () => {
    model = await openClipModel(smallVit);
    const pictures = await findPictures();
    const { models } = await judgeAll(model, pictures);
    for (const each of models) verdicts.set(each.model, each);
  }, 600_000);

  const gateOf = (name: string): PrecisionGate => {
    const verdict = verdicts.get(name);
    if (verdict === undefined || !("gate" in verdict)) throw new Error(`${name}: ${JSON.stringify(verdict)}`);
    return verdict.gate;
  };

  test.each(["fp16", "int8", "outliers, smoothed"])("a good conversion passes: %s", (name) => {
    expect(gateOf(name)).toMatchObject({ passed: true });
  });

  test("seven bits cost little", () => {
    expect(gateOf("7 bits").cosine.median).toBeGreaterThan(0.999);
    expect(gateOf("7 bits").voteAgreement).toBeGreaterThan(gateOf("3 bits and one scale a matrix").voteAgreement);
  });

  test.each(["3 bits and one scale a matrix", "outliers, not smoothed"])("a bad one is caught: %s", (name) => {
    expect(gateOf(name)).toMatchObject({ passed: false });
  });

  test("smoothing is what saves a network with outliers", () => {
    const [smoothed, plain] = [gateOf("outliers, smoothed"), gateOf("outliers, not smoothed")];
    expect(smoothed.cosine.median).toBeGreaterThan(plain.cosine.median);
    expect(smoothed.voteAgreement).toBeGreaterThan(plain.voteAgreement);
    // Outliers that a scale has been moved out of cost next to nothing.
    expect(smoothed.cosine.median).toBeGreaterThan(gateOf("int8").cosine.median - 0.005);
  });
}

async function judgeAll(model: ClipModel, pictures: readonly LabeledPicture[]) {
  const { side } = model.weights.config;
  const preprocess = `clip-exact-${side}` as const;
  const signal = new AbortController().signal;
  const chosen = samplePictures(pictures, calibrationPictures, "calibration");
  const calibration = decodedPictures(chosen, preprocess, { signal, report: (line) => expect(line).toBe("") });
  const [reference, ...others] = await convertAll(model, calibration);
  return verifyModels({
    manifest: {
      preprocess,
      output: { name: "embedding", dimension: model.weights.config.dimension, normalized: true },
    },
    reference: reference!,
    others,
    pictures,
    thresholds: defaultThresholds,
    workers: 2,
    signal,
  });
}

async function convertAll(model: ClipModel, pictures: CalibrationPictures): Promise<readonly ModelAtWork[]> {
  const { weights } = model;
  const outliers = withOutliers(weights, outlierGain);
  const conversions: readonly Conversion[] = [
    { name: "fp32", kind: "fp32", weights, pictures },
    { name: "fp16", kind: "fp16", weights, pictures },
    { name: "int8", kind: int8, weights, pictures },
    { name: "7 bits", kind: "int8-7bit", weights, pictures },
    { name: "outliers, smoothed", kind: int8, weights: outliers, pictures },
    { name: "outliers, not smoothed", kind: int8, weights: outliers, pictures, smooth: false },
    { name: "3 bits and one scale a matrix", kind: int8, weights: coarsened(weights, 3), pictures },
  ];
  const converted: ModelAtWork[] = [];
  for (const conversion of conversions) converted.push(await convertAsIs(model, conversion));
  return converted;
}
