import { createHash } from "node:crypto";
import { readdir, writeFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { inspectArtifact } from "../../catalog/inspect-artifact.js";
import { withUnpacked } from "../../catalog/unpack-artifact.js";
import { aBuild, aPictureFolder, readFiles } from "../support/a-catalog-build.js";
import { aFolder } from "../support/a-folder.js";
import { buildCatalog } from "../support/compiled-catalog.js";
import { startHost } from "../support/image-host.js";
import { runStygig } from "../support/run-stygig.js";
import { makeUploadStore, type UploadStore } from "../support/upload-store.js";

let store: UploadStore;
let images: string;
let flags: readonly string[];
let env: Readonly<Record<string, string>>;
let digest: string;

async function listenAt(listener: RequestListener) {
  const { port } = await startHost(listener);
  return {
    ...{ AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`, AWS_REGION: "us-east-1" },
    ...{ AWS_ACCESS_KEY_ID: "AKIATEST", AWS_SECRET_ACCESS_KEY: "secret" },
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  };
}

const put = (key: string, bytes: Uint8Array) =>
  void store.objects.set(`looks/${key}`, { bytes: Buffer.from(bytes), checksum: "" });

beforeEach(async () => {
  store = makeUploadStore({ looks: "us-east-1", far: "eu-west-1" });
  env = await listenAt(store.listen);
  images = await aPictureFolder(3);
  for (const [path, bytes] of await readFiles(images)) put(`photos/${path}`, bytes);
  const options = await aBuild(images, { index: "none", precision: "fp32" });
  digest = (await buildCatalog(options)).artifact.digest;
  const downloads = ["--downloads", join(await aFolder(), "downloads")];
  flags = [...downloads, "--encoder", options.encoderFolder, "--precision", "fp32", "--index", "none"];
});

const out = "s3://looks/live/model.tar.gz";
const build = (...more: readonly string[]) => runStygig(["catalog", "build", ...flags, ...more], "", { env });
const count = (kind: string) => store.seen.filter((each) => each === kind).length;

async function digestOf(key: string): Promise<string> {
  const file = join(await aFolder(), "model.tar.gz");
  await writeFile(file, store.objects.get(`looks/${key}`)!.bytes);
  return withUnpacked(file, async (folder) => (await inspectArtifact(folder)).digest);
}

describe("a build from S3 to S3", () => {
  test("makes the bytes that a build on disk makes, and the next one moves nothing", async () => {
    const from = ["--images", "s3://looks/photos/", "--out", out];
    const first = await build(...from, "--json");
    expect(first.exitCode, first.stderr).toBe(0);
    const { bytes } = store.objects.get("looks/live/model.tar.gz")!;
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    expect(JSON.parse(first.stdout)).toMatchObject({ items: 9, uploaded: { uri: out, sha256, bytes: bytes.length } });
    expect(await digestOf("live/model.tar.gz")).toBe(digest);
    const [gets, puts] = [count("GET object"), count("PUT object")];
    expect([gets, puts]).toEqual([9, 1]);
    const second = await build(...from);
    expect([second.exitCode, second.stdout], second.stderr).toEqual([0, `${digest}  ${out}\n`]);
    expect(second.stderr).toContain(`there already: ${out}`);
    expect([count("GET object"), count("PUT object")]).toEqual([gets, puts]);
  });

  test("takes items from there, too, and names its lines by their address", async () => {
    put("items.csv", Buffer.from("id,title\nfootwear/heels/0,Red heels\n"));
    const from = ["--images", "s3://looks/photos", "--out", join(images, "../out"), "--items", "s3://looks/items.csv"];
    const built = await build(...from, "--json");
    expect(JSON.parse(built.stdout), built.stderr).toMatchObject({ items: 1 });
    // Of pictures that nobody names none is fetched.
    expect(count("GET object")).toBe(2);
    put("items.csv", Buffer.from("id,title\n\nfootwear/heels/0\n"));
    expect(await build(...from)).toMatchObject({
      exitCode: 1,
      stderr: "stygig: s3://looks/items.csv line 3: it has 1 fields, and the header has 2\n",
    });
  });

  test("that is killed half-way begins again with what it has", async () => {
    let gets = 0;
    let hang = () => {};
    const hanging = new Promise<void>((resolve) => {
      hang = resolve;
    });
    const slow = await listenAt((request, response) => {
      if (request.url!.includes(".png?") && ++gets > 4) return hang();
      store.listen(request, response);
    });
    const from = ["--images", "s3://looks/photos", "--out", out];
    const fetched = async () =>
      (await readdir(flags[1]!, { recursive: true })).filter((name) => /\/[0-9a-f]{64}\.png$/.test(name));
    const killed = await runStygig(["catalog", "build", ...flags, ...from], "", {
      env: slow,
      onStart: async (child) => {
        await hanging;
        while ((await fetched()).length < 4) await new Promise((resolve) => setImmediate(resolve));
        child.kill("SIGKILL");
      },
    });
    expect([killed.exitCode, killed.stdout]).toEqual([null, ""]);
    const again = await build(...from);
    expect(again.exitCode, again.stderr).toBe(0);
    expect(count("GET object")).toBe(9);
    expect(await digestOf("live/model.tar.gz")).toBe(digest);
  });

  test("ends with Ctrl-C, and leaves no half artifact", async () => {
    let hang = () => {};
    const hanging = new Promise<void>((resolve) => {
      hang = resolve;
    });
    const slow = await listenAt((request, response) =>
      request.url!.includes(".png?") ? hang() : store.listen(request, response),
    );
    const ended = await runStygig(["catalog", "build", ...flags, "--images", "s3://looks/photos", "--out", out], "", {
      env: slow,
      onStart: async (child) => {
        await hanging;
        child.kill("SIGINT");
      },
    });
    expect(ended).toEqual({ exitCode: 130, stdout: "", stderr: "stygig: interrupted\n" });
    expect(store.objects.has("looks/live/model.tar.gz")).toBe(false);
  });

  test("whose archive can go nowhere is not begun", async () => {
    for (const [uri, reason] of [
      ["s3://none/model.tar.gz", "bucket none is not there"],
      ["s3://far/model.tar.gz", "bucket far is in eu-west-1"],
    ]) {
      const { exitCode, stderr } = await build("--images", "s3://looks/photos", "--out", uri!);
      expect([exitCode, stderr]).toEqual([1, expect.stringContaining(reason!)]);
    }
    expect(count("GET list")).toBe(0);
  });

  test("tells what S3 says", async () => {
    store.fail("GET list", { status: 403, name: "AccessDenied" });
    expect(await build("--images", "s3://looks/photos", "--out", out)).toMatchObject({
      exitCode: 1,
      stderr: "stygig: s3://looks/photos/ cannot be listed: AccessDenied: not this time\n",
    });
  });
});

test("each of several machines fetches its own part, and the build of their caches fetches no picture again", async () => {
  const cache = join(await aFolder(), "cache");
  const { "0": name, "1": downloads } = flags;
  const see = (shard: string, folder: string) => {
    const own = [name!, folder, ...flags.slice(2, 6), "--images", "s3://looks/photos"];
    return runStygig(["catalog", "see", ...own, "--cache", cache, "--shard", shard], "", { env });
  };
  const first = await see("1/2", `${downloads}-1`);
  expect([first.exitCode, count("GET object")], first.stderr).toEqual([0, 5]);
  expect((await see("2/2", `${downloads}-2`)).exitCode).toBe(0);
  expect(count("GET object")).toBe(9);
  const built = await build("--images", "s3://looks/photos", "--out", out, "--cache", cache);
  expect([built.exitCode, built.stdout], built.stderr).toEqual([0, `${digest}  ${out}\n`]);
  expect(built.stderr).toContain("9 pictures were known from --cache");
});

test("a machine's part may be read from what the platform says of its job", async () => {
  const file = join(await aFolder(), "resourceconfig.json");
  const cache = join(await aFolder(), "cache");
  const see = () =>
    runStygig([
      "catalog",
      "see",
      ...flags.slice(2, 6),
      "--images",
      images,
      "--cache",
      cache,
      "--shard",
      file,
      "--json",
    ]);
  expect((await see()).stderr).toBe(`stygig: --shard: ${file} cannot be read (ENOENT)\n`);
  await writeFile(file, JSON.stringify({ current_host: "algo-2", hosts: ["algo-2", "algo-1"] }));
  const { stdout, stderr } = await see();
  expect(JSON.parse(stdout), stderr).toMatchObject({ pictures: 4 });
  await writeFile(file, JSON.stringify({ current_host: "algo-3", hosts: ["algo-2", "algo-1"] }));
  expect((await see()).stderr).toBe(`stygig: ${file}: "algo-3" is none of its hosts\n`);
});

describe("addresses that make no sense", () => {
  test("are told at once", async () => {
    const { exitCode, stderr } = await runStygig([
      ...["catalog", "build", "--images", "s3:/looks", "--items", "s3://looks/items/"],
      ...["--out", "s3://looks/model.zip", "--pack", "s3://looks/model.tar.gz"],
    ]);
    expect([exitCode, stderr.trim().split("\n")]).toEqual([
      2,
      [
        "stygig: --out and --pack are both in S3, where one archive goes",
        "stygig: --out must end in .tar.gz: in S3 an artifact is an archive",
        'stygig: --images must be s3://bucket/key, not "s3:/looks"',
        'stygig: --items must name an object, not "s3://looks/items/"',
        "stygig: --downloads is missing: the folder for what is fetched or sent",
      ],
    ]);
  });

  test("such as downloads among the pictures, or no region for an upload", async () => {
    const inside = ["--downloads", join(images, "fetched"), "--images", images, "--out", out];
    expect((await runStygig(["catalog", "build", ...inside])).stderr).toBe(
      `stygig: --downloads: ${join(images, "fetched")} must not lie inside ${images}\n`,
    );
    const noRegion = { AWS_REGION: "", AWS_DEFAULT_REGION: "" };
    const asked = ["catalog", "build", "--downloads", await aFolder(), "--images", images, "--out", out];
    expect(await runStygig(asked, "", { env: noRegion })).toMatchObject({
      exitCode: 2,
      stderr: "stygig: AWS_REGION is missing: where the bucket is\n",
    });
  });
});
