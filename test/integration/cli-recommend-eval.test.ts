import { existsSync } from "node:fs";
import { cp, mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { aFolder } from "../support/a-folder.js";
import { parseLines, runStygig } from "../support/run-stygig.js";
import { unlessSkipped } from "../support/skip-by-name.js";
import { tinyPicture, writeTinyArtifact } from "../support/tiny-artifact.js";

const photos = fileURLToPath(new URL("../../../shared/photos/validation/", import.meta.url));
const categoryMap = fileURLToPath(new URL("../golden/data/photo-categories.json", import.meta.url));

let folder: string;
let artifact: string;
let picture: string;

beforeAll(async () => {
  folder = await aFolder();
  artifact = await writeTinyArtifact(folder);
  picture = join(folder, "query.png");
  await writeFile(picture, tinyPicture([190, 50, 50], 1));
});

describe("stygig recommend", () => {
  it("prints the reply of POST /invocations", async () => {
    const { exitCode, stdout } = await runStygig(["recommend", "--artifact", artifact, "--image", picture, "--json"]);
    const [reply] = parseLines(stdout);
    expect(exitCode).toBe(0);
    expect(Object.keys(reply).slice(0, 6)).toEqual([
      "query_item",
      "recommendations",
      "total_candidates",
      "faiss_search_results",
      "metadata",
      "enterprise_config",
    ]);
    expect(reply.recommendations.map(({ rank }: { rank: number }) => rank)).toEqual(
      reply.recommendations.map((_: unknown, i: number) => i + 1),
    );
  });

  it("prints a table for the eye: the vote, one row a piece, and the time", async () => {
    const flags = ["--artifact", artifact, "--image", picture, "--category", "upperwear_shirt", "--top-k", "2"];
    const { exitCode, stdout } = await runStygig(["recommend", ...flags]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^#[0-9a-f]{6} upperwear_shirt \(as you said\)$/m);
    expect(stdout.match(/^│ \d+ /gm)).toHaveLength(2);
    expect(stdout).toMatch(/\d+\.\d ms\n$/);
  });

  it("starts from an item of the catalog and leaves it out", async () => {
    const id = "footwear/shoes/0";
    const { stdout } = await runStygig(["recommend", "--artifact", artifact, "--item-id", id, "--similar", "--json"]);
    const ids = parseLines(stdout)[0].recommendations.map(({ item_id }: { item_id: string }) => item_id);
    expect(ids.length).toBeGreaterThan(0);
    expect(ids).not.toContain(id);
  });

  it("takes a store of generations for its current one, as a lookbook does", async () => {
    const store = join(folder, "store");
    const generation = join("generations", "a".repeat(64));
    await cp(artifact, join(store, generation), { recursive: true });
    await symlink(generation, join(store, "current"));
    const asked = async (from: string) => {
      const { exitCode, stdout } = await runStygig(["recommend", "--artifact", from, "--image", picture, "--json"]);
      return [exitCode, parseLines(stdout)[0]?.recommendations];
    };
    expect(await asked(store)).toEqual(await asked(artifact));
    const photos = join(folder, "asked");
    await cp(picture, join(photos, "query.png"));
    const flags = ["--artifact", store, "--photos", photos, "--out", join(folder, "book.html")];
    const { exitCode, stderr } = await runStygig(["lookbook", ...flags]);
    expect(exitCode, stderr).toBe(0);
    // Nobody reads the generation any more.
    expect(await readdir(join(store, "holds"))).toEqual([]);
  });

  it.each([
    [[], ["--artifact is missing", "give either --image or --item-id"]],
    [["--top-k", "0"], ["whole number of at least 1"]],
    [["--gender", "robot"], ["Allowed choices are male, female, unisex"]],
  ])("refuses %j with exit code 2 and every problem", async (flags, messages) => {
    const { exitCode, stderr } = await runStygig(["recommend", ...flags]);
    expect(exitCode).toBe(2);
    for (const message of messages) expect(stderr).toContain(message);
  });

  it.each([
    ["an item that is not there", ["--item-id", "nobody"], "no item with this id"],
    ["a file that is no picture", ["--image", "package.json"], "not a readable picture"],
    ["a file that is not there", ["--image", "no-such.png"], "stygig: --image: no-such.png cannot be read (ENOENT)\n"],
  ])("exits 1 over %s", async (_what, flags, message) => {
    const { exitCode, stderr } = await runStygig(["recommend", "--artifact", artifact, ...flags]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(message);
  });
});

const absent = existsSync(photos) ? null : "real photographs are not beside this clone (../shared/photos)";

unlessSkipped("a default answer for a real photo", absent, () => {
  it("covers at least three categories of the drawn sample catalog", async () => {
    const [sample, built, some] = ["sample", "sample-artifact", "photos"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    expect((await runStygig(["catalog", "sample", "--out", sample])).exitCode).toBe(0);
    const from = ["--images", join(sample, "images"), "--items", join(sample, "items.jsonl")];
    expect((await runStygig(["catalog", "build", ...from, "--out", built])).exitCode).toBe(0);
    for (const name of await readdir(photos)) {
      await mkdir(join(some, name), { recursive: true });
      for (const file of (await readdir(join(photos, name))).sort().slice(0, 3)) {
        await cp(join(photos, name, file), join(some, name, file));
      }
    }
    const { stdout } = await runStygig([
      "eval",
      "--artifact",
      built,
      "--photos",
      some,
      "--category-map",
      categoryMap,
      "--json",
    ]);
    const [report] = parseLines(stdout);
    expect(report.photos).toBe(30);
    expect(report.answer_categories.min).toBeGreaterThanOrEqual(3);
  });
});
