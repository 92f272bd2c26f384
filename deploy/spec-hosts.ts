import { demandFlags, type InstanceChoice } from "./choose-instance.js";
import { familyOf, isInstanceType, listInferenceAmiVersions } from "./instance-family.js";
import type { Surroundings } from "./spec-common.js";
import type { FlagReader, Flags } from "./spec-flags.js";

type Hosts = Readonly<{
  instanceType: string;
  instanceCount: number;
  /** Whether the type has a GPU that our GPU image runs on. */
  hasGpu: boolean;
  /** Why this type, where a planner chose it. */
  choice: InstanceChoice | null;
}>;

/** The machines of an endpoint. */
export type HostSpec = Hosts &
  Readonly<{
    /** The host image, which decides on the GPU's driver; null leaves the platform's default. */
    inferenceAmiVersion: string | null;
    /** How long a container may take from its start to the first good ping. */
    startupTimeoutS: number;
  }>;

/** The machines of a transform job. */
export type TransformHostSpec = Hosts & Readonly<{ transformAmiVersion: string | null }>;

/** Driver 580 with CUDA 13.0, which our GPU image needs; the defaults of g4dn and g5 have 470, of g6 535. */
const amiForCuda13 = "al2023-ami-sagemaker-inference-gpu-4-1";
/** The platform waits 8 minutes by itself; a large artifact on a cold GPU host needs some of the rest. */
const usualStartupTimeoutS = 600;

type Reading<Mode> = Readonly<{ mode: Mode; flags: Flags; surroundings: Surroundings }>;

/** Instance type and count of an endpoint, with a host image whose driver fits. */
export function readHosts(reader: FlagReader, reading: Reading<"sync" | "async">): HostSpec {
  const hosts = readInstances(reader, reading, { use: "hosting", maxCount: 1000 });
  const { accelerator, hasNewDriver } = familyOf(hosts.instanceType);
  const usualAmi = accelerator === "cuda" && !hasNewDriver ? amiForCuda13 : null;
  refuseWithoutGpu(reader, "inference-ami-version", hosts);
  return {
    ...hosts,
    inferenceAmiVersion: reader.oneOf("inference-ami-version", "", listInferenceAmiVersions()) || usualAmi,
    startupTimeoutS: reader.wholeNumber("startup-timeout-s", usualStartupTimeoutS, { min: 60, max: 3600 }),
  };
}

/** Instance type and count of a transform job, whose hosts have no driver for our GPU image. */
export function readTransformHosts(reader: FlagReader, reading: Reading<"batch">): TransformHostSpec {
  const hosts = readInstances(reader, reading, { use: "transform", maxCount: 100 });
  const ami = reader.text("transform-ami-version") ?? null;
  refuseWithoutGpu(reader, "transform-ami-version", hosts);
  reader.matching("transform-ami-version", ami ?? "", /^[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*$/, "a host image's name");
  if (hosts.hasGpu && ami === null) {
    reader.refuse(
      `--instance-type ${hosts.instanceType}: transform jobs have GPU drivers up to 535, and our GPU image needs 580; ` +
        "take a CPU type, or an image built for an older CUDA with its --transform-ami-version",
    );
  }
  return { ...hosts, transformAmiVersion: ami };
}

/** Host images differ in the GPU's driver: without a GPU there is nothing to choose. */
function refuseWithoutGpu(reader: FlagReader, flag: string, { instanceType, hasGpu }: Hosts): void {
  if (reader.isGiven(flag) && !hasGpu) reader.refuse(`--${flag} is for GPUs, and ${instanceType} has none of ours`);
}

type Use = Readonly<{ use: "hosting" | "transform"; maxCount: number }>;

function readInstances(
  reader: FlagReader,
  reading: Reading<"sync" | "async" | "batch">,
  { use, maxCount }: Use,
): Hosts {
  const given = reader.text("instance-type") ?? "auto";
  const choice = given === "auto" ? chooseInstance(reader, reading) : null;
  const instanceType = choice?.instanceType ?? given;
  if (instanceType !== "auto") checkType(reader, instanceType, use);
  if (given !== "auto") {
    for (const flag of demandFlags.filter(reader.isGiven)) reader.refuse(`--${flag} is for --instance-type auto alone`);
  }
  return {
    instanceType,
    instanceCount: reader.wholeNumber("instance-count", choice?.instanceCount ?? 1, { min: 1, max: maxCount }),
    hasGpu: familyOf(instanceType).accelerator === "cuda",
    choice,
  };
}

function chooseInstance(
  reader: FlagReader,
  { mode, flags, surroundings }: Reading<"sync" | "async" | "batch">,
): InstanceChoice | null {
  if (surroundings.chooseInstance === null) {
    reader.refuse("--instance-type is missing: a type such as ml.c7i.xlarge or ml.g4dn.xlarge; auto is not available");
    return null;
  }
  const parsed = surroundings.chooseInstance(mode, flags);
  if ("value" in parsed) return parsed.value;
  for (const problem of parsed.problems) reader.refuse(problem);
  return null;
}

/** Refuses what the service would refuse, and what it would start in vain. */
function checkType(reader: FlagReader, instanceType: string, use: Use["use"]): void {
  const flag = `--instance-type ${instanceType}`;
  if (!isInstanceType(instanceType, use)) {
    const what = use === "hosting" ? "endpoints" : "transform jobs";
    reader.refuse(`${flag} is not a type that SageMaker has for ${what}; they look like ml.c7i.xlarge`);
    return;
  }
  const { accelerator, architecture } = familyOf(instanceType);
  if (accelerator === "cuda-too-old")
    reader.refuse(`${flag}: CUDA 13 of our GPU image does not run on its GPU any more`);
  if (accelerator === "other") reader.refuse(`${flag}: its accelerator is none that our images can use`);
  const built = reader.oneOf("image-arch", "amd64", ["amd64", "arm64"]);
  if (architecture !== built && accelerator !== "other") {
    reader.refuse(`${flag} runs ${architecture} images, and this one is ${built} (--image-arch says which it is)`);
  }
}
