import { toTagList } from "./calls-tags.js";
import { toHashedName } from "./names.js";
import type { PlannedCall } from "./planned-call.js";
import type { CommonSpec } from "./spec-common.js";

type NamedCall = Readonly<{ name: string; call: PlannedCall }>;

/**
 * The model: image, artifact, variables, role. Its name holds a digest of all of them and of the artifact's version, so
 * that a new artifact under an old address is a new model: an existing one keeps what it found when it was made.
 */
export function planModel(spec: CommonSpec): NamedCall {
  const content = {
    ExecutionRoleArn: spec.roleArn,
    PrimaryContainer: { Image: spec.imageUri, ModelDataUrl: spec.modelUri, Environment: spec.environment },
  };
  const name = toHashedName(spec.name, [content, spec.modelVersion]);
  const input = { ModelName: name, ...content, Tags: toTagList(spec.tags) };
  return { name, call: { service: "sagemaker", operation: "CreateModel", input } };
}
