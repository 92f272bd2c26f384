import { readServiceModel } from "./models/service-model.js";

/** What a family of instance types can run: our images, or why not. */
export type InstanceFamily = Readonly<{
  architecture: "amd64" | "arm64";
  accelerator: "none" | "cuda" | "cuda-too-old" | "other";
  /** Whether the platform's own driver for real-time endpoints is already new enough for CUDA 13. */
  hasNewDriver: boolean;
}>;

/** CUDA 13, which our GPU image stands on, no longer runs on their Kepler and Volta GPUs. */
const tooOldGpus = new Set(["p2", "p3"]);
/** Inferentia, Trainium, Gaudi: ONNX Runtime's CUDA provider has no business there. */
const otherAccelerators = new Set(["inf1", "inf2", "trn1", "trn1n", "trn2", "dl1"]);
const cudaGpus = new Set(["g4dn", "g5", "g6", "g6e", "p4d", "p4de", "p5", "p5e", "p5en"]);
/** Their default is driver 580 for CUDA 13.0 (the developer guide's page on inference GPU drivers, 2026). */
const cudaGpusWithNewDriver = new Set(["g7", "g7e", "p6-b200", "p6-b300"]);
/** A Grace CPU is arm64, for which there is no GPU image of ours. */
const graceGpus = new Set(["p6e-gb200"]);

/** `ml.g4dn.xlarge` -> what family g4dn is. Any type of the service's enum has an answer; what others are is not checked. */
export function familyOf(instanceType: string): InstanceFamily {
  const family = instanceType.split(".")[1] ?? "";
  const isGraviton = /^[a-z]+\d+g[dn]*$/.test(family);
  const architecture = isGraviton || graceGpus.has(family) ? "arm64" : "amd64";
  if (tooOldGpus.has(family)) return { architecture, accelerator: "cuda-too-old", hasNewDriver: false };
  if (otherAccelerators.has(family) || graceGpus.has(family)) {
    return { architecture, accelerator: "other", hasNewDriver: false };
  }
  const hasNewDriver = cudaGpusWithNewDriver.has(family);
  return { architecture, accelerator: hasNewDriver || cudaGpus.has(family) ? "cuda" : "none", hasNewDriver };
}

/** Burstable types cannot be scaled automatically. */
export function isBurstable(instanceType: string): boolean {
  return /^ml\.t\d/.test(instanceType);
}

const typeShapes = {
  hosting: "ProductionVariantInstanceType",
  transform: "TransformInstanceType",
  processing: "ProcessingInstanceType",
} as const;

/** Whether the service takes the type for endpoints, transform jobs or processing jobs, as of the botocore that we know. */
export function isInstanceType(instanceType: string, use: keyof typeof typeShapes): boolean {
  return wordsOf(typeShapes[use]).includes(instanceType);
}

/** The host images that endpoints may name. */
export function listInferenceAmiVersions(): readonly string[] {
  return wordsOf("ProductionVariantInferenceAmiVersion");
}

function wordsOf(shapeName: string): readonly string[] {
  const shape = readServiceModel("sagemaker").shapes[shapeName];
  if (shape?.type !== "string" || shape.enum === undefined) throw new RangeError(`the model has no ${shapeName}`);
  return shape.enum;
}
