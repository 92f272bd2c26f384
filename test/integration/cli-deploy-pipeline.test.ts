import type { ChildProcess } from "node:child_process";
import { copyFile, cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { aFolder } from "../support/a-folder.js";
import { startAwsFront } from "../support/aws-front.js";
import { startEndpointFront } from "../support/endpoint-front.js";
import { type FakeAws, startFakeAws } from "../support/fake-aws.js";
import { testIdentity } from "../support/object-store.js";
import { runStygig } from "../support/run-stygig.js";
import { type ServerProcess, startProcess } from "../support/server-process.js";
import { tinyPicture, writeTinyArtifact } from "../support/tiny-artifact.js";
import { makeUploadStore, type UploadStore } from "../support/upload-store.js";

// From pictures to an endpoint and away again: AWS over the wire, and behind the endpoint's name the built server itself.

let images: string;
let encoder: string;
let artifact: string;
let server: ServerProcess;
let serverUrl: string;
let aws: FakeAws;
let store: UploadStore;

beforeAll(async () => {
  const folder = await aFolder();
  await writeTinyArtifact(folder);
  [images, encoder, artifact] = [join(folder, "images"), join(folder, "encoder"), join(folder, "built")];
  // As the pipeline builds, so that what it builds is what the server has.
  const built = await runStygig(["catalog", "build", "--images", images, "--encoder", encoder, "--out", artifact]);
  expect(built.exitCode, built.stderr).toBe(0);
  server = startProcess({ STYGIG_MODEL_DIR: artifact });
  await server.until("server_ready");
  const { port } = await server.until("server_listening");
  serverUrl = `http://127.0.0.1:${port}`;
});
afterAll(async () => {
  server.child.kill("SIGKILL");
  await server.ended;
});
beforeEach(async () => {
  aws = await startFakeAws();
  aws.world.images.set("stygig:0.1.0-cpu", `sha256:${"a".repeat(64)}`);
  store = makeUploadStore({ models: "us-east-1", far: "eu-west-1" });
  return () => aws.close();
});

const place = ["--endpoint-name", "look", "--bucket-uri", "s3://models/looks", "--instance-type", "ml.c7i.xlarge"];

async function pipeline(parameters: readonly string[], onStart?: (child: ChildProcess) => Promise<void>) {
  const all = await startAwsFront(aws, store.listen);
  const endpoint = await startEndpointFront({ endpoints: { look: { AllTraffic: serverUrl } } });
  return runStygig(["deploy", "pipeline", ...place, ...parameters], "", {
    ...(onStart === undefined ? {} : { onStart }),
    env: {
      ...{ AWS_ENDPOINT_URL: all.url, AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: endpoint.sdk.endpoint },
      ...{ AWS_ACCESS_KEY_ID: testIdentity.accessKeyId, AWS_SECRET_ACCESS_KEY: testIdentity.secretAccessKey },
      ...{ AWS_CONFIG_FILE: "/nonexistent", AWS_SHARED_CREDENTIALS_FILE: "/nonexistent", AWS_REGION: "us-east-1" },
      ...{ SAGEMAKER_ROLE: "arn:aws:iam::123456789012:role/look" },
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    },
  });
}

/** A copy, for what is packed lies beside it. */
async function anArtifact(): Promise<string> {
  const folder = join(await aFolder(), "artifact");
  await cp(artifact, folder, { recursive: true });
  return folder;
}

const serving = () => aws.script({ status: "InService" });
const left = () => [aws.world.models.size, aws.world.configs.size, aws.world.endpoints.size, aws.world.targets.size];
const stepsOf = (stdout: string) =>
  (JSON.parse(stdout).steps as readonly Readonly<{ step: string; outcome: string }>[]).map(
    ({ step, outcome }) => `${step}: ${outcome}`,
  );

describe("stygig deploy pipeline", () => {
  it("packs, uploads, deploys, asks, takes everything away, and repeats nothing that is done", async () => {
    const folder = await anArtifact();
    serving();
    const first = await pipeline(["--artifact", folder]);
    expect([first.exitCode, first.stdout], first.stderr).toEqual([
      0,
      expect.stringMatching(
        /^look answered as its artifact does, and is taken away again; s3:\/\/models\/looks\/[0-9a-f]{16}\/model\.tar\.gz\n$/,
      ),
    ]);
    expect(first.stderr).toContain("verified: 4 answers are those of the artifact\n");
    for (const step of ["look", "pack", "upload", "deploy", "verify", "take away"]) {
      expect(first.stderr).toMatch(new RegExp(`^${step}: done, `, "m"));
    }
    expect(left()).toEqual([0, 0, 0, 0]);
    const requests = store.seen.length;
    serving();
    const second = await pipeline(["--artifact", folder, "--json"]);
    expect(stepsOf(second.stdout)).toEqual([
      ...["look: done", "pack: there already", "upload: there already"],
      ...["deploy: done", "verify: done", "take away: done"],
    ]);
    expect(store.seen.slice(requests).filter((kind) => /^(PUT|POST)/.test(kind))).toEqual([]);
    expect([store.objects.size, ...left()]).toEqual([1, 0, 0, 0, 0]);
  });

  it("builds from pictures once, and again when they change", async () => {
    const work = await aFolder();
    const [photos, built] = [join(work, "photos"), join(work, "artifact")];
    await cp(images, photos, { recursive: true });
    const parameters = ["--images", photos, "--encoder", encoder, "--artifact", built, "--json"];
    const outcomes: string[] = [];
    for (const change of [null, null, "picture"]) {
      if (change !== null) await writeFile(join(photos, "upperwear/shirt/9.png"), tinyPicture([9, 9, 9], 40));
      serving();
      const { exitCode, stdout, stderr } = await pipeline([...parameters, ...(change === null ? [] : ["--no-verify"])]);
      expect(exitCode, stderr).toBe(0);
      outcomes.push(stepsOf(stdout).slice(1, 4).join(", "));
    }
    expect(outcomes).toEqual([
      "build: done, pack: done, upload: done",
      "build: there already, pack: there already, upload: there already",
      "build: done, pack: done, upload: done",
    ]);
    expect([store.objects.size, ...left()]).toEqual([2, 0, 0, 0, 0]);
  });

  it("leaves the endpoint with --keep, and never takes away one that it found", async () => {
    const folder = await anArtifact();
    serving();
    const kept = await pipeline(["--artifact", folder, "--keep"]);
    expect([kept.exitCode, kept.stdout]).toEqual([0, expect.stringContaining("does, and stays;")]);
    expect(kept.stderr).toContain("stygig deploy teardown --endpoint-name look --region us-east-1\n");
    const again = await pipeline(["--artifact", folder, "--keep", "--json"]);
    expect(stepsOf(again.stdout)).toContain("deploy: there already");
    const changes = aws.changes().length;
    const refused = await pipeline(["--artifact", folder]);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toMatch(/^failed: look\nstygig: endpoint look is there already, [^\n]*--keep[^\n]*\n$/);
    expect([aws.changes().length, aws.world.endpoints.size]).toEqual([changes, 1]);
  });

  it("says at which step it failed, and leaves nothing", async () => {
    const folder = await anArtifact();
    store.fail("PUT object", { status: 403, name: "AccessDenied" });
    const atUpload = await pipeline(["--artifact", folder, "--json"]);
    expect(atUpload.exitCode).toBe(1);
    expect(atUpload.stderr).toContain("failed: upload\nstygig: AccessDenied: ");
    expect([JSON.parse(atUpload.stdout).failed, stepsOf(atUpload.stdout).at(-1)]).toEqual(["upload", "upload: failed"]);
    expect([aws.changes(), store.uploads.size]).toEqual([[], 0]);
    aws.script({ status: "Failed", reason: "No capacity of ml.c7i.xlarge" });
    const atDeploy = await pipeline(["--artifact", folder, "--keep"]);
    expect([atDeploy.exitCode, atDeploy.stdout]).toEqual([1, ""]);
    expect(atDeploy.stderr).toMatch(/^failed: deploy\nstygig: failed at CreateEndpoint look .*No capacity/m);
    expect(left()).toEqual([0, 0, 0, 0]);
  });

  it("takes away what answers otherwise, even with --keep, but not with --keep-on-failure", async () => {
    const other = await writeTinyArtifact(await aFolder(), { preprocess: "clip-fast-56" });
    serving();
    const { exitCode, stderr } = await pipeline(["--artifact", other, "--keep"]);
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/^failed: verify\nstygig: another answer than/m)]);
    expect(left()).toEqual([0, 0, 0, 0]);
    serving();
    const kept = await pipeline(["--artifact", other, "--keep-on-failure", "--json"]);
    expect([kept.exitCode, JSON.parse(kept.stdout).kept, aws.world.endpoints.size]).toEqual([1, true, 1]);
    const updated = await pipeline(["--artifact", other, "--keep"]);
    expect([updated.exitCode, aws.world.endpoints.size]).toEqual([1, 1]);
    expect(updated.stderr).toContain("stygig: `stygig deploy rollback` goes back to the configuration before\n");
  });

  it("tells what it could not take away, and with what to try again", async () => {
    serving();
    aws.fail("DeleteEndpoint", { name: "AccessDeniedException", message: "not you" }, 9);
    const { exitCode, stderr } = await pipeline(["--artifact", await anArtifact()]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^failed: take away\nstygig: left: DeleteEndpoint look: AccessDeniedException: not you$/m);
    expect(stderr).toContain("once more: stygig deploy teardown --endpoint-name look --region us-east-1\n");
  });

  it.each(["upload", "deploy"])("ends with 130 and nothing left when it is interrupted during %s", async (step) => {
    if (step === "upload") store.fail("PUT object", "hangs");
    aws.script(...Array(50).fill({ status: "Creating" }));
    const { exitCode, stderr } = await pipeline(["--artifact", await anArtifact()], async (child) => {
      const isReached = () => (step === "upload" ? store.seen.includes("PUT object") : aws.world.endpoints.size === 1);
      await expect.poll(isReached, { timeout: 30_000 }).toBe(true);
      child.kill("SIGINT");
      if (step === "upload") return;
      // Putting things back waits until the endpoint rests.
      await expect
        .poll(() => aws.world.endpoints.get("look")?.moments.length ?? 0, { timeout: 30_000 })
        .toBeLessThan(50);
      aws.world.endpoints.get("look")?.moments.splice(0, 50, { status: "InService" });
    });
    expect([exitCode, store.objects.size], stderr).toEqual([130, step === "upload" ? 0 : 1]);
    expect(stderr).toContain(`failed: ${step}\n`);
    expect(left()).toEqual([0, 0, 0, 0]);
  });

  it("is refused before anything is built where bucket or image would stop it later", async () => {
    aws.world.images.clear();
    const { exitCode, stderr } = await pipeline(["--artifact", await anArtifact(), "--bucket-uri", "s3://far"]);
    expect([exitCode, aws.changes(), store.objects.size]).toEqual([1, [], 0]);
    expect(stderr.split("\n").slice(1, -1)).toEqual([
      expect.stringContaining("`stygig deploy image`"),
      "stygig: --bucket-uri: bucket far is in eu-west-1, and endpoints in us-east-1 read buckets of their own region alone",
    ]);
  });

  it("packs anew what is packed no more as it was", async () => {
    const folder = await anArtifact();
    await copyFile(join(folder, "items.jsonl"), `${folder}.model.tar.gz`);
    serving();
    const { exitCode, stdout } = await pipeline(["--artifact", folder, "--no-verify", "--json"]);
    expect([exitCode, stepsOf(stdout)[1]]).toEqual([0, "pack: done"]);
    await writeFile(join(folder, "items.jsonl"), "{}\n");
    await writeFile(`${folder}.model.tar.gz`, "");
    const broken = await pipeline(["--artifact", folder]);
    expect([broken.exitCode, broken.stderr]).toEqual([
      1,
      expect.stringMatching(/failed: pack\nstygig: [^\n]*items\.jsonl/),
    ]);
  });

  it.each([
    ["async", ["--s3-output-path", "s3://results/looks"], "CreateEndpoint"],
    ["serverless", ["--memory-mb", "4096"], "4096"],
  ])("plans %s endpoints by the flags of their own command", async (mode, flags, word) => {
    const parameters = [
      "--endpoint-name",
      "look",
      "--bucket-uri",
      "s3://models",
      "--artifact",
      artifact,
      "--mode",
      mode,
    ];
    const { exitCode, stdout, stderr } = await runStygig(
      ["deploy", "pipeline", ...parameters, ...flags, "--dry-run", "--json"],
      "",
      {
        env: { AWS_REGION: "us-east-1", SAGEMAKER_ROLE: "arn:aws:iam::123456789012:role/look" },
      },
    );
    expect(exitCode, stderr).toBe(0);
    const { steps, plan } = JSON.parse(stdout);
    expect([steps.length, plan.mode]).toEqual([5, mode]);
    expect(stdout).toContain(word);
    expect(stdout).toContain("s3://models/0000000000000000/model.tar.gz");
  });

  it("names every problem at once, and shows everything without network with --dry-run", async () => {
    const wrong = ["--mode", "serverless", "--bucket-uri", "models", "--rules", "none.json", "--timeout-minutes", "0"];
    const { exitCode, stderr } = await pipeline(wrong);
    expect(exitCode).toBe(2);
    for (const flag of ["--instance-type", "--bucket-uri", "--images", "--rules", "--timeout-minutes"]) {
      expect(stderr).toMatch(new RegExp(`^stygig: ${flag} `, "m"));
    }
    const shown = await pipeline(["--images", images, "--dry-run"]);
    expect(shown.stdout).toMatch(/^1\. build artifact from [^\n]*\n2\. pack [^\n]*\n3\. upload[^\n]*\n4\. deploy look/);
    expect(shown.stdout).toContain("6. take it away again\n");
    expect(shown.stdout).toContain("CreateEndpoint");
    expect([shown.exitCode, aws.received, store.seen]).toEqual([0, [], []]);
  });
});
