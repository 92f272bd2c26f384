import { cp, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { aBuild, aPictureFolder, readFiles } from "../support/a-catalog-build.js";
import { aFolder } from "../support/a-folder.js";
import { buildCatalog } from "../support/compiled-catalog.js";
import { startHost } from "../support/image-host.js";
import { runStygig } from "../support/run-stygig.js";

let images: string;
let encoder: string;
let alone: ReadonlyMap<string, Buffer>;
let digest: string;
beforeAll(async () => {
  images = await aPictureFolder(3);
  const options = await aBuild(images, { index: "none", precision: "fp32", thumbnails: 32 });
  encoder = options.encoderFolder;
  digest = (await buildCatalog(options)).artifact.digest;
  alone = await readFiles(options.outFolder);
});

/** What the platform lays out for a job; the model's folder is a mount there. */
let root: string;
beforeEach(async () => {
  root = await aFolder();
  await mkdir(join(root, "model"));
  await mkdir(join(root, "input/data"), { recursive: true });
  await cp(images, join(root, "input/data/training"), { recursive: true });
  await cp(encoder, join(root, "input/data/encoder"), { recursive: true });
  await say("hyperparameters.json", usual);
});

const usual = { precision: "fp32", thumbnails: "32", index: "none" };

async function say(name: string, value: unknown): Promise<void> {
  const file = join(root, "input/config", name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, typeof value === "string" ? value : JSON.stringify(value));
}

const train = (env: Readonly<Record<string, string>> = {}, ...more: readonly string[]) =>
  runStygig(["train", ...more, "--root", root], "", { env });
const failure = () => readFile(join(root, "output/failure"), "utf8").catch(() => null);

describe("a training job", () => {
  test("makes the catalog that the command makes, in the folder that is there", async () => {
    const { ino } = await stat(join(root, "model"));
    const { exitCode, stdout, stderr } = await train({}, "train", "--some-flag");
    expect([exitCode, stdout], stderr).toEqual([0, `${digest}  ${root}/model\n`]);
    expect(await readFiles(join(root, "model"))).toEqual(alone);
    expect((await stat(join(root, "model"))).ino).toBe(ino);
    expect(await failure()).toBeNull();
  });

  test("takes hyperparameters as the Python SDK writes them, and passes over the SDK's own", async () => {
    const encoded = { precision: '"fp32"', thumbnails: 32, index: '"none"', "index-memory-gb": "1.5" };
    await say("hyperparameters.json", { ...encoded, sagemaker_program: '"train.py"', _tuning_objective_metric: "x" });
    const { exitCode, stdout, stderr } = await train();
    expect([exitCode, stdout.slice(0, 64)], stderr).toEqual([0, digest]);
  });

  test("takes items from a channel of their own", async () => {
    await mkdir(join(root, "input/data/items"));
    await writeFile(join(root, "input/data/items/today.csv"), "id,title\nfootwear/heels/0,Heels\n");
    const { exitCode, stderr } = await train();
    expect([exitCode, stderr], stderr).toEqual([0, expect.stringContaining(": 1 items in 1 categories")]);
    await writeFile(join(root, "input/data/items/other.jsonl"), "");
    expect((await train()).stderr).toContain("channel items has 2 .jsonl or .csv files, not one");
  });

  test("believes the variables of SageMaker's toolkit", async () => {
    const elsewhere = join(await aFolder(), "model");
    const env = { SM_CHANNEL_IMAGES: images, SM_MODEL_DIR: elsewhere, SM_HPS: JSON.stringify({ precision: "fp32" }) };
    const { exitCode, stderr } = await train(env);
    expect([exitCode, await readdir(elsewhere)], stderr).toEqual([0, expect.arrayContaining(["manifest.json"])]);
    expect(await readdir(join(root, "model"))).toEqual([]);
  });
});

describe("a job that cannot be done", () => {
  const failed = async (env: Readonly<Record<string, string>> = {}) => {
    const { exitCode, stderr } = await train(env);
    const text = await failure();
    expect(stderr).toContain(`stygig: ${(text ?? "").split("\n")[0]}`);
    return [exitCode, text] as const;
  };

  test("says in its failure file all that is wrong with it, and ends with 1", async () => {
    await say("hyperparameters.json", { precison: "fp32", thumbnails: "big", hosts: 2 });
    await say("resourceconfig.json", "{");
    expect(await failed()).toEqual([
      1,
      'hyperparameter "precison" is none\nhyperparameter "hosts" is none\n' +
        `${root}/input/config/resourceconfig.json is not a JSON object`,
    ]);
  });

  test("names a value by its flag", async () => {
    await say("hyperparameters.json", { thumbnails: "big" });
    expect(await failed()).toEqual([
      1,
      'thumbnails must be a whole number from 16 to 2048, not "big"'.replace(/^/, "--"),
    ]);
  });

  test("lacks its pictures, or has none that is one", async () => {
    await say("hyperparameters.json", { ...usual, images: join(root, "none") });
    expect(await failed()).toEqual([1, `--images: ${root}/none is not a folder`]);
    await say("hyperparameters.json", { ...usual, images: join(root, "input/config") });
    expect(await failed()).toEqual([1, expect.stringMatching(/^there is no picture to build a catalog from\n/)]);
    root = await aFolder();
    expect(await failed()).toEqual([1, "there is no channel images, training, train: the pictures"]);
  });

  test("would mix its artifact with what is there already", async () => {
    await writeFile(join(root, "model/other.bin"), "");
    expect(await failed()).toEqual([1, `${root}/model is not empty`]);
  });

  test("tells no more of it than the platform shows", async () => {
    for (let i = 0; i < 30; i++) await writeFile(join(root, "input/config", `${"x".repeat(60)}${i}.txt`), "");
    await say("hyperparameters.json", { ...usual, images: join(root, "input/config") });
    const [exitCode, text] = await failed();
    expect([exitCode, text?.length]).toEqual([1, 1024]);
  });

  test("and one that is stopped has not failed", async () => {
    let hang = () => {};
    const hanging = new Promise<void>((resolve) => {
      hang = resolve;
    });
    const { port } = await startHost(() => hang());
    await say("hyperparameters.json", { ...usual, images: "s3://photos/train/", downloads: join(root, "downloads") });
    const env = { AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`, AWS_REGION: "us-east-1" };
    const identity = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };
    const { exitCode, stderr } = await runStygig(["train", "--root", root], "", {
      env: { ...env, ...identity, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
      onStart: async (child) => {
        await hanging;
        child.kill("SIGTERM");
      },
    });
    expect([exitCode, stderr, await failure()]).toEqual([130, "stygig: interrupted\n", null]);
    expect(await readdir(join(root, "model"))).toEqual([]);
  });
});

describe("a job of several machines", () => {
  const machines = ["algo-1", "algo-2", "algo-10"];
  const trainOn = async (current: string) => {
    await say("resourceconfig.json", { current_host: current, hosts: machines, network_interface_name: "eth0" });
    return train();
  };

  test("sees a part on each, and the same job on one builds from what they kept", async () => {
    await mkdir(join(root, "checkpoints"));
    for (const [i, machine] of ["algo-1", "algo-10", "algo-2"].entries()) {
      const { exitCode, stderr } = await trainOn(machine);
      expect([exitCode, stderr], stderr).toEqual([
        0,
        expect.stringContaining(`part ${i + 1} of 3: 3 pictures, 0 skipped`),
      ]);
    }
    expect(await readdir(join(root, "model"))).toEqual([]);
    await say("resourceconfig.json", { current_host: "algo-1", hosts: ["algo-1"] });
    const { stdout, stderr } = await train();
    expect(stdout.slice(0, 64), stderr).toBe(digest);
    expect(stderr).toContain("9 pictures were known from --cache");
  });

  test("whose pictures are dealt out looks at all it has", async () => {
    await mkdir(join(root, "checkpoints"));
    await say("inputdataconfig.json", {
      training: { S3DistributionType: "ShardedByS3Key", TrainingInputMode: "File" },
    });
    expect((await trainOn("algo-2")).stderr).toContain("part 1 of 1: 9 pictures");
  });

  test("needs a place to keep what it sees", async () => {
    expect((await trainOn("algo-2")).exitCode).toBe(1);
    expect(await failure()).toMatch(/^a job of several machines needs CheckpointConfig/);
    await say("resourceconfig.json", { current_host: "algo-3", hosts: machines });
    await train();
    expect(await failure()).toMatch(/resourceconfig\.json: "algo-3" is none of its hosts$/);
  });
});
