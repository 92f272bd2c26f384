import { chmod, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { anArtifact } from "../support/a-catalog-build.js";
import { aFolder } from "../support/a-folder.js";
import { noDriver } from "../support/nvidia-smi-recordings.js";
import { runStygig } from "../support/run-stygig.js";

let artifact: string;
beforeAll(async () => {
  artifact = (await anArtifact({ index: "auto" })).artifact.folder;
});

/** A PATH on which nvidia-smi prints that and ends so, or is not there at all. */
async function pathWith(output: string | null, exitCode = 0): Promise<string> {
  const folder = await aFolder();
  if (output !== null) {
    await writeFile(join(folder, "output"), output);
    // By its whole path: nothing else is on this PATH.
    await writeFile(join(folder, "nvidia-smi"), `#!/bin/sh\n/bin/cat ${join(folder, "output")}\nexit ${exitCode}\n`);
    await chmod(join(folder, "nvidia-smi"), 0o755);
  }
  return `${folder}:${dirname(process.execPath)}`;
}

async function doctor(PATH: string, ...flags: readonly string[]) {
  const { exitCode, stdout, stderr } = await runStygig(["doctor", "--offline", "--json", ...flags], "", {
    env: { PATH },
  });
  const findings = JSON.parse(stdout) as readonly Readonly<{ name: string; outcome: string; finding: string }>[];
  return { exitCode, stderr, of: (name: string) => findings.find((each) => each.name === name)! };
}

describe("stygig doctor on this machine", () => {
  it("verifies an artifact as the server does, and finds no fault without a GPU", async () => {
    const { exitCode, stderr, of } = await doctor(await pathWith(null), "--artifact", artifact);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(of("artifact")).toMatchObject({ outcome: "ok", finding: expect.stringMatching(/^\d+ items, \d+ bytes, /) });
    expect(of("driver")).toMatchObject({ outcome: "ok", finding: expect.stringContaining("no GPU on this machine") });
    expect(of("onnxruntime")).toMatchObject({ outcome: "ok", finding: expect.stringContaining("with cpu") });
  });

  it("reads the driver's version from the driver's own tool", async () => {
    const { exitCode, of } = await doctor(await pathWith("535.183.01, Tesla T4\n"));
    expect(exitCode).toBe(0);
    expect(of("driver")).toMatchObject({ outcome: "warning", finding: "Tesla T4 with driver 535.183.01" });
  });

  it("fails with 1 for a driver that does not work, and for an artifact that is none", async () => {
    const { exitCode, of } = await doctor(await pathWith(noDriver, 9), "--artifact", await aFolder());
    expect(exitCode).toBe(1);
    expect(of("driver")).toMatchObject({
      outcome: "failed",
      finding: expect.stringMatching(/^nvidia-smi fails: NVIDIA-SMI has failed because/),
    });
    expect(of("artifact")).toMatchObject({ outcome: "failed", finding: expect.stringContaining("manifest.json") });
  });

  it("prints a line each, with what to do below it", async () => {
    const PATH = await pathWith(null);
    const flags = ["--instance-type", "ml.t3.large"];
    const { exitCode, stdout } = await runStygig(["doctor", "--offline", ...flags], "", { env: { PATH } });
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(
      /^failed {3}instance type {2}SageMaker has no ml\.t3\.large for sync\n +-> see `stygig deploy plan`$/m,
    );
  });

  it("tells every problem of its flags and exits with 2", async () => {
    const env = { AWS_REGION: "", AWS_DEFAULT_REGION: "" };
    const { exitCode, stdout, stderr } = await runStygig(["doctor", "--mode", "fast"], "", { env });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toMatch(/^stygig: --region is missing.*\nstygig: --mode must be sync, async, serverless or batch/);
  });
});
