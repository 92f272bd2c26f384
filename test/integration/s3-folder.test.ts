import { createHash } from "node:crypto";
import { type FileHandle, readdir, readFile, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { type Downloads, openDownloads } from "../../catalog/downloads.js";
import type { PlannedItem } from "../../catalog/match-item-lines.js";
import { createS3Pictures } from "../../catalog/s3-pictures.js";
import { openS3Folder } from "../../src/adapters/s3-folder.js";
import { aFolder } from "../support/a-folder.js";
import { startHost } from "../support/image-host.js";
import { testIdentity } from "../support/object-store.js";
import { type S3Answer, startS3 } from "../support/s3-server.js";
import { makeUploadStore, type UploadStore } from "../support/upload-store.js";

const { signal } = new AbortController();

async function folderAt(port: number, more = {}) {
  const folder = await openS3Folder({
    ...{ endpoint: `http://127.0.0.1:${port}`, forcePathStyle: true, region: "us-east-1", credentials: testIdentity },
    ...more,
  });
  onTestFinished(() => folder.close());
  return folder;
}

let store: UploadStore;
let folder: string;
let downloads: Downloads;
beforeEach(async () => {
  store = makeUploadStore({ photos: "us-east-1" });
  folder = await aFolder();
  downloads = openDownloads(folder);
});

const put = (key: string, text: string) =>
  void store.objects.set(`photos/${key}`, { bytes: Buffer.from(text), checksum: "" });

async function openPictures(key = "train", by = signal) {
  const s3 = await folderAt((await startHost(store.listen)).port);
  return createS3Pictures({ s3, downloads, place: { bucket: "photos", key }, signal: by });
}

const anItem = (path: string): PlannedItem => ({
  ...{ id: path, path, category: "a", gender: null, title: null, price: null, url: null, imageUrl: null },
});

async function read(source: Awaited<ReturnType<typeof openPictures>>, path: string): Promise<string> {
  const found = await source.find(anItem(path), signal);
  return "file" in found ? (await readFile(found.file)).toString() : `refused: ${found.refusal}`;
}

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => "it worked",
    (error: Error) => error.message,
  );

describe("pictures in a bucket", () => {
  test("are found by their keys, page after page, and laid out as on disk", async () => {
    const names = ["a b+c%20é.jpg", "1.jpg", "deep/er/2.png", "3.JPG", "notes.txt", "&<.png"];
    for (const name of names) put(`train/shirt/${name}`, name);
    for (const key of ["train/", "train/shirt/", "train/.git/x.jpg", "train/.git/y.jpg", "train/a//b.jpg"])
      put(key, "");
    put("train/bad\u0007/1.jpg", "");
    put("training/other.jpg", "");
    const source = await openPictures();
    const { pictures, skipped } = await source.scan();
    expect(pictures.map(({ path, folderCategory }) => [path, folderCategory])).toEqual([
      ["shirt/&<.png", "shirt"],
      ["shirt/1.jpg", "shirt"],
      ["shirt/3.JPG", "shirt"],
      ["shirt/a b+c%20é.jpg", "shirt"],
      ["shirt/deep/er/2.png", "shirt_deep"],
    ]);
    expect(skipped).toEqual([
      { path: ".git/", reason: "hidden" },
      { path: "a//", reason: "a name with nothing in it" },
      { path: "bad\u0007/", reason: "a name with unprintable characters" },
      { path: "shirt/notes.txt", reason: "not a picture format that is read: .txt" },
    ]);
    for (const { path } of pictures) expect(await read(source, path)).toBe(path.replace("shirt/", ""));
  });

  test("are fetched once, and again when they are others; the old content is not taken for the new", async () => {
    put("train/a/1.jpg", "one");
    put("train/a/2.jpg", "two");
    const gets = () => store.seen.filter((kind) => kind === "GET object").length;
    const first = await openPictures("train/");
    await first.scan();
    expect([await read(first, "a/1.jpg"), await read(first, "a/1.jpg"), gets()]).toEqual(["one", "one", 1]);
    put("train/a/1.jpg", "another");
    const second = await openPictures();
    await second.scan();
    expect([await read(second, "a/1.jpg"), await read(second, "a/2.jpg"), gets()]).toEqual(["another", "two", 3]);
    put("train/a/1.jpg", "one");
    const third = await openPictures();
    await third.scan();
    expect([await read(third, "a/1.jpg"), gets()]).toEqual(["one", 3]);
  });

  test("that were replaced since they were listed end the build, which may be begun again", async () => {
    put("train/a/1.jpg", "one");
    const source = await openPictures();
    await source.scan();
    put("train/a/1.jpg", "another");
    expect(await failureOf(read(source, "a/1.jpg"))).toMatch(
      /^s3:\/\/photos\/train\/a\/1\.jpg cannot be fetched: it was replaced/,
    );
    expect(
      await readdir(folder, { recursive: true }).then((all) => all.filter((name) => name.endsWith(".jpg"))),
    ).toEqual([]);
  });

  test("that are empty or far too large are refused without being fetched", async () => {
    put("train/a/1.jpg", "");
    const source = await openPictures();
    await source.scan();
    expect(await read(source, "a/1.jpg")).toBe("refused: empty");
    expect(store.seen).not.toContain("GET object");
  });

  test("are none in a folder or bucket that is not there", async () => {
    expect(await failureOf((await openPictures("other")).scan())).toBe("there is nothing below s3://photos/other/");
    store = makeUploadStore({});
    expect(await failureOf((await openPictures()).scan())).toMatch(
      /^s3:\/\/photos\/train\/ cannot be listed: NoSuchBucket/,
    );
  });

  test("are not waited for any longer when the build is ended", async () => {
    put("train/a/1.jpg", "one");
    const ending = new AbortController();
    const source = await openPictures();
    await source.scan();
    store.fail("GET object", "hangs");
    const found = source.find(anItem("a/1.jpg"), ending.signal);
    ending.abort(new Error("interrupted"));
    expect(await failureOf(found)).toBe("interrupted");
    store.fail("GET list", "hangs");
    expect(await failureOf((await openPictures("train", AbortSignal.abort(new Error("interrupted")))).scan())).toBe(
      "interrupted",
    );
  });
});

