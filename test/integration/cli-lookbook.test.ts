import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { aFolder } from "../support/a-folder.js";
import { runStygig } from "../support/run-stygig.js";
import { tinyPicture, writeTinyArtifact } from "../support/tiny-artifact.js";

let folder: string;
let artifact: string;
let images: string;
let photos: string;

const names = ["a.png", "b/c.png", "b/d.png", "e.png"];

beforeAll(async () => {
  folder = await aFolder();
  artifact = await writeTinyArtifact(folder);
  images = join(folder, "images");
  photos = join(folder, "photos");
  await mkdir(join(photos, "b"), { recursive: true });
  for (const [i, name] of names.entries()) await writeFile(join(photos, name), tinyPicture([190, 50, 40 * i], i));
});

async function lookbook(out: string, ...flags: string[]) {
  return runStygig(["lookbook", "--artifact", artifact, "--out", out, ...flags]);
}

/** In order: the places in the index, and where they lead. */
function readIndex(html: string) {
  return [...html.matchAll(/<li><a href="#(look-\d+)">.*?<small title="([^"]*)">/gs)].map(([, id, name]) => [id, name]);
}

function count(html: string, what: RegExp): number {
  return [...html.matchAll(what)].length;
}

describe("stygig lookbook", () => {
  it("has each photo in its index and on a board, in their order, and each picture once", async () => {
    const out = join(folder, "new/book.html");
    const { exitCode, stdout, stderr } = await lookbook(out, "--photos", photos, "--images", images);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "" });
    expect(stderr).toContain(`wrote ${out}: 4 of 4 have an answer`);
    const html = await readFile(out, "utf8");
    expect(readIndex(html)).toEqual(names.map((name, i) => [`look-${i + 1}`, name]));
    expect([...html.matchAll(/<article class="board" id="(look-\d+)"/g)].map(([, id]) => id)).toEqual(
      names.map((_, i) => `look-${i + 1}`),
    );
    const styles = [...html.matchAll(/<style>\.([a-z]+-\d+)\{/g)].map(([, name]) => name!);
    expect(new Set(styles).size).toBe(styles.length);
    expect(styles.filter((name) => name.startsWith("photo-"))).toHaveLength(4);
    const shown = new Set([...html.matchAll(/class="picture ((?:piece|photo)-\d+)"/g)].map(([, name]) => name!));
    expect([...shown].sort()).toEqual([...styles].sort());
    expect(count(html, /<li class="card">/g)).toBeGreaterThan(8);
    expect(await readdir(join(folder, "new"))).toEqual(["book.html"]);
  });

  it("needs nothing but itself", async () => {
    const out = join(folder, "alone.html");
    await lookbook(out, "--photos", photos);
    const html = await readFile(out, "utf8");
    expect(html.match(/src="|href="(?!#)|url\("(?!data:image\/jpeg;base64,)|@import|<script/g)).toBeNull();
    expect(html).toContain("default-src 'none'");
    expect(html.endsWith("</main>\n</html>\n")).toBe(true);
  });

  it("asks by the profile and for the gender that are named", async () => {
    const [v5, v4] = [join(folder, "v5.html"), join(folder, "v4.html")];
    await Promise.all([
      lookbook(v5, "--photos", photos),
      lookbook(v4, "--photos", photos, "--profile", "v4", "--gender", "male"),
    ]);
    expect(count(await readFile(v5, "utf8"), / · profile v5 · /g)).toBe(names.length + 1);
    expect(count(await readFile(v4, "utf8"), / · profile v4 · /g)).toBe(names.length + 1);
  });

  it("says of a photo that cannot be read why, and goes on", async () => {
    const mixed = join(folder, "mixed");
    await mkdir(mixed);
    await writeFile(join(mixed, "a.jpg"), "no picture");
    await writeFile(join(mixed, "b.png"), "");
    await writeFile(join(mixed, "c.png"), tinyPicture([1, 200, 3]));
    const out = join(folder, "mixed.html");
    const { exitCode, stderr } = await lookbook(out, "--photos", mixed);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("1 of 3 have an answer");
    expect(stderr).toMatch(/^stygig: a\.jpg: image_undecodable: The bytes are not a readable picture\.$/m);
    const html = await readFile(out, "utf8");
    expect(readIndex(html).map(([, name]) => name)).toEqual(["a.jpg", "b.png", "c.png"]);
    expect(count(html, /<b>No answer<\/b>/g)).toBe(2);
    expect(count(html, /<p class="reason">image_undecodable: /g)).toBe(2);
  });

  it("shows answers that came from elsewhere, and says which files are none", async () => {
    const answers = join(folder, "answers");
    await mkdir(answers);
    const flags = ["recommend", "--artifact", artifact, "--image", join(photos, "a.png"), "--json"];
    const { stdout } = await runStygig(flags);
    await writeFile(join(answers, "1.out"), stdout);
    await writeFile(join(answers, "2.json"), JSON.stringify({ error: { code: "image_undecodable" } }));
    const out = join(folder, "answers.html");
    const { exitCode, stderr } = await lookbook(out, "--answers", answers, "--images", images);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^stygig: 2\.json: the answer has no recommendations;/m);
    const html = await readFile(out, "utf8");
    for (const { item_id } of JSON.parse(stdout).recommendations) expect(html).toContain(item_id);
    expect(count(html, /class="picture piece-\d+"/g)).toBe(JSON.parse(stdout).recommendations.length);
    const bare = join(folder, "bare.html");
    await runStygig(["lookbook", "--answers", answers, "--out", bare]);
    expect(count(await readFile(bare, "utf8"), /<li class="card">/g)).toBe(JSON.parse(stdout).recommendations.length);
  });

  it.each(["SIGINT", "SIGTERM"] as const)(
    "leaves the book of before and nothing half-written at %s",
    async (signal) => {
      const out = join(folder, signal, "book.html");
      await mkdir(join(folder, signal));
      await writeFile(out, "the book of before");
      const many = join(folder, `many-${signal}`);
      await mkdir(many);
      const picture = tinyPicture([200, 10, 10], 3, 600);
      await Promise.all(Array.from({ length: 400 }, (_, i) => writeFile(join(many, `${i}.png`), picture)));
      const { exitCode, stderr } = await runStygig(
        ["lookbook", "--artifact", artifact, "--photos", many, "--out", out],
        "",
        {
          onStart: async (child) => {
            // The draft lies beside the book as soon as it is begun.
            await expect.poll(async () => (await readdir(join(folder, signal))).length, { timeout: 20_000 }).toBe(2);
            child.kill(signal);
          },
        },
      );
      expect({ exitCode, stderr }).toMatchObject({ exitCode: 130, stderr: expect.stringContaining("interrupted") });
      expect(await readdir(join(folder, signal))).toEqual(["book.html"]);
      expect(await readFile(out, "utf8")).toBe("the book of before");
    },
  );

  it.each([
    [[], ["give either --photos or --answers", "--artifact is missing", "--out is missing"]],
    [
      ["--photos", "a", "--answers", "b", "--out", "x.pdf"],
      ["give either --photos", "--out x.pdf does not end with .html"],
    ],
    [["--answers", "a", "--gender", "male", "--out", "x.html"], ["--profile and --gender go with --photos"]],
    [["--answers", "a", "--images", "b", "--out", "x.html"], ["--images goes with --artifact"]],
    [["--artifact", "a", "--photos", "nowhere", "--out", "x.html"], ["nowhere is not a readable folder"]],
    [["--answers", "src/domain", "--out", "x.html"], ["src/domain holds no answers (.json or .out)"]],
  ])("refuses %j with exit code 2 and every problem", async (flags, messages) => {
    const { exitCode, stderr } = await runStygig(["lookbook", ...flags]);
    expect(exitCode).toBe(2);
    for (const message of messages) expect(stderr).toContain(message);
  });
});
