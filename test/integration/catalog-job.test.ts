import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { planCatalogJob } from "../../deploy/calls-catalog-job.js";
import { parseCatalogJob } from "../../deploy/catalog-job-spec.js";
import { validateCall } from "../../deploy/models/validate-call.js";
import type { PlannedCall } from "../../deploy/planned-call.js";
import { runCatalogJob } from "../../deploy/run-catalog-job.js";
import { aBuild, aPictureFolder } from "../support/a-catalog-build.js";
import { aFolder } from "../support/a-folder.js";
import { aClock, senderTo } from "../support/apply-to.js";
import { type FakeAws, startFakeAws } from "../support/fake-aws.js";
import { runStygig } from "../support/run-stygig.js";

const env = { AWS_REGION: "us-east-1", SAGEMAKER_ROLE: "arn:aws:iam::123456789012:role/look" };
const least = { "images-uri": "s3://photos/train", "output-uri": "s3://catalogs/today/" };

function aJob(flags: Parameters<typeof parseCatalogJob>[0] = {}) {
  const spec = parseCatalogJob({ ...least, ...flags }, { env, version: "1.2.3" });
  if ("problems" in spec) throw new Error(spec.problems.join("; "));
  return planCatalogJob(spec.value);
}

let aws: FakeAws;
beforeEach(async () => {
  aws = await startFakeAws();
});
afterEach(() => aws.close());

async function run(plan = aJob()) {
  const sender = senderTo(aws);
  const [{ now, sleep, slept }, lines]: [ReturnType<typeof aClock>, string[]] = [aClock(), []];
  const outcome = await runCatalogJob({ send: sender.send, now, sleep, tell: (line) => void lines.push(line) }, plan);
  sender.close();
  return { outcome, lines, slept };
}

