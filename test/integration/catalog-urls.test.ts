import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { openDownloads } from "../../catalog/downloads.js";
import type { PlannedItem } from "../../catalog/match-item-lines.js";
import { createFolderPictures } from "../../catalog/picture-source.js";
import { createUrlPictures } from "../../catalog/url-pictures.js";
import { hostRules } from "../../src/config-references.js";
import { aBuild, colorOf, writePicture } from "../support/a-catalog-build.js";
import { aFetcher, type FetcherSketch } from "../support/a-fetcher.js";
import { aFolder } from "../support/a-folder.js";
import { buildCatalog } from "../support/compiled-catalog.js";
import { startHost } from "../support/image-host.js";
import { runStygig } from "../support/run-stygig.js";

let folder: string;
let downloadsFolder: string;
let picture: Buffer;
let pauses: number[];
/** Stands still but for whoever sleeps. */
let clock: number;
beforeEach(async () => {
  clock = Date.parse("Sat, 21 Nov 2026 12:00:00 GMT");
  folder = await aFolder();
  downloadsFolder = join(folder, "downloads");
  pauses = [];
  await writePicture(folder, "local/one.png", { color: colorOf(7) });
  picture = await readFile(join(folder, "local/one.png"));
});

/** A source of pictures on a loopback host that is called `cdn.example`, which it takes for a public one. */
async function withHost(answer: RequestListener, sketch: FetcherSketch = {}) {
  const host = await startHost(answer);
  const origin = `http://cdn.example:${host.port}`;
  const hosts = hostRules(origin);
  if ("must" in hosts) throw new Error(hosts.must);
  const source = createUrlPictures({
    ...{ others: createFolderPictures(join(folder, "local")), hosts: hosts.value },
    fetchImage: aFetcher({ hosts: origin, ...sketch }),
    downloads: openDownloads(downloadsFolder),
    sleep: async (milliseconds, signal) => {
      pauses.push(milliseconds);
      signal.throwIfAborted();
      clock += milliseconds;
    },
    epochMs: () => clock,
  });
  const find = async (path: string, { signal } = new AbortController()) => {
    const found = await source.find(anItem(`${origin}${path}`), signal);
    return "file" in found ? await readFile(found.file) : found.refusal;
  };
  return { host, origin, source, find };
}

const anItem = (path: string): PlannedItem => ({
  ...{ id: path, path, category: "a", gender: null, title: null, price: null, url: null, imageUrl: path },
});

const kept = async () =>
  (await readdir(downloadsFolder, { recursive: true }).catch(() => [])).filter((name) => /[0-9a-f]{64}/.test(name));

describe("a catalog of pictures by URL", () => {
  test("is built beside those that are there, and the next build asks nobody", async () => {
    const { host, origin, source } = await withHost((_, response) => void response.end(picture));
    const lines = [
      { id: "one", title: "beside the items", category: "hats" },
      { id: "two", category: "hats", image_url: `${origin}/2.jpg` },
      { id: "three", category: "hats", image_url: `${origin}/3.jpg` },
      { id: "three again", category: "hats", image_url: `${origin}/3.jpg` },
      { id: "four", image_url: `${origin}/4.jpg` },
      { id: "five", category: "hats", image_url: "https://elsewhere.example/5.jpg" },
      { id: "six", category: "hats", image_url: "/6.jpg" },
      { id: "seven", category: "hats" },
    ];
    const itemsFile = join(folder, "items.jsonl");
    await writeFile(itemsFile, lines.map((line) => JSON.stringify(line)).join("\n"));
    const options = await aBuild(join(folder, "local"), { itemsFile, source, precision: "fp32" });
    const first = await buildCatalog(options);
    expect([first.items, host.connections()]).toEqual([4, 2]);
    expect(first.skipped).toEqual([
      { path: `${origin}/4.jpg`, reason: "neither item four (line 5) nor a folder names its category" },
      { path: "item five (line 6)", reason: "its image_url is at elsewhere.example, which may not be asked" },
      { path: "item seven (line 8)", reason: "no picture seven.*" },
      { path: "item six (line 7)", reason: "its image_url cannot be fetched: needs to be an absolute URL" },
    ]);
    const items = await readFile(join(options.outFolder, "items.jsonl"), "utf8");
    const colors = items
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).mean_color);
    expect(new Set(colors.map(String)).size).toBe(1);
    const second = await buildCatalog({ ...options, source });
    expect([second.artifact.digest, host.connections()]).toEqual([first.artifact.digest, 2]);
  });

  test("without that host's permission has a line's picture beside it or none", async () => {
    const itemsFile = join(folder, "items.jsonl");
    await writeFile(
      itemsFile,
      '{"id":"one","category":"a"}\n{"id":"x","category":"a","image_url":"https://cdn.example/x.jpg"}',
    );
    const { skipped } = await buildCatalog(await aBuild(join(folder, "local"), { itemsFile, precision: "fp32" }));
    expect(skipped).toEqual([{ path: "item x (line 2)", reason: "no picture x.*" }]);
  });
});

