import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CatalogPart } from "../../page/reply.js";
import type { RunningServer } from "../../src/main.js";
import { aFolder } from "../support/a-folder.js";
import { captureLog } from "../support/captured-log.js";
import { serve } from "../support/compiled-main.js";
import { projectFolder } from "../support/project-files.js";
import { writeTinyArtifact } from "../support/tiny-artifact.js";

const { log, lines } = captureLog();
const settings = { PORT: "0", INDEX: "exact", STYGIG_ENCODER_WORKERS: "1" };
let artifactFolder = "";
let server: RunningServer;
let url = "";

beforeAll(async () => {
  artifactFolder = await writeTinyArtifact(await aFolder(), {}, undefined, 64);
  server = await serve({ env: { ...settings, STYGIG_PAGE: "on", STYGIG_MODEL_DIR: artifactFolder }, log });
  url = `http://127.0.0.1:${server.port}`;
  await server.ready;
});
afterAll(() => server.stop());

async function itemsOf(query = ""): Promise<CatalogPart> {
  const response = await fetch(`${url}/catalog/items${query}`);
  expect(response.status).toBe(200);
  return (await response.json()) as CatalogPart;
}

async function refusalOf(path: string): Promise<readonly [number, string]> {
  const response = await fetch(url + path);
  const { error } = (await response.json()) as Readonly<{ error: { code: string } }>;
  return [response.status, error.code];
}

describe("the page", () => {
  test("comes under a policy that lets it load and ask its own server alone", async () => {
    const response = await fetch(url);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const policy = response.headers.get("content-security-policy") ?? "";
    const rules = policy.split("; ");
    expect(rules).toEqual(expect.arrayContaining(["default-src 'none'", "script-src 'self'", "style-src 'self'"]));
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });

  test("names nothing that is elsewhere, and all it names is there", async () => {
    const text = await (await fetch(url)).text();
    const named = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address!);
    expect(named.every((address) => /^(#|\/(?!\/))/.test(address))).toBe(true);
    for (const address of named.filter((each) => each.startsWith("/"))) {
      expect((await fetch(url + address)).status, address).toBe(200);
    }
  });

  test("has each of its modules, as the build made them", async () => {
    const modules = (await readdir(join(projectFolder, "dist/page"))).filter((name) => name.endsWith(".js"));
    expect(modules).toContain("main.js");
    for (const name of modules) {
      const response = await fetch(`${url}/page/${name}`);
      expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/javascript; charset=utf-8"]);
    }
  });

  test("is not sent twice to who has it", async () => {
    const first = await fetch(`${url}/page/main.js`);
    const tag = first.headers.get("etag") ?? "";
    const headers = { "if-none-match": `"other", W/${tag}` };
    const second = await fetch(`${url}/page/main.js`, { headers });
    expect([second.status, await second.text()]).toEqual([304, ""]);
    const other = await fetch(`${url}/page/main.js`, { headers: { "if-none-match": '"other"' } });
    expect(other.status).toBe(200);
  });

  test("is only to be looked at", async () => {
    const response = await fetch(url, { method: "POST" });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    expect(await refusalOf("/page/../package.json")).toEqual([404, "route_unknown"]);
    expect(await refusalOf("/page/%2e%2e%2fmain.js")).toEqual([404, "route_unknown"]);
    expect(await refusalOf("/page/tsconfig.json")).toEqual([404, "route_unknown"]);
  });

  test("leaves neither line nor count behind when all is well", async () => {
    const before = lines.length;
    await fetch(url);
    await itemsOf();
    expect(lines.slice(before).map(({ event }) => event)).toEqual([]);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).not.toMatch(/route="\/(page|catalog)/);
  });
});

describe("the catalog's items", () => {
  test("come with their colors, and with what they may be filtered by", async () => {
    const { total, items, categories, has_thumbnails } = await itemsOf();
    expect([total, items.length, has_thumbnails]).toEqual([18, 18, true]);
    expect(Object.values(categories)).toEqual([3, 3, 3, 3, 3, 3]);
    expect(items[0]).toMatchObject({ category: "accessories_bag", title: null, palette: expect.any(Array) });
  });

  test("are filtered, and come piece by piece", async () => {
    const bags = await itemsOf("?category=accessories_bag");
    expect(bags.items.map(({ category }) => category)).toEqual(Array(3).fill("accessories_bag"));
    const blue = await itemsOf("?color=blue");
    expect([blue.total, new Set(blue.items.map(({ category }) => category)).size]).toEqual([6, 6]);
    expect((await itemsOf("?gender=male")).total).toBe(0);
    const all = await itemsOf();
    const part = await itemsOf("?offset=16&limit=5");
    expect([part.total, part.items]).toEqual([18, all.items.slice(16)]);
  });

  test("are sampled from every category", async () => {
    const { items } = await itemsOf("?samples=6");
    expect(new Set(items.map(({ category }) => category)).size).toBe(6);
  });

  test.each(["?limit=0x1", "?limit=1e9", "?offset=-1", "?color=mauve", "?page=2", "?limit=1&limit=2", "?samples=201"])(
    "%s is refused",
    async (query) => expect(await refusalOf(`/catalog/items${query}`)).toEqual([422, "option_invalid"]),
  );
});

describe("a thumbnail", () => {
  const addressOf = (id: string) => `/catalog/thumbnail?id=${encodeURIComponent(id)}`;

  test("is the item's own, and is not sent twice", async () => {
    const [item] = (await itemsOf()).items;
    const response = await fetch(url + addressOf(item!.item_id));
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "image/webp"]);
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect(Buffer.from(bytes.subarray(8, 12)).toString()).toBe("WEBP");
    const headers = { "if-none-match": response.headers.get("etag") ?? "" };
    expect((await fetch(url + addressOf(item!.item_id), { headers })).status).toBe(304);
  });

  test.each([
    [addressOf("nobody's"), [422, "item_unknown"]],
    ["/catalog/thumbnail", [422, "option_invalid"]],
    ["/catalog/thumbnail?id=a&id=b", [422, "option_invalid"]],
    ["/catalog/thumbnail?id=%ZZ", [422, "item_unknown"]],
  ])("%s is refused", async (path, refusal) => expect(await refusalOf(path)).toEqual(refusal));

  test("whose file is gone or another's is refused, and nothing fails", async () => {
    const all = await itemsOf();
    await rm(join(artifactFolder, "thumbnails", "17.webp"));
    const { item_id } = all.items[17]!;
    expect(await refusalOf(addressOf(item_id))).toEqual([422, "reference_not_found"]);
  });
});

describe("whether there is a page", () => {
  test.each([
    ["by default there is none", {}, undefined, 404],
    ["the command puts it on where nobody says", {}, "on", 200],
    ["a blank variable says nothing", { STYGIG_PAGE: " " }, "on", 200],
    ["the environment has the last word", { STYGIG_PAGE: "off" }, "on", 404],
    ["the environment puts it on", { STYGIG_PAGE: "on" }, undefined, 200],
  ] as const)("%s", async (_name, env, page, status) => {
    const missing = join(artifactFolder, "no-such-folder");
    const other = await serve({
      env: { ...settings, ...env, STYGIG_MODEL_DIR: missing },
      log: captureLog().log,
      ...(page === undefined ? {} : { page }),
    });
    try {
      expect((await fetch(`http://127.0.0.1:${other.port}/`)).status).toBe(status);
      const items = await fetch(`http://127.0.0.1:${other.port}/catalog/items`);
      // There is no artifact, so nothing but `not_ready` can be said of it.
      expect(items.status).toBe(status === 200 ? 503 : 404);
    } finally {
      await other.stop();
    }
  });
});
