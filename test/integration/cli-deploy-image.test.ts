import type { ChildProcess } from "node:child_process";
import { beforeEach, describe, expect, it } from "vitest";
import { aFolder } from "../support/a-folder.js";
import { type AwsFront, frontAccount, registryPassword, startAwsFront } from "../support/aws-front.js";
import { type FakeAws, startFakeAws } from "../support/fake-aws.js";
import { type FakeDocker, installFakeDocker } from "../support/fake-docker.js";
import { testIdentity } from "../support/object-store.js";
import { projectFolder, readProjectFile } from "../support/project-files.js";
import { runStygig } from "../support/run-stygig.js";
import { makeUploadStore } from "../support/upload-store.js";

const digest = `sha256:${"d".repeat(64)}`;
const { version } = JSON.parse(readProjectFile("package.json"));
const imageUri = `${frontAccount}.dkr.ecr.us-east-1.amazonaws.com/stygig:${version}-cpu`;
const dockerManifest = "application/vnd.docker.distribution.manifest.v2+json";

let aws: FakeAws;
let front: AwsFront;
beforeEach(async () => {
  aws = await startFakeAws();
  front = await startAwsFront(aws, makeUploadStore({}).listen);
  aws.world.images.set(`stygig:${version}-cpu`, digest);
  aws.world.imageTypes.set(`stygig:${version}-cpu`, dockerManifest);
  return () => aws.close();
});

const aDocker = async (behavior = {}) =>
  installFakeDocker(await aFolder(), { password: registryPassword, digest, ...behavior });

type Settings = Readonly<{ path?: string; onStart?: (child: ChildProcess) => Promise<void> }>;

function image(parameters: readonly string[], { path = "/nonexistent", onStart }: Settings = {}) {
  return runStygig(["deploy", "image", ...parameters], "", {
    ...(onStart === undefined ? {} : { onStart }),
    env: {
      ...{ PATH: path, AWS_ENDPOINT_URL: front.url, AWS_REGION: "us-east-1" },
      ...{ AWS_ACCESS_KEY_ID: testIdentity.accessKeyId, AWS_SECRET_ACCESS_KEY: testIdentity.secretAccessKey },
      ...{ AWS_CONFIG_FILE: "/nonexistent", AWS_SHARED_CREDENTIALS_FILE: "/nonexistent" },
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    },
  });
}

const cpu = ["--target", "cpu"];
const lastOf = async (docker: FakeDocker) => (await docker.calls()).at(-1)?.parameters ?? [];

