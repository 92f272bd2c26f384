import { join } from "node:path";
import { CreateBucketCommand, ListMultipartUploadsCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { beforeEach, expect, inject, it, onTestFinished } from "vitest";
import { aPictureFolder, readFiles } from "../support/a-catalog-build.js";
import { aFolder } from "../support/a-folder.js";
import { runStygig } from "../support/run-stygig.js";
import { unlessSkipped } from "../support/skip-by-name.js";
import { writeTinyEncoder } from "../support/tiny-encoder.js";

// A catalog from S3 to S3, with an S3 that somebody else has written.

const moto = inject("moto");
const url = "url" in moto ? moto.url : "";
const identity = { AWS_ACCESS_KEY_ID: "testing", AWS_SECRET_ACCESS_KEY: "testing" };
const env = {
  ...{ AWS_ENDPOINT_URL: url, AWS_REGION: "us-east-1", ...identity },
  ...{ AWS_CONFIG_FILE: "/nonexistent", AWS_SHARED_CREDENTIALS_FILE: "/nonexistent" },
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
};
const out = "s3://models/today/model.tar.gz";

unlessSkipped("AWS by moto", "url" in moto ? null : moto.missing, () => {
  let s3: S3Client;
  beforeEach(async () => {
    await fetch(`${url}/moto-api/reset`, { method: "POST" });
    const credentials = { accessKeyId: "testing", secretAccessKey: "testing" };
    s3 = new S3Client({ region: "us-east-1", endpoint: url, credentials, forcePathStyle: true });
    onTestFinished(() => s3.destroy());
    for (const Bucket of ["photos", "models"]) await s3.send(new CreateBucketCommand({ Bucket }));
    for (const [path, bytes] of await readFiles(await aPictureFolder(2))) {
      await s3.send(new PutObjectCommand({ Bucket: "photos", Key: `train/${path}`, Body: bytes }));
    }
    const items = "id,title,price\r\nfootwear/heels/0,Red heels,59 EUR\r\nupperwear/shirt/1,Shirt,20 EUR\r\n";
    await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "items.csv", Body: items }));
  });

  it("a catalog goes from S3 to S3, comes back by its digest, and is not moved twice", async () => {
    const folder = await aFolder();
    await writeTinyEncoder(join(folder, "encoder"));
    const flags = [
      "--encoder",
      join(folder, "encoder"),
      "--precision",
      "fp32",
      "--downloads",
      join(folder, "downloads"),
    ];
    const places = ["--images", "s3://photos/train/", "--items", "s3://photos/items.csv", "--out", out];
    const build = () => runStygig(["catalog", "build", ...flags, ...places], "", { env });
    const built = await build();
    expect(built.exitCode, built.stderr).toBe(0);
    expect(built.stderr).toContain(`uploaded: ${out}`);
    const fetched = await runStygig(["catalog", "fetch", "--from", out, "--out", join(folder, "back")], "", { env });
    expect(`${fetched.stdout.trim()}  ${out}\n`, fetched.stderr).toBe(built.stdout);
    expect((await build()).stderr).toContain(`there already: ${out}`);
    expect((await s3.send(new ListMultipartUploadsCommand({ Bucket: "models" }))).Uploads ?? []).toEqual([]);
  });

  it("a bucket that is not there is said before anything is built", async () => {
    const flags = ["--downloads", await aFolder(), "--images", "s3://photos/train/", "--out", "s3://none/model.tar.gz"];
    expect(await runStygig(["catalog", "build", ...flags], "", { env })).toMatchObject({
      exitCode: 1,
      stderr: "stygig: bucket none is not there\n",
    });
  });
});
