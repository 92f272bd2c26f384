import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDownloads } from "../../catalog/downloads.js";
import type { PlannedItem } from "../../catalog/match-item-lines.js";
import { findFiles, type PictureSource } from "../../catalog/picture-source.js";
import { createS3Pictures } from "../../catalog/s3-pictures.js";
import { openS3Folder } from "../../src/adapters/s3-folder.js";
import { workInOrder } from "../../src/http/work-in-order.js";
import { aFolder } from "../support/a-folder.js";
import { startS3 } from "../support/s3-server.js";

// Whoever listens to a signal that many operations share would have the process warn of a leak on a person's terminal.

let warnings: string[];
const note = (warning: Error) => void warnings.push(warning.name);
beforeEach(() => {
  warnings = [];
  process.on("warning", note);
});
afterEach(() => void process.off("warning", note));

const anItem = (i: number): PlannedItem => ({
  ...{
    id: `${i}`,
    path: `a/${i}.png`,
    category: "a",
    gender: null,
    title: null,
    price: null,
    url: null,
    imageUrl: null,
  },
});

/** Warnings come after the turn that has caused them. */
const warningsByNow = async () => {
  await new Promise((resolve) => setImmediate(resolve));
  return warnings.filter((name) => name === "MaxListenersExceededWarning");
};

async function findAll(source: PictureSource, count: number, signal: AbortSignal) {
  const items = Array.from({ length: count }, (_, i) => anItem(i));
  let found = 0;
  for await (const each of findFiles(items, { imagesFolder: "", source, signal })) found += Number("file" in each);
  return found;
}

test("many pictures on their way from S3 at once warn of no leak", async () => {
  const held: (() => void)[] = [];
  const tag = '"0cc175b9c0f1b6a831c399e269772661"';
  const host = await startS3((path) => (response) => {
    if (path.includes("list-type")) {
      const contents = Array.from({ length: 40 }, (_, i) => i)
        .map((i) => `<Contents><Key>a/${i}.png</Key><ETag>${tag}</ETag><Size>1</Size></Contents>`)
        .join("");
      return void response.end(`<?xml version="1.0"?><ListBucketResult>${contents}</ListBucketResult>`);
    }
    held.push(() => void response.writeHead(200, { etag: tag }).end("a"));
    // All that are asked for at once are held until they are, and from then on nobody waits.
    if (held.length >= 32) for (const send of held.splice(0)) send();
    else if (host.seen.length > 33) for (const send of held.splice(0)) send();
  });
  const credentials = { accessKeyId: "AKIATEST", secretAccessKey: "secret" };
  const endpoint = `http://127.0.0.1:${host.port}`;
  const s3 = await openS3Folder({ endpoint, forcePathStyle: true, region: "us-east-1", credentials });
  const { signal } = new AbortController();
  const downloads = openDownloads(join(await aFolder(), "downloads"));
  const source = createS3Pictures({ s3, downloads, signal, place: { bucket: "looks", key: "" } });
  await source.scan();
  expect(await findAll(source, 40, signal)).toBe(40);
  expect(await warningsByNow()).toEqual([]);
  s3.close();
});

test("many records of a body at work at once, each with steps that listen, warn of no leak", async () => {
  const { signal } = new AbortController();
  let put = 0;
  await workInOrder<number, void>({
    items: async function* () {
      for (let i = 0; i < 40; i++) yield i;
    },
    work: async (_, own) => {
      const leave = () => {};
      own.addEventListener("abort", leave);
      // So many turns that all that may be are at work.
      for (let turn = 0; turn < 40; turn++) await new Promise((resolve) => setImmediate(resolve));
      own.removeEventListener("abort", leave);
    },
    put: async () => void put++,
    ...{ atOnce: 18, sizeOf: () => 1, maxSizeAtWork: Number.POSITIVE_INFINITY, signal },
  });
  expect([put, await warningsByNow()]).toEqual([40, []]);
});
