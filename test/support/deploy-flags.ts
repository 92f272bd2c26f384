import type { DeployMode } from "../../deploy/spec.js";
import type { Surroundings } from "../../deploy/spec-common.js";
import type { Flags } from "../../deploy/spec-flags.js";

/** Where the tests deploy: a region and a role, no profile and no planner. */
export const someSurroundings: Surroundings = {
  env: { AWS_REGION: "us-east-1", SAGEMAKER_ROLE: "arn:aws:iam::123456789012:role/look" },
  profile: null,
  version: "1.2.3",
  chooseInstance: null,
};

/** The fewest flags of each mode. */
export const leastFlags: Readonly<Record<DeployMode, Flags>> = {
  sync: { "endpoint-name": "look", "model-uri": "s3://models/look.tar.gz", "instance-type": "ml.c7i.xlarge" },
  async: {
    "endpoint-name": "look-async",
    "model-uri": "s3://models/look.tar.gz",
    "instance-type": "ml.g4dn.xlarge",
    "s3-output-path": "s3://results/looks",
  },
  serverless: { "endpoint-name": "look-serverless", "model-uri": "s3://models/look.tar.gz" },
  batch: {
    "job-name": "look-batch-1",
    "model-uri": "s3://models/look.tar.gz",
    "instance-type": "ml.c7i.xlarge",
    "s3-input-path": "s3://photos/today.jsonl",
    "s3-output-path": "s3://results/today/",
  },
};
