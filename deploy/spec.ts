import type { Parsed } from "../src/domain/parsed.js";
import { type CommonSpec, readCommon, type Surroundings } from "./spec-common.js";
import { createFlagReader, type FlagReader, type Flags } from "./spec-flags.js";
import { type HostSpec, readHosts, readTransformHosts, type TransformHostSpec } from "./spec-hosts.js";
import { type AsyncOutput, type BatchJob, readAsyncOutput, readBatchJob } from "./spec-jobs.js";
import { type AsyncScaling, readAsyncScaling, readSyncScaling, type SyncScaling } from "./spec-scaling.js";
import { readServerless, type ServerlessSpec } from "./spec-serverless.js";
import { readUpdate, type UpdateSpec } from "./spec-update.js";

export const deployModes = ["sync", "async", "serverless", "batch"] as const;
export type DeployMode = (typeof deployModes)[number];

/** What is to be deployed, whole: no mode lacks what it needs, and none has what it cannot use. */
export type DeploySpec =
  | (CommonSpec & Readonly<{ mode: "sync"; hosts: HostSpec; scaling: SyncScaling | null; update: UpdateSpec }>)
  | (CommonSpec &
      Readonly<{ mode: "async"; hosts: HostSpec; output: AsyncOutput; scaling: AsyncScaling; update: UpdateSpec }>)
  | (CommonSpec & Readonly<{ mode: "serverless"; serverless: ServerlessSpec; update: UpdateSpec }>)
  | (CommonSpec & Readonly<{ mode: "batch"; hosts: TransformHostSpec; job: BatchJob }>);

/** The modes that are endpoints. */
export type EndpointSpec = Exclude<DeploySpec, { mode: "batch" }>;

/**
 * Flags as typed on the command line, by their names without dashes -> a spec, or every problem at once, each with its
 * flag. Pure but for the service models, which say what the service takes.
 */
export function parseDeploySpec(mode: DeployMode, flags: Flags, surroundings: Surroundings): Parsed<DeploySpec> {
  const problems: string[] = [];
  const reader = createFlagReader(flags, problems);
  const spec = readSpec(mode, { reader, flags, surroundings });
  const [first, ...rest] = problems;
  return first === undefined ? { value: spec } : { problems: [first, ...rest] };
}

type Reading = Readonly<{
  reader: FlagReader;
  flags: Flags;
  surroundings: Surroundings;
}>;

function readSpec(mode: DeployMode, { reader, flags, surroundings }: Reading): DeploySpec {
  switch (mode) {
    case "sync": {
      const hosts = readHosts(reader, { mode, flags, surroundings });
      const common = readCommon(reader, { mode, hasGpu: hosts.hasGpu, surroundings });
      const scaling = readSyncScaling(reader, hosts);
      return { ...common, mode, hosts, scaling, update: readUpdate(reader, { mode, hasGpu: hosts.hasGpu }) };
    }
    case "async": {
      const hosts = readHosts(reader, { mode, flags, surroundings });
      const common = readCommon(reader, { mode, hasGpu: hosts.hasGpu, surroundings });
      const output = readAsyncOutput(reader, common.region);
      const scaling = readAsyncScaling(reader, hosts);
      return { ...common, mode, hosts, output, scaling, update: readUpdate(reader, { mode, hasGpu: hosts.hasGpu }) };
    }
    case "serverless": {
      const common = readCommon(reader, { mode, hasGpu: false, surroundings });
      const serverless = readServerless(reader, common.imageUri);
      return { ...common, mode, serverless, update: readUpdate(reader, { mode, hasGpu: false }) };
    }
    case "batch": {
      const hosts = readTransformHosts(reader, { mode, flags, surroundings });
      const common = readCommon(reader, { mode, hasGpu: hosts.hasGpu, surroundings });
      return { ...common, mode, hosts, job: readBatchJob(reader) };
    }
  }
}