describe("an object that comes", () => {
  const bytes = Buffer.from("a picture");
  const object = {
    bucket: "photos",
    key: "a.jpg",
    tag: `"${createHash("md5").update(bytes).digest("hex")}"`,
    bytes: bytes.length,
  };

  async function fetchFrom(answers: readonly S3Answer[], headers: Readonly<Record<string, string>> = {}) {
    const left = [...answers];
    const host = await startS3(() => {
      const answer = left.length > 1 ? left.shift()! : left[0]!;
      if (!(answer instanceof Uint8Array)) return answer;
      return (response: ServerResponse) => void response.writeHead(200, headers).end(answer);
    });
    const s3 = await folderAt(host.port, { maxAttempts: 1 });
    const fetched = await downloads.fetch("a", (file) => s3.fetch(object, file, signal));
    return "file" in fetched ? (await readFile(fetched.file)).toString() : fetched.refusal;
  }

  const cut: S3Answer = (response) => {
    response.writeHead(200, { "content-length": bytes.length });
    response.write(bytes.subarray(0, 3), () => response.destroy());
  };

  test("whole is kept, also after connections that were cut", async () => {
    expect(await fetchFrom([cut, cut, bytes])).toBe("a picture");
  });

  test("damaged or cut every time is an error, and never a file", async () => {
    expect(await failureOf(fetchFrom([cut]))).toMatch(/^s3:\/\/photos\/a\.jpg cannot be fetched: /);
    expect(await failureOf(fetchFrom([Buffer.from("a Picture")]))).toMatch(/its MD5 is another$/);
    expect(await failureOf(fetchFrom([Buffer.from("longer than listed")]))).toMatch(/18 bytes came of 9$/);
    expect((await readdir(folder, { recursive: true })).filter((name) => /[0-9a-f]{64}/.test(name))).toEqual([]);
  });

  test("encrypted by a key of somebody's own has a tag that is not its MD5", async () => {
    expect(await fetchFrom([Buffer.from("a Picture")], { "x-amz-server-side-encryption": "aws:kms" })).toBe(
      "a Picture",
    );
  });

  test("from a directory bucket has one of a kind of its own, too", async () => {
    const host = await startS3((path) => {
      const session = "<SessionToken>t</SessionToken><SecretAccessKey>s</SecretAccessKey><AccessKeyId>a</AccessKeyId>";
      const credentials = `<Credentials>${session}<Expiration>2100-01-01T00:00:00Z</Expiration></Credentials>`;
      if (!path.includes("?session")) return Buffer.from("a Picture");
      return Buffer.from(`<CreateSessionResult>${credentials}</CreateSessionResult>`);
    });
    const s3 = await folderAt(host.port);
    const there = { ...object, bucket: "photos--usw2-az1--x-s3" };
    const fetched = await downloads.fetch("a", (file) => s3.fetch(there, file, signal));
    expect("file" in fetched ? (await readFile(fetched.file)).toString() : "").toBe("a Picture");
  });

  test("in an archive is that picture's own fault; one that nobody may read is the build's", async () => {
    expect(await fetchFrom([{ status: 403, name: "InvalidObjectState" }])).toBe("archived in S3");
    expect(await failureOf(fetchFrom([{ status: 403, name: "AccessDenied" }]))).toMatch(/AccessDenied/);
  });
});

describe("a downloads folder", () => {
  test("fetches a name once, however many ask at once", async () => {
    let calls = 0;
    const write = async (file: FileHandle) => {
      calls += 1;
      await file.writeFile("x");
      return null;
    };
    const all = await Promise.all([1, 2, 3].map(() => downloads.fetch("a", write, ".csv")));
    expect([calls, new Set(all.map((each) => JSON.stringify(each))).size]).toEqual([1, 1]);
    expect(all[0]).toEqual({ file: expect.stringMatching(/[0-9a-f]{64}\.csv$/) });
  });

  test("may be filled by two processes at once", async () => {
    const other = openDownloads(folder);
    const write = async (file: FileHandle) => {
      await file.writeFile("whole");
      return null;
    };
    const fill = (from: Downloads) => from.fetch("a", write);
    const [one, two] = await Promise.all([fill(downloads), fill(other)]);
    expect(one).toEqual(two);
    expect("file" in one ? (await readFile(one.file)).toString() : "").toBe("whole");
  });

  test("that cannot be written is an error of one line", async () => {
    const file = join(folder, "file");
    await writeFile(file, "");
    expect(await failureOf(openDownloads(file).fetch("a", async () => null))).toMatch(/cannot be written \(\w+\)$/);
  });
});
