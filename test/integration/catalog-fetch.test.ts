import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { fetchArtifact } from "../../catalog/fetch-artifact.js";
import { inspectArtifact } from "../../catalog/inspect-artifact.js";
import { packArtifact } from "../../catalog/pack-artifact.js";
import { anArtifact, readFiles } from "../support/a-catalog-build.js";
import { aFolder } from "../support/a-folder.js";
import { runStygig } from "../support/run-stygig.js";
import { type S3Answer, startS3 } from "../support/s3-server.js";

let good: string;
let packed: Buffer;
beforeAll(async () => {
  good = (await anArtifact({ index: "auto" })).artifact.folder;
  packed = await readFile((await packArtifact(good, join(await aFolder(), "model.tar.gz"))).file);
});

const place = { bucket: "looks", key: "live/model.tar.gz" };

async function startBucket(answer: S3Answer) {
  const { port } = await startS3((path) =>
    path.startsWith("/looks/live/model.tar.gz") ? answer : { status: 404, name: "NoSuchKey" },
  );
  const endpoint = `http://127.0.0.1:${port}`;
  const credentials = { accessKeyId: "AKIATEST", secretAccessKey: "secret" };
  return { endpoint, settings: { endpoint, forcePathStyle: true, region: "eu-west-1", credentials, maxAttempts: 1 } };
}

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => "it worked",
    (error: Error) => error.message,
  );

describe("fetching", () => {
  test("gives the artifact that was packed, byte for byte", async () => {
    const { settings } = await startBucket(packed);
    const folder = join(await aFolder(), "model");
    const digest = await fetchArtifact(place, folder, settings);
    expect(digest).toBe((await inspectArtifact(good)).digest);
    expect(await readFiles(folder)).toEqual(await readFiles(good));
  });

  test("fills a folder that is there and empty, as a mounted volume is, and no other", async () => {
    const { settings } = await startBucket(packed);
    const folder = await aFolder();
    await fetchArtifact(place, folder, settings);
    expect(await failureOf(fetchArtifact(place, folder, settings))).toBe(`${folder} is not empty`);
    const file = join(await aFolder(), "file");
    await writeFile(file, "");
    expect(await failureOf(fetchArtifact(place, file, settings))).toBe(`${file} cannot be used (ENOTDIR)`);
  });

  test("leaves nothing behind when what comes is cut off, no archive, or no artifact", async () => {
    const answers: readonly S3Answer[] = [
      (response) => {
        response.writeHead(200, { "content-length": packed.length });
        response.write(packed.subarray(0, 999), () => response.destroy());
      },
      packed.subarray(0, packed.length / 2),
      Buffer.from("<html>"),
      gzipSync(Buffer.alloc(1024)),
      new Uint8Array(0),
    ];
    for (const answer of answers) {
      const { settings } = await startBucket(answer);
      const folder = await aFolder();
      expect(await failureOf(fetchArtifact(place, folder, settings))).toMatch(/cannot be (fetched|unpacked)/);
      expect(await readdir(folder)).toEqual([]);
    }
  });

  test("ends when the bucket falls silent", async () => {
    const { settings } = await startBucket((response) => {
      response.writeHead(200, { "content-length": packed.length });
      response.write(packed.subarray(0, 999));
    });
    const requestHandler = { socketTimeout: 50 };
    const folder = await aFolder();
    expect(await failureOf(fetchArtifact(place, folder, { ...settings, requestHandler }))).toContain(
      "cannot be fetched",
    );
    expect(await readdir(folder)).toEqual([]);
  });

  test("tells S3's own reason", async () => {
    const { settings } = await startBucket({ status: 403, name: "AccessDenied" });
    expect(await failureOf(fetchArtifact(place, await aFolder(), settings))).toMatch(
      /^s3:\/\/looks\/live\/model\.tar\.gz cannot be fetched: AccessDenied: /,
    );
    expect(await failureOf(fetchArtifact({ ...place, key: "none" }, await aFolder(), settings))).toContain("NoSuchKey");
  });
});

describe("stygig catalog fetch", () => {
  test("prints the artifact's digest, which the server then serves", async () => {
    const { endpoint } = await startBucket(packed);
    const folder = join(await aFolder(), "model");
    await mkdir(folder);
    const env = {
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "a",
      AWS_SECRET_ACCESS_KEY: "b",
    };
    const from = "s3://looks/live/model.tar.gz";
    const { exitCode, stdout } = await runStygig(["catalog", "fetch", "--from", from, "--out", folder], "", { env });
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `${(await inspectArtifact(good)).digest}\n` });
    expect(await readFiles(folder)).toEqual(await readFiles(good));
  });

  test("tells every problem of its flags", async () => {
    expect(await runStygig(["catalog", "fetch", "--from", "http://looks"])).toMatchObject({
      exitCode: 2,
      stderr: 'stygig: --from must be s3://bucket/key, not "http://looks"\nstygig: --out is missing\n',
    });
  });
});