describe("stygig deploy image", () => {
  it("makes the repository, logs in, builds and pushes, and sees that it is there", async () => {
    const docker = await aDocker();
    const { exitCode, stdout, stderr } = await image(cpu, { path: docker.folder });
    expect([exitCode, stdout], stderr).toEqual([0, `${imageUri.replace(/:[^:]*$/, "")}@${digest}\n`]);
    expect(front.repositories.get("stygig")).toMatchObject({ imageScanningConfiguration: { scanOnPush: true } });
    const calls = await docker.calls();
    expect(calls.map(({ parameters }) => parameters.slice(0, 2).join(" "))).toEqual([
      "buildx version",
      "login --username",
      "buildx build",
    ]);
    expect(calls[1]).toEqual({
      parameters: ["login", "--username", "AWS", "--password-stdin", imageUri.split("/")[0]],
      stdin: registryPassword,
    });
    expect(stderr + stdout + JSON.stringify(calls.map(({ parameters }) => parameters))).not.toContain(registryPassword);
    const again = await image([...cpu, "--json", "--account-id", frontAccount], { path: docker.folder });
    expect(JSON.parse(again.stdout)).toEqual({ imageUri, repository: "same", digest, mediaType: dockerManifest });
  });

  it("builds with the line that the Dockerfile gives", async () => {
    const docker = await aDocker();
    await image(cpu, { path: docker.folder });
    const [, documented] = /^# +docker (buildx build .*)$/m.exec(readProjectFile("Dockerfile"))!;
    const parameters = await lastOf(docker);
    expect(parameters.slice(0, documented!.split(" ").length)).toEqual(documented!.split(" "));
    expect(parameters).toEqual(expect.arrayContaining(["--target", "cpu", "--tag", imageUri]));
    expect(parameters.at(-1)).toBe(projectFolder);
  });

  it("prints every line and call and does none of them with --dry-run", async () => {
    const { exitCode, stdout, stderr } = await image([...cpu, "--dry-run"]);
    expect([exitCode, stderr, front.host.seen]).toEqual([0, "", []]);
    expect(stdout.trim().split("\n")).toEqual([
      "docker buildx version",
      "sts GetCallerIdentity {}",
      'ecr DescribeRepositories {"repositoryNames":["stygig"]}',
      expect.stringMatching(/^ecr CreateRepository .*"scanOnPush":true.* \(repository absent\)$/),
      "ecr GetAuthorizationToken {}",
      "docker login --username AWS --password-stdin ACCOUNT.dkr.ecr.us-east-1.amazonaws.com",
      expect.stringMatching(
        /^docker buildx build --platform linux\/amd64 --provenance=false .* --target cpu --tag ACCOUNT/,
      ),
      expect.stringMatching(/^ecr DescribeImages /),
    ]);
    const arm = ["--platform", "linux/arm64", "--account-id", "210987654321", "--repository", "shop/looks", "--json"];
    const { imageUri: other, steps } = JSON.parse((await image([...cpu, ...arm, "--dry-run"])).stdout);
    expect(other).toBe(`210987654321.dkr.ecr.us-east-1.amazonaws.com/shop/looks:${version}-cpu-arm64`);
    expect(steps).toHaveLength(7);
  });

  it("says in one line that docker is missing, or its buildx, before AWS is asked anything", async () => {
    const missing = await image(cpu);
    expect([missing.exitCode, missing.stdout]).toEqual([1, ""]);
    expect(missing.stderr).toMatch(/^stygig: docker is not on the PATH: [^\n]*\n$/);
    const old = await image(cpu, { path: (await aDocker({ hasBuildx: false })).folder });
    expect([old.exitCode, old.stderr]).toEqual([1, expect.stringContaining("stygig: docker has no buildx")]);
    expect(front.host.seen).toEqual([]);
  });

  it.each([
    [{ password: "another" }, /stygig: docker could not log in to \S+: docker login --username ended with 1\n$/],
    [
      { fails: true },
      /stygig: the image was not built and pushed, for the reason above: docker buildx build ended with 1\n$/,
    ],
    [
      { digest: `sha256:${"e".repeat(64)}` },
      /stygig: \S+ is sha256:d+, not sha256:e+: somebody else has pushed there\n$/,
    ],
    [{ digest: null }, /stygig: docker does not say which digest it has pushed: its buildx is too old\n$/],
  ])("fails with one line of its own below docker's: %j", async (behavior, line) => {
    const { exitCode, stdout, stderr } = await image(cpu, { path: (await aDocker(behavior)).folder });
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(line);
  });

  it("fails where ECR holds what SageMaker would refuse", async () => {
    aws.world.imageTypes.set(`stygig:${version}-cpu`, "application/vnd.oci.image.index.v1+json");
    const { exitCode, stderr } = await image(cpu, { path: (await aDocker()).folder });
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringContaining("is a application/vnd.oci.image.index.v1+json, which"),
    ]);
    aws.world.images.clear();
    expect((await image(cpu, { path: (await aDocker()).folder })).stderr).toContain("is not in the repository after");
  });

  it("ends docker with itself when it is interrupted", async () => {
    const docker = await aDocker({ hangs: true });
    const { exitCode, stdout, stderr } = await image(cpu, {
      path: docker.folder,
      onStart: async (child) => {
        await expect.poll(() => lastOf(docker), { timeout: 30_000 }).toEqual(["building"]);
        child.kill("SIGINT");
      },
    });
    expect([exitCode, stdout]).toEqual([130, ""]);
    expect(stderr).toContain("context canceled\nstygig: interrupted\n");
  });

  it("names every problem at once and exits with 2", async () => {
    const wrong = [
      "--repository",
      "A/b",
      "--account-id",
      "12",
      "--platform",
      "windows/amd64",
      "--context",
      "/nonexistent",
    ];
    const { exitCode, stderr } = await image(wrong);
    expect(exitCode).toBe(2);
    expect(stderr.match(/--[a-z-]+/g)).toEqual(
      expect.arrayContaining(["--target", "--repository", "--account-id", "--platform", "--context"]),
    );
    const gpu = await image(["--target", "gpu", "--platform", "linux/arm64"]);
    expect([gpu.exitCode, gpu.stderr]).toEqual([2, expect.stringContaining("built for amd64 alone")]);
  });
});
