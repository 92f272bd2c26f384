import type { Parsed } from "../src/domain/parsed.js";
import { createFlagReader, type Flags } from "./spec-flags.js";
import { readWatchedRegion } from "./watch/watch-spec.js";

/** Which of the Dockerfile's images goes where. */
export type ImageSpec = Readonly<{
  region: string;
  /** Null: that of whoever is signed in. */
  accountId: string | null;
  repository: string;
  tag: string;
  target: "cpu" | "gpu";
  /** SageMaker takes images of one platform alone. */
  platform: "linux/amd64" | "linux/arm64";
}>;

type Surroundings = Readonly<{ env: Readonly<Record<string, string | undefined>>; version: string }>;

/** The repository where the other deploy commands look by themselves. */
const usualRepository = "stygig";

const repositoryPattern = /^(?=.{2,256}$)[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/;
const tagPattern = /^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}$/;

/** Flags of `deploy image` -> a spec, or every problem at once. */
export function parseImageSpec(flags: Flags, { env, version }: Surroundings): Parsed<ImageSpec> {
  const problems: string[] = [];
  const reader = createFlagReader(flags, problems);
  reader.required("target", "cpu or gpu");
  const target = reader.oneOf("target", "cpu", ["cpu", "gpu"]);
  const platform = reader.oneOf("platform", "linux/amd64", ["linux/amd64", "linux/arm64"]);
  if (target === "gpu" && platform === "linux/arm64") {
    reader.refuse("--platform linux/arm64: the CUDA provider of the gpu image is built for amd64 alone");
  }
  const accountId = reader.text("account-id");
  const repository = reader.text("repository") ?? usualRepository;
  const tag = reader.text("image-tag") ?? `${version}-${target}${platform === "linux/arm64" ? "-arm64" : ""}`;
  const spec: ImageSpec = {
    ...{ target, platform, region: readWatchedRegion(reader, env) },
    accountId: accountId === undefined ? null : reader.matching("account-id", accountId, /^\d{12}$/, "12 digits"),
    repository: reader.matching(
      "repository",
      repository,
      repositoryPattern,
      "a name in ECR such as stygig or shop/stygig",
    ),
    tag: reader.matching("image-tag", tag, tagPattern, "at most 128 letters, digits and _.-"),
  };
  const [first, ...rest] = problems;
  return first === undefined ? { value: spec } : { problems: [first, ...rest] };
}

/** The address of an account's images in a region. */
export function toRegistry(accountId: string, region: string): string {
  return `${accountId}.dkr.ecr.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
}
