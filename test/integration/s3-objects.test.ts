import { describe, expect, it, onTestFinished } from "vitest";
import { createS3Reader } from "../../src/adapters/s3-objects.js";
import { aFetcher, failureOf } from "../support/a-fetcher.js";
import { readerOf, type S3Answer, startS3 } from "../support/s3-server.js";
import { tinyPicture } from "../support/tiny-artifact.js";

const picture = Buffer.from(tinyPicture([200, 30, 40]));
const noSuchKey = { status: 404, name: "NoSuchKey" };

type Answer = Parameters<typeof startS3>[0];

/** A fetcher for the folder `photos/summer` of such an S3. */
async function withS3(answer: Answer, sketch: Parameters<typeof aFetcher>[0] = {}, region?: string) {
  const host = await startS3(answer);
  const reader = await readerOf(host, region);
  onTestFinished(() => reader.close());
  const fetchImage = aFetcher({ folders: "photos/summer", readS3Object: reader.read, ...sketch });
  const fetchKey = (key: string, bucket = "photos", signal?: AbortSignal) =>
    fetchImage({ kind: "s3", bucket, key }, signal);
  return { host, fetchKey };
}

describe("a picture in S3", () => {
  it.each([
    ["summer/a.png", "/photos/summer/a.png"],
    ["summer/a b+c.png", "/photos/summer/a%20b%2Bc.png"],
    ["summer/a%20b.png", "/photos/summer/a%2520b.png"],
    ["summer/é?x=1#y", "/photos/summer/%C3%A9%3Fx%3D1%23y"],
    ["summer//twice", "/photos/summer//twice"],
  ])("is asked for by its key as it stands: %s", async (key, path) => {
    const { fetchKey } = await withS3((asked) => (asked === path ? picture : noSuchKey));
    expect(Buffer.from(await fetchKey(key)).equals(picture)).toBe(true);
  });

  it("is asked for with the process's identity, signed", async () => {
    const signatures: (string | undefined)[] = [];
    const { fetchKey } = await withS3((_, { headers }) => {
      signatures.push(headers.authorization);
      return picture;
    });
    await fetchKey("summer/a.png");
    expect(signatures).toEqual([expect.stringContaining("Credential=AKIATEST/")]);
    expect(signatures[0]).toContain("/eu-west-1/s3/aws4_request");
  });

  it("is read in the region that its bucket says it is in", async () => {
    const regions: string[] = [];
    const { fetchKey } = await withS3((_, { headers }) => {
      const [, region = ""] = /\/([^/]+)\/s3\/aws4_request/.exec(headers.authorization ?? "") ?? [];
      regions.push(region);
      if (region === "ap-south-1") return picture;
      return { status: 301, name: "PermanentRedirect", headers: { "x-amz-bucket-region": "ap-south-1" } };
    });
    expect((await fetchKey("summer/a.png")).length).toBe(picture.length);
    expect(regions).toEqual(["eu-west-1", "ap-south-1"]);
  });

  it.each([
    ["another bucket", "photos-private", "summer/a.png"],
    ["another folder", "photos", "winter/a.png"],
    ["a folder that begins alike", "photos", "summer-private/a.png"],
  ])("is not read from %s: nobody is asked", async (_name, bucket, key) => {
    const { host, fetchKey } = await withS3(() => picture);
    expect(await failureOf(fetchKey(key, bucket))).toMatchObject({ code: "reference_not_allowed" });
    expect(host.connections()).toBe(0);
  });

  it("is told by its first bytes", async () => {
    const { fetchKey } = await withS3(() => Buffer.from("no picture"));
    expect(await failureOf(fetchKey("summer/text.png"))).toMatchObject({ code: "image_undecodable" });
    const empty = await withS3(() => new Uint8Array());
    expect(await failureOf(empty.fetchKey("summer/empty.png"))).toMatchObject({ code: "image_undecodable" });
  });
});