describe("a catalog job", () => {
  it("is two calls that AWS's own model takes, with any flags", () => {
    const all = {
      "encoder-uri": "s3://models/clip",
      thumbnails: "320",
      precision: "fp32",
      run: "2026-11-21",
      tag: ["a=b"],
    };
    const elsewhere = { "items-uri": "s3://photos/items.csv", "fetch-images": "cdn.example.com" };
    for (const flags of [
      {},
      elsewhere,
      { ...elsewhere, "images-uri": undefined },
      { ...all, "instance-count": "100", "volume-gb": "500", "image-uri": "x:y" },
    ]) {
      const { see, build } = aJob(flags);
      expect([see, build].flatMap(validateCall)).toEqual([]);
    }
  });

  it("with items deals out the pictures of a bucket, and lets each machine choose those at URLs", () => {
    const items = "s3://photos/items today.csv";
    const dealt = aJob({ "items-uri": items });
    expect(dealt.see.input).toMatchObject({
      AppSpecification: { ContainerArguments: expect.not.arrayContaining(["--shard"]) },
      ProcessingInputs: [
        { S3Input: { S3DataDistributionType: "ShardedByS3Key" } },
        {
          S3Input: {
            S3Uri: items,
            LocalPath: "/opt/ml/processing/input/items",
            S3DataDistributionType: "FullyReplicated",
          },
        },
      ],
    });
    const chosen = aJob({ "items-uri": items, "fetch-images": "cdn.example.com" });
    expect(chosen.see.input).toMatchObject({
      AppSpecification: {
        ContainerArguments: expect.arrayContaining(["--shard", "/opt/ml/config/resourceconfig.json"]),
      },
      ProcessingInputs: [{ S3Input: { S3DataDistributionType: "FullyReplicated" } }, {}],
    });
    const fetched = aJob({ "items-uri": items, "fetch-images": "cdn.example.com", "images-uri": undefined });
    for (const { input } of [fetched.see, fetched.build]) {
      const { ContainerArguments } = input.AppSpecification as Readonly<{ ContainerArguments: readonly string[] }>;
      expect(ContainerArguments).toEqual(
        expect.arrayContaining(["--items", "/opt/ml/processing/input/items/items today.csv"]),
      );
      expect(ContainerArguments).not.toContain("--images");
    }
  });

  it("sees by parts and builds from the whole, the second after the first", async () => {
    aws.script({ status: "InProgress" }, { status: "InProgress" }, { status: "Completed" });
    const plan = aJob({ "instance-count": "4" });
    const { outcome, slept } = await run(plan);
    expect(outcome).toEqual({ kind: "done", modelUri: "s3://catalogs/today/model.tar.gz" });
    expect(aws.changes()).toEqual(["CreateProcessingJob", "CreateProcessingJob"]);
    const [see, build] = [...aws.world.jobs.values()];
    expect(see).toMatchObject({
      ProcessingResources: { ClusterConfig: { InstanceCount: 4 } },
      ProcessingInputs: [{ S3Input: { S3Uri: "s3://photos/train/", S3DataDistributionType: "ShardedByS3Key" } }],
      ProcessingOutputConfig: { Outputs: [{ S3Output: { S3Uri: "s3://catalogs/today/cache/" } }] },
    });
    expect(build).toMatchObject({ ProcessingResources: { ClusterConfig: { InstanceCount: 1 } } });
    expect(Math.max(...slept)).toBeLessThanOrEqual(30_000);
  });

  it("that is done or under way is not started again; another run is", async () => {
    await run();
    const { outcome, lines } = await run();
    expect([outcome.kind, aws.changes().length]).toEqual(["done", 2]);
    expect(lines.filter((line) => line.startsWith("there already"))).toHaveLength(2);
    await run(aJob({ run: "2" }));
    expect(aws.changes()).toHaveLength(4);
  });

  it("that fails is told with AWS's reason, and the second is not begun", async () => {
    aws.script({ status: "Failed", reason: "AlgorithmError: exit code 1" });
    expect((await run()).outcome).toMatchObject({ kind: "failed", reason: "AlgorithmError: exit code 1" });
    expect(aws.changes()).toHaveLength(1);
  });

  it.each([
    ["folders", false],
    ["items", true],
  ])("of %s runs for real: its containers make the catalog that one machine would make", async (_name, hasItems) => {
    const images = await aPictureFolder(3);
    const options = await aBuild(images);
    const alone = [
      "--images",
      images,
      "--encoder",
      options.encoderFolder,
      "--precision",
      "fp32",
      "--out",
      options.outFolder,
    ];
    const work = await aFolder();
    const itemsFolder = join(work, "items");
    await mkdir(itemsFolder);
    const ids = ["upperwear/shirt/0", "footwear/heels/1", "footwear/heels/2"];
    await writeFile(join(itemsFolder, "today.csv"), ["id,title", ...ids.map((id) => `${id},x`)].join("\n"));
    const withItems = hasItems ? ["--items", join(itemsFolder, "today.csv")] : [];
    const digest = (await runStygig(["catalog", "build", ...alone, ...withItems])).stdout.slice(0, 64);
    const items = hasItems ? { "items-uri": "s3://photos/today.csv" } : {};
    const { see, build } = aJob({ "encoder-uri": "s3://models/tiny", precision: "fp32", ...items });
    const cache = join(work, "cache");
    // The places in the container, as they are here.
    const place = (word: string, output: string) =>
      word
        .replace("/opt/ml/processing/input/images", images)
        .replace("/opt/ml/processing/input/items", itemsFolder)
        .replace("/opt/ml/processing/input/encoder", options.encoderFolder)
        .replace("/opt/ml/processing/input/cache", cache)
        .replace("/opt/ml/processing/output", output)
        .replace("/tmp/artifact", join(work, "artifact"));
    const contained = (call: PlannedCall, output: string) => {
      const { ContainerArguments } = call.input.AppSpecification as Readonly<{ ContainerArguments: readonly string[] }>;
      return runStygig(ContainerArguments.map((word) => place(word, output)));
    };
    const seen = await contained(see, cache);
    expect(seen.exitCode, seen.stderr).toBe(0);
    const out = join(work, "out");
    await mkdir(out);
    const built = await contained(build, out);
    expect([built.exitCode, await readdir(out)], built.stderr).toEqual([0, ["model.tar.gz"]]);
    expect(built.stderr).toContain(`${hasItems ? 3 : 9} pictures were known from --cache`);
    expect(built.stdout).toContain(digest);
    const inspected = await runStygig(["catalog", "inspect", join(out, "model.tar.gz"), "--json"]);
    expect(inspected.stdout).toContain(digest);
  });
});

describe("stygig catalog job", () => {
  it("shows its calls without network or credentials", async () => {
    const flags = ["--images-uri", "s3://photos/train/", "--output-uri", "s3://catalogs/today/"];
    const { exitCode, stdout } = await runStygig(["catalog", "job", ...flags, "--dry-run"], "", { env });
    expect([exitCode, JSON.parse(stdout).modelUri]).toEqual([0, "s3://catalogs/today/model.tar.gz"]);
  });

  it("says every problem at once", async () => {
    const flags = ["--images-uri", "photos", "--instance-type", "ml.nothing", "--instance-count", "0"];
    const { exitCode, stderr } = await runStygig(["catalog", "job", ...flags], "", { env });
    expect([exitCode, stderr.trim().split("\n").length]).toEqual([2, 4]);
    const more = ["--images-uri", "s3://photos", "--output-uri", "s3://out", "--items-uri", "s3://photos/items/"];
    const told = (await runStygig(["catalog", "job", ...more, "--fetch-images", "*"], "", { env })).stderr;
    expect(told.trim().split("\n")).toEqual([
      'stygig: --items-uri must be s3://bucket/key, not "s3://photos/items/"',
      "stygig: --fetch-images must be hosts with commas between",
    ]);
  });
});