describe("a host that is busy", () => {
  test.each([429, 500, 503])("with %i is asked again after a while", async (status) => {
    let asked = 0;
    const { find } = await withHost(
      (_, response) => void (++asked < 3 ? response.writeHead(status).end() : response.end(picture)),
    );
    expect(await find("/a.jpg")).toEqual(picture);
    expect(pauses).toEqual([1000, 2000]);
  });

  test("all the time is left alone after four times, and the picture listed", async () => {
    const { host, find } = await withHost((_, response) => void response.writeHead(503).end());
    expect(await find("/a.jpg")).toBe("not fetched: status 503");
    expect([pauses, host.connections(), await kept()]).toEqual([[1000, 2000, 4000], 4, []]);
  });

  test.each([
    [429, { "retry-after": "30" }, 30_000],
    [503, { "retry-after": " 7 " }, 7000],
    [503, { "retry-after": "Sat, 21 Nov 2026 12:00:45 GMT", date: "not told" }, 45_000],
    // A host whose clock is an hour ahead.
    [429, { "retry-after": "Sat, 21 Nov 2026 13:00:45 GMT", date: "Sat, 21 Nov 2026 13:00:00 GMT" }, 45_000],
    // Not for ever, and never sooner than without.
    [503, { "retry-after": "99999999999999999999" }, 120_000],
    [503, { "retry-after": "Fri, 31 Dec 9999 23:59:59 GMT" }, 120_000],
    [429, { "retry-after": "0" }, 1000],
    [429, { "retry-after": "Sat, 21 Nov 2026 11:00:00 GMT" }, 1000],
    [429, { "retry-after": "soon" }, 1000],
    [429, { "retry-after": "-5" }, 1000],
    [503, { "retry-after": "" }, 1000],
    // With any other status it is not about asking again.
    [500, { "retry-after": "30" }, 1000],
  ])("with %i and %j is asked again after %i ms", async (status, headers, pauseMs) => {
    let asked = 0;
    const { find } = await withHost((_, response) => {
      response.sendDate = false;
      void (++asked === 1 ? response.writeHead(status, headers).end() : response.end(picture));
    });
    expect([await find("/a.jpg"), pauses]).toEqual([picture, [pauseMs]]);
  });

  test("after the last of a picture's tries is left alone by the next picture, too", async () => {
    let isBusy = true;
    const { host, find } = await withHost((_, response) =>
      isBusy ? void response.writeHead(503, { "retry-after": "3600" }).end() : void response.end(picture),
    );
    expect(await find("/a.jpg")).toBe("not fetched: status 503");
    expect([pauses, host.connections()]).toEqual([[120_000, 120_000, 120_000], 4]);
    isBusy = false;
    expect(await find("/b.jpg")).toEqual(picture);
    expect(pauses).toEqual(Array(4).fill(120_000));
  });

  test("is not waited for once the build has ended", async () => {
    const ending = new AbortController();
    const { host, find } = await withHost((_, response) => {
      response.writeHead(429, { "retry-after": "60" }).end(() => ending.abort(new Error("interrupted")));
    });
    await expect(find("/a.jpg", ending)).rejects.toThrow("interrupted");
    expect([host.connections(), await kept()]).toEqual([1, []]);
  });

  test("that cuts what it sends gives no file, however often, and another time it does", async () => {
    let isCut = true;
    const { find } = await withHost((_, response) => {
      response.writeHead(200, { "content-length": picture.length });
      if (!isCut) return void response.end(picture);
      response.write(picture.subarray(0, 200), () => response.destroy());
    });
    expect(await find("/a.jpg")).toBe("not fetched: the connection failed");
    expect(await kept()).toEqual([]);
    isCut = false;
    expect(await find("/a.jpg")).toEqual(picture);
  });

  test("is asked for eight pictures at once and no more", async () => {
    const waiting: (() => void)[] = [];
    let [open, most] = [0, 0];
    const { find } = await withHost((_, response) => {
      most = Math.max(most, ++open);
      waiting.push(() => {
        open -= 1;
        response.end(picture);
      });
    });
    const all = Promise.all(Array.from({ length: 24 }, (_, i) => find(`/${i}.jpg`)));
    // By then all of them have come as far as the host's door.
    while ((await kept()).length < 24 || waiting.length < 8) await new Promise((resolve) => setImmediate(resolve));
    expect(waiting.length).toBe(8);
    let isDone = false;
    const done = all.finally(() => {
      isDone = true;
    });
    while (!isDone) {
      waiting.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await done).filter((each) => picture.equals(Buffer.from(each))).length).toBe(24);
    expect(most).toBe(8);
  });

  test("is gone after twenty misses in a row, and the build with it; a picture that comes begins a new row", async () => {
    const { host, find } = await withHost((request, response) =>
      request.url === "/good.jpg" ? void response.end(picture) : void response.writeHead(500).end(),
    );
    for (let i = 0; i < 19; i++) expect(await find(`/${i}.jpg`)).toBe("not fetched: status 500");
    await find("/good.jpg");
    for (let i = 0; i < 19; i++) expect(await find(`/${i}.jpg`)).toBe("not fetched: status 500");
    await expect(find("/19.jpg")).rejects.toThrow(
      `cdn.example:${host.port} is gone: 20 pictures in a row were not fetched: status 500; ` +
        "the same command again takes up where it was",
    );
  });
});

