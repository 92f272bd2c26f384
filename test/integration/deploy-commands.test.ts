import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { projectFolder } from "../support/project-files.js";

const least = ["--endpoint-name", "look", "--model-uri", "s3://models/look.tar.gz"];
const role = "arn:aws:iam::123456789012:role/look";

/** Without HOME, network or credentials: a plan needs none of them. */
function deploy(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["bin/stygig", "deploy", ...args], {
    cwd: projectFolder,
    env: { HOME: "/nonexistent", AWS_REGION: "us-east-1", SAGEMAKER_ROLE: role, ...env },
    encoding: "utf8",
  });
  return { status, stdout, lines: stderr.trim().split("\n") };
}

describe("deploy --dry-run", () => {
  it("shows each call in a table, and beside it what its names are worth", () => {
    const { status, stdout, lines } = deploy(["sync", ...least, "--instance-type", "ml.c7i.xlarge", "--dry-run"]);
    expect(status).toBe(0);
    for (const word of [
      "CreateModel",
      "1 x ml.c7i.xlarge",
      "UpdateEndpoint (endpoint present)",
      "600000 microseconds",
    ]) {
      expect(stdout).toContain(word);
    }
    expect(lines).toEqual([
      expect.stringContaining("nothing is sent. Names hold a digest of what is given here"),
      expect.stringContaining("not scaled"),
      expect.stringContaining("the quota must hold 2"),
    ]);
  });

  it("has the same calls as JSON on stdout and nothing else anywhere", () => {
    const args = ["serverless", ...least, "--dry-run", "--json"];
    const { status, stdout, lines } = deploy(args);
    expect(status).toBe(0);
    const plan = JSON.parse(stdout);
    expect(plan).toMatchObject({ mode: "serverless", name: "look", region: "us-east-1" });
    expect(plan.calls.map(({ when, operation }: Record<string, string>) => `${when} ${operation}`)).toContain(
      "endpoint absent CreateEndpoint",
    );
    expect(lines).toEqual([""]);
    expect(deploy(args).stdout).toBe(stdout);
  });

  it("has the planner choose, and says why", () => {
    const args = ["sync", ...least, "--dry-run", "--rps", "5", "--p95-ms", "500", "--gpu", "never"];
    const { status, stdout, lines } = deploy(args);
    expect(status, lines.join("\n")).toBe(0);
    expect(stdout).toMatch(/\d+ x ml\./);
    expect(lines).toEqual(
      expect.arrayContaining([expect.stringMatching(/^note: auto: \d+ x ml\.\S+ \((estimated|measured)\)/)]),
    );
    const refused = deploy(["sync", ...least, "--dry-run", "--rps", "5", "--budget-usd", "1"]);
    expect(refused.status).toBe(2);
    expect(refused.lines).toEqual([expect.stringContaining("--instance-type auto")]);
  });
});

describe("deploy", () => {
  it("names every problem at once and exits with 2", () => {
    const { status, stdout, lines } = deploy(["async", "--endpoint-name", "a_b", "--instance-count", "none"], {
      AWS_REGION: "",
      SAGEMAKER_ROLE: "",
    });
    expect(status).toBe(2);
    expect(stdout).toBe("");
    expect(lines.map((line) => /--[a-z0-9-]+/.exec(line)?.[0])).toEqual(
      expect.arrayContaining([
        "--instance-count",
        "--endpoint-name",
        "--region",
        "--role-arn",
        "--model-uri",
        "--s3-output-path",
      ]),
    );
  });

  it("takes region and role from the profile that is named, and names one that is not there", () => {
    const env = { AWS_REGION: "", SAGEMAKER_ROLE: "", AWS_CONFIG_FILE: "test/support/aws-config.ini" };
    const args = ["serverless", ...least, "--dry-run", "--json"];
    const { status, stdout, lines } = deploy([...args, "--profile", "looks"], env);
    expect(status, lines.join("\n")).toBe(0);
    expect(JSON.parse(stdout).region).toBe("eu-central-1");
    expect(stdout).toContain("210987654321.dkr.ecr.eu-central-1.amazonaws.com/stygig:");
    const unknown = deploy([...args, "--profile", "nobody"], env);
    expect(unknown.status).toBe(2);
    expect(unknown.lines).toEqual([expect.stringContaining("--profile nobody is in no AWS configuration file")]);
  });
});