describe("an S3 that says no", () => {
  it.each([
    [404, "NoSuchKey", "reference_not_found", 1],
    [404, "NoSuchBucket", "reference_not_found", 1],
    [403, "AccessDenied", "reference_not_found", 1],
    [403, "InvalidObjectState", "reference_not_found", 1],
    [403, "InvalidAccessKeyId", "reference_unreachable", 1],
    [400, "InvalidToken", "reference_unreachable", 1],
    [301, "PermanentRedirect", "reference_unreachable", 1],
    [500, "InternalError", "reference_unreachable", 2],
    [503, "SlowDown", "reference_unreachable", 2],
  ])("with %d %s is %s, after %d requests", async (status, name, expected, times) => {
    const { host, fetchKey } = await withS3((): S3Answer => ({ status, name }));
    expect(await failureOf(fetchKey("summer/a.png"))).toMatchObject({ code: expected, details: { status } });
    expect(host.seen).toHaveLength(times);
  });

  it("for a moment is asked once more", async () => {
    const answers: S3Answer[] = [{ status: 503, name: "SlowDown" }, picture];
    const { fetchKey } = await withS3(() => answers.shift() ?? noSuchKey);
    expect((await fetchKey("summer/a.png")).length).toBe(picture.length);
  });

  it("is not there at all", async () => {
    const reader = await createS3Reader({
      ...{ endpoint: "http://127.0.0.1:1", region: "eu-west-1" },
      credentials: { accessKeyId: "AKIATEST", secretAccessKey: "secret" },
    });
    const fetchImage = aFetcher({ folders: "photos", readS3Object: reader.read });
    const reference = { kind: "s3", bucket: "photos", key: "a" } as const;
    expect(await failureOf(fetchImage(reference))).toMatchObject({ code: "reference_unreachable" });
    reader.close();
  });

  it("has no identity to ask with", async () => {
    const reader = await createS3Reader({
      ...{ endpoint: "http://127.0.0.1:1", region: "eu-west-1" },
      credentials: () => Promise.reject(new Error("could not load credentials, AKIASECRET")),
    });
    const fetchImage = aFetcher({ folders: "photos", readS3Object: reader.read });
    const reference = { kind: "s3", bucket: "photos", key: "a" } as const;
    expect(await failureOf(fetchImage(reference))).toMatchObject({ code: "reference_unreachable" });
    reader.close();
  });
});

describe("an object that is too large", () => {
  it("is refused by its length before any of it is read", async () => {
    const { host, fetchKey } = await withS3(
      () => (response) => void response.writeHead(200, { "content-length": 1001 }).flushHeaders(),
      { maxBytes: 1000 },
    );
    expect(await failureOf(fetchKey("summer/a.png"))).toMatchObject({
      code: "reference_too_large",
      details: { limit_bytes: 1000 },
    });
    await host.whenAlone();
  });

  it("is cut at the limit when its length was not told", async () => {
    const { host, fetchKey } = await withS3(
      () => (response) => {
        response.write(picture);
        const pour = () => {
          while (!response.destroyed && response.write(Buffer.alloc(16_384)));
        };
        response.on("drain", pour);
        pour();
      },
      { maxBytes: 100_000 },
    );
    expect(await failureOf(fetchKey("summer/a.png"))).toMatchObject({ code: "reference_too_large" });
    await host.whenAlone();
  });
});

describe("an S3 that takes its time", () => {
  it.each([
    ["never answers", () => {}],
    ["stops in the middle", (response: { write: (bytes: Buffer) => void }) => response.write(picture)],
  ])("and %s is left at the limit", async (_name, act) => {
    const { host, fetchKey } = await withS3(() => act as S3Answer, { timeoutMs: 200 });
    expect(await failureOf(fetchKey("summer/a.png"))).toMatchObject({ code: "reference_timeout" });
    await host.whenAlone();
  });

  it("is left at once when the request ends, for the request's own reason", async () => {
    const controller = new AbortController();
    const reason = new Error("the caller left");
    const { host, fetchKey } = await withS3(() => () => controller.abort(reason));
    await expect(fetchKey("summer/a.png", "photos", controller.signal)).rejects.toBe(reason);
    await host.whenAlone();
  });

  it("and breaks off is unreachable", async () => {
    const { fetchKey } = await withS3(() => (response) => {
      response.writeHead(200, { "content-length": picture.length + 100 });
      response.write(picture, () => response.destroy());
    });
    expect(await failureOf(fetchKey("summer/a.png"))).toMatchObject({ code: "reference_unreachable" });
  });
});
