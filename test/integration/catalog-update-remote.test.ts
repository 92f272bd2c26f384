import { cp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { BuildOptions } from "../../catalog/build-catalog.js";
import { openDownloads } from "../../catalog/downloads.js";
import { createFolderPictures, type PictureSource } from "../../catalog/picture-source.js";
import { createUrlPictures } from "../../catalog/url-pictures.js";
import { hostRules } from "../../src/config-references.js";
import { aBuild, aPictureFolder, colorOf, readFiles, writePicture } from "../support/a-catalog-build.js";
import { aFetcher } from "../support/a-fetcher.js";
import { aFolder } from "../support/a-folder.js";
import { buildCatalog, updateCatalog } from "../support/compiled-catalog.js";
import { startHost } from "../support/image-host.js";
import { runStygig } from "../support/run-stygig.js";
import { stubS3Environment } from "../support/s3-environment.js";
import { makeUploadStore, type UploadStore } from "../support/upload-store.js";

let options: BuildOptions;
let artifact: string;
let work: string;
let downloads: string;
beforeEach(async () => {
  options = await aBuild(await aPictureFolder(), { thumbnails: 32 });
  await buildCatalog(options);
  artifact = options.outFolder;
  work = await aFolder();
  downloads = join(work, "downloads");
});

/** The files of a build with the same encoder. */
async function built(changes: Partial<BuildOptions>) {
  const outFolder = join(await aFolder(), "artifact");
  await buildCatalog({ ...options, outFolder, ...changes });
  return readFiles(outFolder);
}

const update = (...flags: readonly string[]) => runStygig(["catalog", "update", "--artifact", artifact, ...flags]);
const s3 = ["--add", "s3://looks/new"];
const fetchedFiles = async () =>
  (await readdir(downloads, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());

/** A bucket `looks` with three pictures below `new/`, and the folder that has those beside the catalog's own. */
async function aBucket() {
  const store = makeUploadStore({ looks: "eu-west-1" }, "eu-west-1");
  const put = (key: string, bytes: Uint8Array) =>
    void store.objects.set(`looks/${key}`, { bytes: Buffer.from(bytes), checksum: "" });
  const [added, all] = [await aFolder(), await aFolder()];
  for (const [at, path] of ["accessories/hat/new.png", "upperwear/shirt/0.png", "upperwear/shirt/z.png"].entries()) {
    await writePicture(added, path, { color: colorOf(at + 7) });
  }
  for (const [path, bytes] of await readFiles(added)) put(`new/${path}`, bytes);
  await cp(options.imagesFolder, all, { recursive: true });
  await cp(added, all, { recursive: true });
  const listen = async (listener: RequestListener = store.listen) => stubS3Environment(await startHost(listener));
  vi.stubEnv("AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED", "true");
  await listen();
  return { store, put, all, listen };
}

const gets = (store: UploadStore) => store.seen.filter((each) => each === "GET object").length;

/** A listener that keeps pictures waiting for ever, and when the first is asked for. */
function holdPictures({ listen }: UploadStore, given = 0) {
  let hang = () => {};
  const hanging = new Promise<void>((resolve) => {
    hang = resolve;
  });
  let asked = 0;
  const listener: RequestListener = (request, response) =>
    request.url!.includes(".png?") && ++asked > given ? hang() : listen(request, response);
  return { listener, hanging };
}

describe("an update from S3", () => {
  test("has the very bytes that a build of all its pictures has, also over the old catalog, and fetches once", async () => {
    const { store, all } = await aBucket();
    const expected = await built({ imagesFolder: all });
    const flags = [...s3, "--downloads", downloads];
    const first = await update(...flags, "--out", join(work, "next"));
    expect(first.exitCode, first.stderr).toBe(0);
    expect(first.stderr).toContain("8 items: 2 added, 1 replaced, 0 removed, 0 skipped");
    expect(await readFiles(join(work, "next"))).toEqual(expected);
    expect(gets(store)).toBe(3);
    const second = await update(...flags, "--out", artifact);
    expect([second.exitCode, gets(store)], second.stderr).toEqual([0, 3]);
    expect(await readFiles(artifact)).toEqual(expected);
  });

  test.each([
    ["csv", "id,title\nupperwear/shirt/z,A shirt\n"],
    ["jsonl", '{"id":"upperwear/shirt/z","title":"A shirt"}\n'],
  ])("takes the items of a file there, in %s, and their pictures alone", async (ending, text) => {
    const { store, put } = await aBucket();
    put(`new.${ending}`, Buffer.from(text));
    const flags = [...s3, "--downloads", downloads, "--items", `s3://looks/new.${ending}`, "--out", artifact];
    const updated = await update(...flags, "--json");
    expect(JSON.parse(updated.stdout), updated.stderr).toMatchObject({
      ...{ items: 7, added: ["upperwear/shirt/z"], replaced: [] },
    });
    expect(gets(store)).toBe(2);
    const items = (await readFile(join(artifact, "items.jsonl"), "utf8")).trim().split("\n");
    expect(items.map((line) => JSON.parse(line).title).filter((title) => title)).toEqual(["A shirt"]);
    put(`new.${ending}`, Buffer.from(text.replace("upperwear", "\nupperwear").replace("id,", "name,")));
    const refused = await update(...flags);
    expect(refused).toMatchObject({ exitCode: 1, stdout: "" });
    expect(refused.stderr).toContain(`stygig: s3://looks/new.${ending} line `);
  });

  test("is not held up by a file of items with local pictures, nor by another update with the same downloads", async () => {
    const { put, all } = await aBucket();
    put("all.jsonl", Buffer.from('{"id":"upperwear/shirt/z","category":"upperwear_shirt"}\n'));
    const flags = ["--add", all, "--items", "s3://looks/all.jsonl", "--downloads", downloads];
    const both = await Promise.all(["a", "b"].map((name) => update(...flags, "--out", join(work, name))));
    expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(both[0]!.stdout.slice(0, 64)).toBe(both[1]!.stdout.slice(0, 64));
    expect(both[0]!.stderr).toContain("7 items: 1 added, 0 replaced");
  });

  test("fetches the picture of a thousand items once, and says in its log how far it is", async () => {
    const { store, put } = await aBucket();
    const lines = Array.from({ length: 1000 }, (_, at) => `z${at},dress,upperwear/shirt/z.png\n`);
    put("new.csv", Buffer.from(`id,category,path\n${lines.join("")}`));
    const flags = [...s3, "--items", "s3://looks/new.csv", "--downloads", downloads, "--out", artifact];
    const { exitCode, stderr } = await update(...flags);
    expect([exitCode, gets(store)], stderr).toEqual([0, 2]);
    expect(stderr).toMatch(/^100 of 1000 pictures, [\d.]+\/s, \d+:\d\d left\n200 of 1000 pictures, /);
    expect(stderr).toContain("1006 items: 1000 added, 0 replaced, 0 removed, 2 skipped");
  });

  test("ends with Ctrl-C, and leaves nothing behind", async () => {
    const { store, listen } = await aBucket();
    const before = await readFiles(artifact);
    const { listener, hanging } = holdPictures(store);
    await listen(listener);
    const flags = [...s3, "--downloads", downloads, "--out", artifact, "--artifact", artifact];
    const ended = await runStygig(["catalog", "update", ...flags], "", {
      onStart: async (child) => {
        await hanging;
        child.kill("SIGINT");
      },
    });
    expect(ended).toEqual({ exitCode: 130, stdout: "", stderr: "stygig: interrupted\n" });
    expect(await fetchedFiles()).toEqual([]);
    expect(await readFiles(artifact)).toEqual(before);
    expect((await readdir(dirname(artifact))).sort()).toEqual(["artifact", "encoder"]);
  });

  test("that is killed half-way takes up where it was", async () => {
    const { store, all, listen } = await aBucket();
    const { listener, hanging } = holdPictures(store, 2);
    await listen(listener);
    const flags = [...s3, "--downloads", downloads, "--out", artifact];
    const isWhole = ({ name }: { name: string }) => /^[0-9a-f]{64}\.png$/.test(name);
    const killed = await runStygig(["catalog", "update", "--artifact", artifact, ...flags], "", {
      onStart: async (child) => {
        await hanging;
        while ((await fetchedFiles()).filter(isWhole).length < 2) await new Promise((done) => setImmediate(done));
        child.kill("SIGKILL");
      },
    });
    expect([killed.exitCode, killed.stdout]).toEqual([null, ""]);
    await listen();
    const again = await update(...flags);
    expect([again.exitCode, gets(store)], again.stderr).toEqual([0, 3]);
    expect(await readFiles(artifact)).toEqual(await built({ imagesFolder: all }));
    expect((await readdir(dirname(artifact))).sort()).toEqual(["artifact", "encoder"]);
  });

  test("waits for no picture where the old catalog is damaged", async () => {
    const { store, listen } = await aBucket();
    await listen(holdPictures(store).listener);
    await writeFile(join(artifact, "items.jsonl"), "{}\n");
    const refused = await update(...s3, "--downloads", downloads, "--out", join(work, "next"));
    expect([refused.exitCode, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/^stygig: [^\n]*items\.jsonl[^\n]*\n$/),
    ]);
    expect(await readdir(work)).toEqual(expect.not.arrayContaining(["next"]));
  });

  test("tells what S3 says, and changes nothing", async () => {
    const { store } = await aBucket();
    const before = await readFiles(artifact);
    const flags = ["--downloads", downloads, "--out", artifact];
    expect((await update("--add", "s3://looks/none", ...flags)).stderr).toBe(
      "stygig: there is nothing below s3://looks/none/\n",
    );
    store.fail("GET list", { status: 403, name: "AccessDenied" });
    expect(await update(...s3, ...flags)).toMatchObject({
      exitCode: 1,
      stderr: "stygig: s3://looks/new/ cannot be listed: AccessDenied: not this time\n",
    });
    expect(await readFiles(artifact)).toEqual(before);
  });
});

describe("an update by URL", () => {
  const noFolder: PictureSource = {
    ...createFolderPictures(""),
    scan: async () => ({ pictures: [], skipped: [] }),
  };

  /** On a loopback host that is called `cdn.example`, which it takes for a public one. */
  async function aSource(answer: RequestListener, others: PictureSource) {
    const host = await startHost(answer);
    const origin = `http://cdn.example:${host.port}`;
    const hosts = hostRules(origin);
    if ("must" in hosts) throw new Error(hosts.must);
    const parts = { hosts: hosts.value, fetchImage: aFetcher({ hosts: origin }), downloads: openDownloads(downloads) };
    return { host, origin, source: createUrlPictures({ ...parts, others, sleep: async () => {}, epochMs: () => 0 }) };
  }

  test("has the very bytes that a build of all its pictures has, with what could not be had", async () => {
    const picture = await readFile(join(options.imagesFolder, "footwear/heels/0.png"));
    const answer: RequestListener = (request, response) =>
      request.url === "/gone.jpg" ? void response.writeHead(404).end() : void response.end(picture);
    const { host, origin, source } = await aSource(answer, noFolder);
    const lines = [
      { id: "bottomwear/a", title: "Jeans", category: "bottomwear_pants", image_url: `${origin}/a.jpg` },
      { id: "gone", category: "dress", image_url: `${origin}/gone.jpg` },
      { id: "upperwear/shirt/0", category: "upperwear_shirt", image_url: `${origin}/shirt.jpg` },
    ];
    const toText = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
    const itemsFile = join(work, "new.jsonl");
    await writeFile(itemsFile, toText(lines));
    const report = await updateCatalog({
      ...{ artifactFolder: artifact, outFolder: join(work, "next"), imagesFolder: join(downloads, "pictures") },
      ...{ source, itemsFile, categoryMap: new Map(), removed: new Set(["footwear/heels/1"]), index: "same" },
      ...{ workers: 1, sumsBytesExactly: true, now: () => 0, signal: new AbortController().signal },
    });
    expect(report).toMatchObject({
      ...{ items: 6, added: ["bottomwear/a"], replaced: ["upperwear/shirt/0"], removed: ["footwear/heels/1"] },
      skipped: [{ path: `${origin}/gone.jpg`, reason: "not fetched: status 404" }],
    });
    expect(host.connections()).toBe(3);

    const rest = await aFolder();
    await cp(options.imagesFolder, rest, { recursive: true });
    for (const path of ["upperwear/shirt/0.png", "footwear/heels/1.png"]) await rm(join(rest, path));
    const old = ["bottomwear/pants/0", "bottomwear/pants/1", "footwear/heels/0", "upperwear/shirt/1"];
    const allFile = join(work, "all.jsonl");
    await writeFile(allFile, toText([...lines, ...old.map((id) => ({ id }))]));
    // With the same downloads it asks for nothing but what is not there.
    const hosted = createUrlPictures({
      ...{
        others: createFolderPictures(rest),
        fetchImage: aFetcher({ hosts: origin }),
        sleep: async () => {},
        epochMs: () => 0,
      },
      ...{ hosts: (hostRules(origin) as { value: [] }).value, downloads: openDownloads(downloads) },
    });
    const files = await built({ imagesFolder: rest, itemsFile: allFile, source: hosted });
    expect(await readFiles(report.artifact.folder)).toEqual(files);
    expect(host.connections()).toBe(4);
  });

  test("asks nobody on a private address, also where the list has it, and keeps the catalog", async () => {
    const host = await startHost((_, response) => void response.end("x"));
    const items = join(work, "items.csv");
    await writeFile(items, `id,category,image_url\n1,hats,http://127.0.0.1:${host.port}/a.png\n`);
    const flags = ["--items", items, "--downloads", downloads, "--out", join(work, "next")];
    const { exitCode, stderr } = await update(...flags, "--fetch-images", `http://127.0.0.1:${host.port}`);
    expect([exitCode, stderr.split("\n")[0]]).toEqual([
      0,
      `skipped http://127.0.0.1:${host.port}/a.png: not fetched: the host is not on the public internet`,
    ]);
    expect([stderr.includes("6 items: 0 added, 0 replaced, 0 removed, 1 skipped"), host.connections()]).toEqual([
      true,
      0,
    ]);
  });
});

describe("inputs of an update that make no sense", () => {
  const told = async (...flags: readonly string[]) => {
    const { exitCode, stderr } = await update("--out", join(work, "next"), ...flags);
    return [exitCode, stderr.trim().split("\n")];
  };

  test("are told at once", async () => {
    await stat(artifact);
    expect(await told("--add", "s3:/looks", "--items", "s3://looks/items/", "--fetch-images", "*")).toEqual([
      2,
      [
        'stygig: --add must be s3://bucket/key, not "s3:/looks"',
        'stygig: --items must name an object, not "s3://looks/items/"',
        expect.stringMatching(/^stygig: --fetch-images must be hosts such as/),
        "stygig: --downloads is missing: the folder for what is fetched or sent",
      ],
    ]);
    expect(await told("--items", "s3://looks/items.csv", "--downloads", downloads)).toEqual([
      2,
      ["stygig: --add is missing: the folder of the pictures"],
    ]);
    expect(await told("--add", "/nonexistent", "--downloads", join(artifact, "fetched"))).toEqual([
      2,
      [
        `stygig: --downloads: ${join(artifact, "fetched")} must not lie inside ${artifact}`,
        "stygig: --add: /nonexistent is not a folder",
      ],
    ]);
  });
});
