import type { Parsed } from "../../../src/domain/parsed.js";
import { rolePattern, roleRule } from "../../role-arn.js";
import { parseS3Uri, type S3Place } from "../../s3-uri.js";
import { type DeployMode, deployModes } from "../../spec.js";
import { createFlagReader, type Flags } from "../../spec-flags.js";
import { readWatchedRegion } from "../watch-spec.js";

/** What is to be looked at before a deployment; what is null was not named, and is not looked at. */
export type DoctorSpec = Readonly<{
  /** Null where nothing but this machine is looked at. */
  region: string | null;
  mode: DeployMode;
  endpointName: string | null;
  roleArn: string | null;
  imageUri: string | null;
  model: S3Place | null;
  instanceType: string | null;
  instanceCount: number;
  /** A folder or tar.gz on this machine. */
  artifact: string | null;
}>;

type Environment = Readonly<Record<string, string | undefined>>;

/** Flags as typed, by their names without dashes -> what to look at, or every problem at once. */
export function parseDoctorSpec(flags: Flags, env: Environment): Parsed<DoctorSpec> {
  const problems: string[] = [];
  const reader = createFlagReader(flags, problems);
  const isLocal = reader.isOn("offline");
  const roleArn = reader.text("role-arn") ?? (env.SAGEMAKER_ROLE || null);
  reader.matching("role-arn", roleArn ?? "", rolePattern, roleRule);
  const endpointName = reader.text("endpoint-name") ?? null;
  reader.matching("endpoint-name", endpointName ?? "", /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/, "an endpoint's name");
  const modelUri = reader.text("model-uri");
  const model = modelUri === undefined ? null : parseS3Uri(modelUri);
  if (modelUri !== undefined && !model?.key) reader.refuse(`--model-uri must be s3://bucket/key, not "${modelUri}"`);
  const spec: DoctorSpec = {
    region: isLocal ? null : readWatchedRegion(reader, env),
    mode: reader.oneOf("mode", "sync", deployModes),
    ...{ endpointName, roleArn, model },
    imageUri: reader.text("image-uri") ?? (env.STYGIG_IMAGE_URI || null),
    instanceType: reader.text("instance-type") ?? null,
    instanceCount: reader.wholeNumber("instance-count", 1, { min: 1, max: 1000 }),
    artifact: reader.text("artifact") ?? null,
  };
  const [first, ...rest] = problems;
  return first === undefined ? { value: spec } : { problems: [first, ...rest] };
}
