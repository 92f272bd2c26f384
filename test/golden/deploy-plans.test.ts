import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { planDeployment } from "../../deploy/plan.js";
import type { DeployMode } from "../../deploy/spec.js";
import type { Flags } from "../../deploy/spec-flags.js";
import { toNotes, toPlanJson } from "../../src/cli/deploy-print.js";
import { aSpec } from "../support/a-deployment.js";

// The calls as somebody read and approved them: no outside truth, but a wire that every change of a plan trips over.
// REWRITE_APPROVED=1 writes them anew; the difference is then reviewed like code.
const topics = {
  "sns-topic-arn": "arn:aws:sns:us-east-1:123456789012:looks",
  "sns-error-topic-arn": "arn:aws:sns:us-east-1:123456789012:failures",
};
const plans: readonly Readonly<{ name: string; mode: DeployMode; flags: Flags }>[] = [
  { name: "sync", mode: "sync", flags: {} },
  {
    name: "sync-gpu-canary-scaled",
    mode: "sync",
    flags: { "instance-type": "ml.g4dn.xlarge", "instance-count": "2", strategy: "canary", "rps-per-instance": "40" },
  },
  {
    name: "sync-linear",
    mode: "sync",
    flags: { strategy: "linear", "termination-wait-s": "300", env: ["STYGIG_LOG_LEVEL=warn"], tag: ["team=looks"] },
  },
  { name: "sync-rolling", mode: "sync", flags: { strategy: "rolling", "instance-count": "4" } },
  { name: "async", mode: "async", flags: topics },
  { name: "async-kept-warm", mode: "async", flags: { "min-instances": "1", "max-instances": "4" } },
  { name: "serverless", mode: "serverless", flags: { "provisioned-concurrency": "1" } },
  { name: "batch-lines", mode: "batch", flags: { "max-concurrent": "4" } },
  {
    name: "batch-pictures",
    mode: "batch",
    flags: { "content-type": "image/jpeg", "s3-input-path": "s3://photos/today/" },
  },
];

it.each(plans)("the plan $name is the approved one", ({ name, mode, flags }) => {
  const file = new URL(`./approved/deploy-${name}.json`, import.meta.url);
  const spec = aSpec(mode, flags);
  const text = `${toPlanJson(spec, planDeployment(spec), toNotes(spec))}\n`;
  if (process.env.REWRITE_APPROVED === "1") writeFileSync(file, text);
  expect(text).toBe(readFileSync(file, "utf8"));
});
