import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { openPieceImages } from "../../src/cli/piece-images.js";
import { aFolder } from "../support/a-folder.js";
import { parseLines, runStygig } from "../support/run-stygig.js";
import { tinyPicture, writeTinyArtifact } from "../support/tiny-artifact.js";

let folder: string;
let out: string;
let artifact: string;
let images: string;
let picture: string;

beforeAll(async () => {
  folder = await aFolder();
  out = join(folder, "out");
  await mkdir(out);
  artifact = await writeTinyArtifact(folder);
  images = join(folder, "images");
  picture = join(folder, "query.png");
  await writeFile(picture, tinyPicture([190, 50, 50], 1));
});

function recommend(...flags: string[]) {
  return runStygig(["recommend", "--artifact", artifact, "--image", picture, ...flags]);
}

describe("stygig recommend --sheet", () => {
  it("draws the answer that it prints as a PNG", async () => {
    const sheet = join(out, "new/sheet.png");
    const { exitCode, stdout, stderr } = await recommend("--images", images, "--sheet", sheet, "--json");
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0, stderr: expect.stringContaining(`wrote ${sheet}`) });
    expect(parseLines(stdout)[0].recommendations.length).toBeGreaterThan(2);
    const { format, width, height } = await sharp(sheet).metadata();
    expect(format).toBe("png");
    expect(Math.min(width, height)).toBeGreaterThan(1000);
    expect(await readdir(join(out, "new"))).toEqual(["sheet.png"]);
  });

  it("draws it as an SVG with every piece and its picture in it", async () => {
    const sheet = join(out, "sheet.svg");
    const { stdout } = await recommend("--images", images, "--sheet", sheet, "--json", "--category", "upperwear_shirt");
    const svg = await readFile(sheet, "utf8");
    const rows: readonly { item_id: string; score: number }[] = parseLines(stdout)[0].recommendations;
    for (const { item_id, score } of rows) {
      expect(svg).toContain(`aria-label="${item_id}"`);
      expect(svg).toContain(`aria-label="${score.toFixed(2)}"`);
    }
    expect(svg).toContain(`aria-label="as you said"`);
    expect(svg.match(/<image /g)).toHaveLength(rows.length + 1);
  });

  it("draws it as a page, and shows colors where nobody has the pictures", async () => {
    const sheet = join(out, "sheet.HTML");
    const { stdout, stderr } = await recommend("--sheet", sheet, "--json");
    const html = await readFile(sheet, "utf8");
    const rows: readonly { item_id: string }[] = parseLines(stdout)[0].recommendations;
    for (const { item_id } of rows) expect(html).toContain(item_id);
    expect(stderr).toContain("the artifact has no thumbnails: give --images");
    expect(html.match(/<img /g)).toHaveLength(1);
    expect(html.match(/(src|href)="(?!data:)|url\(|@import|<script/g)).toBeNull();
  });

  it("shows the artifact's thumbnails where it has them", async () => {
    const withThumbnails = join(folder, "with-thumbnails");
    const built = [
      "--images",
      images,
      "--encoder",
      join(folder, "encoder"),
      "--thumbnails",
      "64",
      "--out",
      withThumbnails,
    ];
    expect(await runStygig(["catalog", "build", ...built])).toMatchObject({ exitCode: 0 });
    const sheet = join(out, "thumbnails.svg");
    const flags = ["--artifact", withThumbnails, "--image", picture, "--sheet", sheet, "--json"];
    const { stdout, stderr } = await runStygig(["recommend", ...flags]);
    expect(stderr).not.toContain("no thumbnails");
    const count = parseLines(stdout)[0].recommendations.length;
    expect((await readFile(sheet, "utf8")).match(/<image [^>]*href="data:image\/jpeg;base64,/g)).toHaveLength(
      count + 1,
    );
  });

  it("reads no picture outside the folder that the catalog was built from", async () => {
    const { read } = await openPieceImages(artifact, images);
    expect(await read({ row: 0, path: "upperwear/shirt/0.png" })).toMatchObject({ ratio: 1 });
    expect(await read({ row: 0, path: "../query.png" })).toBeNull();
    expect(await read({ row: 0, path: picture })).toBeNull();
  });

  it("shows an item of the catalog that was asked about with its own picture", async () => {
    const sheet = join(out, "item.html");
    const flags = ["--item-id", "footwear/shoes/0", "--similar", "--images", images, "--sheet", sheet];
    const { exitCode } = await runStygig(["recommend", "--artifact", artifact, ...flags]);
    expect(exitCode).toBe(0);
    expect(await readFile(sheet, "utf8")).toContain(`<img alt="footwear/shoes/0" src="data:image/jpeg`);
  });

  it("gives the same bytes for the same question", async () => {
    const [first, second] = [join(out, "first.svg"), join(out, "second.svg")];
    await Promise.all([recommend("--sheet", first), recommend("--sheet", second)]);
    expect(await readFile(first, "utf8")).toBe(await readFile(second, "utf8"));
  });

  it("draws the same PNG on a machine without fonts", async () => {
    const [usual, bare] = [join(out, "usual.png"), join(out, "bare.png")];
    const none = join(folder, "no-fonts.conf");
    await writeFile(none, "<fontconfig></fontconfig>");
    await recommend("--sheet", usual);
    const flags = ["--artifact", artifact, "--image", picture, "--sheet", bare];
    await runStygig(["recommend", ...flags], "", { env: { FONTCONFIG_FILE: none } });
    expect((await readFile(bare)).equals(await readFile(usual))).toBe(true);
  });

  it.each([
    [["--sheet", "sheet.pdf"], "--sheet sheet.pdf ends with none of .png, .svg or .html"],
    [["--images", "."], "--images goes with --sheet"],
  ])("refuses %j with exit code 2", async (flags, message) => {
    const { exitCode, stdout, stderr } = await recommend(...flags);
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 2, stdout: "", stderr: `stygig: ${message}\n` });
  });

  it("fails with one line where it cannot write, and leaves nothing half-written", async () => {
    const taken = join(out, "taken.png");
    await mkdir(taken);
    const { exitCode, stdout, stderr } = await recommend("--sheet", taken);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr.trim().split("\n").at(-1)).toBe(`stygig: ${taken} cannot be written (EISDIR)`);
    expect((await readdir(out)).filter((name) => name.startsWith("."))).toEqual([]);
  });

  it("names a picture of the catalog that is none", async () => {
    const broken = join(folder, "broken");
    await mkdir(join(broken, "footwear/shoes"), { recursive: true });
    await Promise.all([0, 1, 2].map((i) => writeFile(join(broken, `footwear/shoes/${i}.png`), "no picture")));
    const flags = ["--category", "upperwear_shirt", "--images", broken, "--sheet", join(out, "broken.svg")];
    const { exitCode, stderr } = await recommend(...flags);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^stygig: .*\/footwear\/shoes\/\d\.png is not a readable picture$/m);
    expect(await readdir(out)).not.toContain("broken.svg");
  });
});
