import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import type { Command } from "commander";
import { inspectArtifact } from "../../catalog/inspect-artifact.js";
import { createAwsSender } from "../../deploy/send-call.js";
import type { Flags } from "../../deploy/spec-flags.js";
import { type DoctorParts, examine } from "../../deploy/watch/doctor/doctor.js";
import { type DoctorSpec, parseDoctorSpec } from "../../deploy/watch/doctor/doctor-spec.js";
import type { Finding } from "../../deploy/watch/doctor/finding.js";
import { readFlags } from "./deploy-flags.js";
import { exitCodes, tellProblems, writeData } from "./output.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** The driver's own tool. */
const nvidiaSmi = "nvidia-smi";
/** A driver that answers no sooner hangs. */
const nvidiaSmiTimeoutMs = 10_000;
const fetchTimeoutMs = 30_000;

/** Adds `stygig doctor`: what would stop a deployment, before it is begun. */
export function addDoctorCommand(program: Command, env: Environment): void {
  const command = program.command("doctor");
  command
    .summary("what would stop a deployment, before it is begun")
    .description(
      "Looks at this machine and, with your credentials, at what a deployment needs; changes nothing. What is not named is\n" +
        "not looked at. Exit 1 when something failed; what could not be asked is unknown, and fails nothing.",
    )
    .option("--endpoint-name <name>", "the endpoint: for the rights that it takes")
    .option("--mode <mode>", "sync, async, serverless or batch (default: sync)")
    .option("--role-arn <arn>", "the execution role (default: SAGEMAKER_ROLE)")
    .option("--image-uri <uri>", "the image (default: STYGIG_IMAGE_URI)")
    .option("--model-uri <uri>", "the artifact in S3")
    .option("--artifact <path>", "the artifact here, a folder or its tar.gz: verified as the server does")
    .option("--instance-type <type>", "what it will run on: driver, processor, quota")
    .option("--instance-count <count>", "how many (default: 1)")
    .option("--region <region>", "where (default: AWS_REGION)")
    .option("--offline", "only this machine")
    .option("--json", "print JSON")
    .action(() => runDoctor(readFlags(command), env));
}

async function runDoctor(flags: Flags, env: Environment): Promise<void> {
  const spec = parseDoctorSpec(flags, env);
  if ("problems" in spec) return tellProblems(spec.problems, exitCodes.usage);
  const findings = await findAll(spec.value, env);
  await writeData(flags.json === true ? JSON.stringify(findings, null, 2) : findings.map(toText).join("\n"));
  if (findings.some(({ outcome }) => outcome === "failed")) process.exitCode = exitCodes.failed;
}

async function findAll(spec: DoctorSpec, env: Environment): Promise<readonly Finding[]> {
  const sender = createAwsSender({ region: spec.region ?? "us-east-1", endpointUrl: env.AWS_ENDPOINT_URL ?? null });
  try {
    return await examine(spec, { ...outside, send: sender.send });
  } finally {
    sender.close();
  }
}

const outside: Omit<DoctorParts, "send"> = {
  nodeVersion: process.version,
  onnxProviders: async () => {
    const { listSupportedBackends } = await import("onnxruntime-node");
    const bin = new URL(`../bin/napi-v6/${process.platform}/${process.arch}/`, import.meta.resolve("onnxruntime-node"));
    // What is not bundled has to be fetched by the package's own install script.
    const isThere = (name: string) => existsSync(new URL(`libonnxruntime_providers_${name}.so`, bin));
    return listSupportedBackends().flatMap(({ name, bundled }) => (bundled || isThere(name) ? [name] : []));
  },
  nvidiaSmi: () =>
    new Promise((resolve, reject) => {
      const query = ["--query-gpu=driver_version,name", "--format=csv,noheader"];
      execFile(nvidiaSmi, query, { timeout: nvidiaSmiTimeoutMs }, (error, stdout) => {
        if (error === null) resolve(stdout);
        else if ((error as NodeJS.ErrnoException).code === "ENOENT") resolve(null);
        else reject(new Error(stdout.trim() || error.message));
      });
    }),
  inspectArtifact: async (folderOrFile) => {
    const { digest, manifest, bytes } = await inspectArtifact(folderOrFile);
    return { digest, bytes, items: manifest.counts.items };
  },
  fetchJson: async (url) => {
    const response = await fetch(url, { signal: AbortSignal.timeout(fetchTimeoutMs) });
    if (!response.ok) throw new Error(`ECR's storage answered ${response.status}`);
    return response.json();
  },
};

const nameWidth = 14;

function toText({ name, outcome, finding, advice }: Finding): string {
  const line = `${outcome.padEnd(8)} ${name.padEnd(nameWidth)} ${finding}`;
  return advice === null ? line : `${line}\n${" ".repeat(9 + nameWidth)} -> ${advice}`;
}
