import { cp, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { colorOf, writePicture } from "../support/a-catalog-build.js";
import { aFolder } from "../support/a-folder.js";
import { readProjectFile } from "../support/project-files.js";
import { runStygig } from "../support/run-stygig.js";

// The pages that a newcomer walks through, walked through: every line of theirs that needs neither a network nor an
// account, in the order in which it stands, in a folder with photos as the pages assume them.

let folder: string;

beforeAll(async () => {
  folder = await aFolder();
  const photos = join(folder, "photos");
  for (const [i, category] of ["upperwear/shirt", "bottomwear/pants", "footwear/shoes"].entries()) {
    for (let each = 0; each < 4; each++)
      await writePicture(photos, `${category}/${each}.png`, { color: colorOf(i * 9 + each) });
  }
  await writePicture(folder, "look.jpg", { color: colorOf(50) });
  await writePicture(join(folder, "new-photos"), "accessories/hat/1.png", { color: colorOf(60) });
  await writeFile(join(folder, "sold.txt"), "footwear/shoes/0\n");
  const paths = (await readdir(photos, { recursive: true })).filter((path) => path.endsWith(".png"));
  const items = paths.map((path) => `${path.slice(0, -4)},"One, of many",https://cdn.example.com/${path}\n`);
  await writeFile(join(folder, "items.csv"), ["id,title,image_url\n", ...items].join(""));
  const added = "accessories/hat/1";
  await writeFile(join(folder, "new.csv"), `id,image_url\n${added},https://cdn.example.com/${added}.png\n`);
  // What a training job finds in place of /opt/ml.
  await cp(photos, join(folder, "job/input/data/images"), { recursive: true });
  // One folder a class, named as the catalog's categories are.
  await mkdir(join(folder, "labeled"));
  await cp(join(photos, "upperwear/shirt"), join(folder, "labeled/upperwear_shirt"), { recursive: true });
}, 60_000);

/** The command lines of a page's shell blocks, without comments. */
function linesOf(page: string): readonly (readonly string[])[] {
  const blocks = [...readProjectFile(page).matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block]) => block!);
  return blocks
    .flatMap((block) => block.replaceAll("\\\n", " ").split("\n"))
    .map((line) => line.replace(/\s#.*$/, "").trim())
    .filter((line) => line.startsWith("bin/stygig "))
    .map((line) => line.split(/\s+/).slice(1));
}

/** What runs until somebody ends it, is shown elsewhere, or goes to AWS; a dry run stays at home. */
function isForHere(words: readonly string[]): boolean {
  if (words.includes("--dry-run")) return true;
  return words[0] !== "serve" && words[0] !== "deploy" && !words.some((word) => word.startsWith("s3://"));
}

const env = { AWS_REGION: "us-east-1", SAGEMAKER_ROLE: "arn:aws:iam::123456789012:role/look" };

describe.each(["docs/quick-start.md", "docs/catalog.md", "docs/evaluation.md"])("%s", (page) => {
  const lines = linesOf(page).filter(isForHere);

  it("has lines to walk through", () => {
    expect(lines.length).toBeGreaterThanOrEqual(4);
  });

  it.each(lines.map((words) => ({ line: words.join(" "), words })))("$line", async ({ words }) => {
    const { exitCode, stderr } = await runStygig(words, "", { folder, env });
    expect(exitCode, stderr).toBe(0);
  });
});

it("the walk leaves what the pages say", async () => {
  const names = await readdir(folder);
  for (const name of ["artifact", "store", "seen", "model.tar.gz", "report.html"]) expect(names).toContain(name);
});