describe("a picture that cannot be had", () => {
  test.each([
    ["is not there", 404, "not fetched: status 404"],
    ["nobody may see", 403, "not fetched: status 403"],
  ])("because it %s is asked for once", async (_name, status, refusal) => {
    const { host, find } = await withHost((_, response) => void response.writeHead(status).end());
    expect([await find("/a.jpg"), host.connections(), pauses]).toEqual([refusal, 1, []]);
  });

  test("is another thing, too large, too slow, or not where it seemed", async () => {
    const page = await withHost((_, response) => void response.end("<html>"));
    expect(await page.find("/a.jpg")).toBe("not fetched: what came is no picture");
    const large = await withHost((_, response) => void response.end(picture), { maxBytes: 100 });
    expect(await large.find("/b.jpg")).toBe("not fetched: more than 100 bytes");
    const slow = await withHost(() => {}, { timeoutMs: 20 });
    expect(await slow.find("/c.jpg")).toBe("not fetched: nothing whole within 20 ms");
    const inward = await withHost(
      (_, response) => void response.writeHead(302, { location: "http://169.254.169.254/latest/" }).end(),
    );
    expect(await inward.find("/d.jpg")).toBe("not fetched: the host is not on the list");
    const turned = await withHost((_, response) => void response.end(picture), { names: () => ["10.0.0.1"] });
    expect(await turned.find("/e.jpg")).toBe("not fetched: the host is not on the public internet");
    expect(turned.host.connections()).toBe(0);
    expect(await kept()).toEqual([]);
  });

  test("is waited for no longer than the build", async () => {
    const ending = new AbortController();
    const { find } = await withHost(() => ending.abort(new Error("interrupted")));
    await expect(find("/a.jpg", ending)).rejects.toThrow("interrupted");
    expect(await kept()).toEqual([]);
  });
});

test("what a killed process has left half is neither taken for a picture nor left there", async () => {
  const { origin, find } = await withHost((_, response) => void response.end(picture));
  const digest = createHash("sha256").update(`${origin}/a.jpg`).digest("hex");
  const place = join(downloadsFolder, digest.slice(0, 2), digest.slice(2, 4));
  await mkdir(place, { recursive: true });
  await writeFile(join(place, `.${digest}.writing-4194305-0`), picture.subarray(0, 100));
  expect(await find("/a.jpg")).toEqual(picture);
  expect(await readdir(place)).toEqual([digest]);
});

describe("stygig catalog build --fetch-images", () => {
  test("asks nobody on a private address, also where the list has it", async () => {
    const host = await startHost((_, response) => void response.end(picture));
    const items = join(folder, "items.csv");
    await writeFile(items, `id,category,image_url\n1,hats,http://127.0.0.1:${host.port}/a.png\n`);
    const flags = ["--items", items, "--out", join(folder, "out"), "--downloads", downloadsFolder];
    const fetching = ["--fetch-images", `http://127.0.0.1:${host.port}`, "--precision", "fp32"];
    const { exitCode, stderr } = await runStygig(["catalog", "build", ...flags, ...fetching]);
    expect([exitCode, stderr]).toEqual([
      1,
      "stygig: there is no picture to build a catalog from\n" +
        `stygig: http://127.0.0.1:${host.port}/a.png: not fetched: the host is not on the public internet\n`,
    ]);
    expect(host.connections()).toBe(0);
  });

  test("tells what is missing beside it", async () => {
    const { exitCode, stderr } = await runStygig([
      "catalog",
      "build",
      "--fetch-images",
      "*",
      "--out",
      join(folder, "out"),
    ]);
    expect([exitCode, stderr.trim().split("\n")]).toEqual([
      2,
      [
        "stygig: --fetch-images means nothing without --items, whose image_url it follows",
        expect.stringMatching(/^stygig: --fetch-images must be hosts such as cdn\.example\.com/),
        "stygig: --downloads is missing: the folder for what is fetched or sent",
      ],
    ]);
  });
});
