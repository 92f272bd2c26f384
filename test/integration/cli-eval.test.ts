import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { faissAvailability } from "../../src/adapters/faiss-index.js";
import { aFolder } from "../support/a-folder.js";
import { parseLines, runStygig } from "../support/run-stygig.js";
import { unlessSkipped } from "../support/skip-by-name.js";
import { writeTinyArtifact } from "../support/tiny-artifact.js";
import { type TinyEntry, writeTinyEncoder } from "../support/tiny-encoder.js";

const fp32: TinyEntry = { entry: { precision: "fp32" } };
const int8: TinyEntry = { entry: { precision: "int8", weightBits: 7 }, graph: { weightNoise: 0.9 } };

const faiss = faissAvailability();

let folder: string;
let artifact: string;
let labeled: string;
let asked: readonly string[];
/** An artifact of the same pictures by another network, and the folder of its encoder. */
let ofAnother: Readonly<{ artifact: string; encoder: string }>;
/** A store whose one generation is of the same pictures, in codes where there can be any. */
let store: string;
/** On one page beside what v4 would answer. */
let besideV4: Evaluation & Readonly<{ file: string }>;

type Evaluation = Awaited<ReturnType<typeof evaluate>>;

beforeAll(async () => {
  folder = await aFolder();
  artifact = await writeTinyArtifact(folder, {}, undefined, 32);
  labeled = join(folder, "labeled");
  await cp(join(folder, "images/footwear"), labeled, { recursive: true });
  await cp(join(folder, "images/upperwear/shirt"), join(labeled, "shirt"), { recursive: true });
  const map = join(folder, "map.json");
  await writeFile(map, JSON.stringify({ shoes: "footwear_shoes", shirt: "upperwear_shirt" }));
  asked = ["eval", "--artifact", artifact, "--photos", labeled, "--category-map", map];
  const another = join(folder, "another");
  [ofAnother, store, besideV4] = await Promise.all([
    writeTinyArtifact(another, { weightNoise: 0.5 }).then((built) => ({
      artifact: built,
      encoder: join(another, "encoder"),
    })),
    aStore(),
    evaluateBesideV4(),
  ]);
});

async function aStore(): Promise<string> {
  const out = join(folder, "store");
  const from = ["--images", join(folder, "images"), "--encoder", join(folder, "encoder")];
  const index = ["--index", faiss.available ? "codes" : "none"];
  const built = await runStygig(["catalog", "build", ...from, ...index, "--out", out, "--keep", "2"]);
  expect(built.exitCode, built.stderr).toBe(0);
  return out;
}

async function evaluateBesideV4() {
  const file = join(folder, "report.html");
  return { ...(await evaluate("--report", file, "--compare", "v4")), file };
}

const evaluate = (...flags: readonly string[]) => evaluateWith({}, ...flags);

async function evaluateWith(env: Readonly<Record<string, string>>, ...flags: readonly string[]) {
  const { exitCode, stdout, stderr } = await runStygig([...asked, ...flags, "--json"], "", { env });
  return { exitCode, stderr, report: parseLines(stdout)[0] };
}

// Side by side: most of a command's time is its start.
describe.concurrent("stygig eval", () => {
  it("measures vote, index and colors, and names what it could not read", async () => {
    const broken = join(folder, "with-broken");
    await cp(labeled, broken, { recursive: true });
    await writeFile(join(broken, "shoes", "broken.jpg"), "no picture");
    const { exitCode, stderr, report } = await evaluate("--photos", broken);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("broken.jpg: image_undecodable");
    expect(report.photos).toBe(6);
    const { footwear_shoes: shoes, upperwear_shirt: shirt } = report.per_category;
    expect([shoes.support, shirt.support]).toEqual([3, 3]);
    expect(report.vote_accuracy).toBeCloseTo((shoes.right + shirt.right) / 6, 4);
    // A tiny catalog is compared whole, by whichever index there is.
    expect(report.index).toMatchObject({ queries: 6, recallAt10: 1, sameAnswer: 1, changes: [] });
    expect(report.colors).toMatchObject({ photos: 6, labels: null });
    expect(report.catalog).toMatchObject({ items: 18, vectors_by: "fp32", queries_by: "fp32 on cpu" });
    expect(report.failed).toEqual([{ path: join(broken, "shoes", "broken.jpg"), reason: "image_undecodable" }]);
  });

  it("shows everything on one page that needs nothing else", async () => {
    const { exitCode, stderr, report, file } = besideV4;
    expect([exitCode, stderr], stderr).toEqual([0, expect.stringContaining(`wrote ${file}`)]);
    const page = await readFile(file, "utf8");
    expect(page).not.toMatch(/<script|https?:|src="(?!data:)|url\(/);
    const sections = ["compared", "categories", "confusion", "calibration", "worst", "index", "colors", "encoder"];
    for (const id of sections) expect(page).toContain(`<section id="${id}">`);
    const shown = report.worst.length + report.colors.worst.length + report.compared.changes.length;
    expect(page.match(/<figure>/g) ?? []).toHaveLength(shown);
    expect(page.match(/<article>/g) ?? []).toHaveLength(report.compared.answers.changes.length);
  });

  it("finds nothing to tell between an artifact and itself, which passes its gates", async () => {
    const gates = ["--min-index-recall", "0.99", "--min-same-answers", "1", "--max-calibration-error", "1"];
    const { exitCode, stderr, report } = await evaluate("--compare", artifact, ...gates);
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(report.gates.map(({ passed }: { passed: boolean }) => passed)).toEqual([true, true, true]);
    expect(report.compared).toMatchObject({ changes: [], answers: { same_answer: 1, changes: [] } });
    expect(report.compared.evaluation.vote_accuracy).toBe(report.vote_accuracy);
  });

  it("says what v4 would answer, which knows no confidence", async () => {
    const { report } = besideV4;
    const { name, evaluation, answers } = report.compared;
    expect(name).toBe("v4");
    expect(evaluation).toMatchObject({ vote_accuracy: report.vote_accuracy_v4, calibration_error: null });
    expect(answers.photos).toBe(6);
    for (const { path, winners } of answers.changes) {
      expect(path).toContain(labeled);
      for (const { before, after } of winners) expect(before).not.toBe(after);
    }
  });

  it("says what another encoder folder of the same network would answer, by the precision wanted", async () => {
    // Its own: what runs beside it has folders in the usual one.
    const temporary = { TMPDIR: await aFolder() };
    const encoder = join(folder, "two-models");
    await writeTinyEncoder(encoder, {}, [fp32, int8]);
    const [same, noisy] = await Promise.all([
      evaluateWith(temporary, "--compare", `${encoder}:fp32`),
      evaluateWith(temporary, "--compare", `${encoder}:int8`),
    ]);
    expect(same.report.compared).toMatchObject({ name: "two-models:fp32", answers: { same_answer: 1 } });
    expect(noisy.exitCode, noisy.stderr).toBe(0);
    expect(noisy.report.compared.answers.same_answer).toBeLessThan(1);
    const left = await readdir(temporary.TMPDIR);
    expect(left.filter((name) => name.startsWith("stygig-"))).toEqual([]);
  });

  it("takes a store for its current generation, which it lets go again", async () => {
    const { exitCode, stderr, report } = await evaluate("--artifact", store, "--compare", store);
    expect(exitCode, stderr).toBe(0);
    expect(report.name).toBe("store");
    expect(report.compared).toMatchObject({ name: "store", answers: { same_answer: 1 } });
    expect(await readdir(join(store, "holds"))).toEqual([]);
  });

  it("says what other rules would answer", async () => {
    const rules = join(folder, "rules.json");
    await writeFile(rules, JSON.stringify({ name: "narrow", maxTotal: 1 }));
    const { exitCode, stderr, report } = await evaluate("--compare", `rules:${rules}`);
    expect(exitCode, stderr).toBe(0);
    expect(report.compared.evaluation.answer_categories).toEqual({ min: 1, median: 1 });
    expect(report.compared.evaluation.vote_accuracy).toBe(report.vote_accuracy);
    const unknown = await evaluate("--compare", "rules:best");
    expect(unknown.exitCode).toBe(2);
    expect(unknown.stderr).toContain('rules "best" are neither a readable file nor one of standard, default');
  });

  it("holds the colors against what people call them", async () => {
    const labels = join(folder, "colors.json");
    const names = { "shoes/0.png": "red", "shoes/1.png": "#283cc8", "shoes/2.png": "purple", "gone/1.png": "red" };
    await writeFile(labels, JSON.stringify(names));
    const flags = ["--color-labels", labels, "--min-color-accuracy", "0.7"];
    const { exitCode, stderr, report } = await evaluate(...flags);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("note: 1 color labels are of no photo");
    expect(report.colors.labels).toMatchObject({
      photos: 3,
      dominant_right: 0.6667,
      per_family: { red: { photos: 1, dominant_right: 1 }, purple: { photos: 1, dominant_right: 0 } },
    });
    expect(report.colors.mislabeled).toMatchObject([{ label: "purple", dominant: [90, 160, 60] }]);
  });

  it("holds a catalog to its gates: one line for each that fails, and exit code 1", async () => {
    const { exitCode, stderr, report } = await evaluate("--min-vote-accuracy", "1", "--max-calibration-error", "0");
    expect(report.vote_accuracy).toBeLessThan(1);
    expect(exitCode).toBe(1);
    expect(stderr.trimEnd().split("\n")).toEqual([
      `stygig: --min-vote-accuracy 1: the share of photos whose vote is right is ${report.vote_accuracy}, below it`,
      `stygig: --max-calibration-error 0: the calibration error of the confidence is ${report.calibration_error}, above it`,
    ]);
  });

  it("prints what it has measured before a page that cannot be written fails", async () => {
    const taken = join(folder, "taken.html");
    await mkdir(join(taken, "within"), { recursive: true });
    const { exitCode, stderr, report } = await evaluate("--report", taken);
    expect([exitCode, report.photos]).toEqual([1, 6]);
    expect(stderr).toMatch(/^stygig: .*taken\.html cannot be written \(\w+\)\n$/);
  });

  it("says which labels the catalog has no category for", async () => {
    const empty = join(await aFolder(), "empty.json");
    await writeFile(empty, "{}");
    const { exitCode, stderr, report } = await evaluate("--category-map", empty);
    expect([exitCode, report.vote_accuracy]).toEqual([0, 0]);
    expect(stderr).toContain("note: the catalog has no shirt, shoes: photos of it cannot be right");
  });

  it("fails in one line when no photo can be answered", async () => {
    const unreadable = join(await aFolder(), "photos");
    await mkdir(join(unreadable, "shoes"), { recursive: true });
    await writeFile(join(unreadable, "shoes", "a.jpg"), "no picture");
    const { exitCode, stderr } = await evaluate("--photos", unreadable);
    expect(exitCode).toBe(1);
    expect(stderr).toBe("stygig: none of the 1 photos could be answered: image_undecodable\n");
  });

  it.each([
    ["a precision that the encoder does not have", async () => "int8", "encoder has no int8 model"],
    [
      "an encoder of another network without pictures",
      async () => ofAnother.encoder,
      "vectors: give --images, the pictures",
    ],
  ])("fails in one line over %s, before it looks at a photo", async (_what, toTarget, message) => {
    const { exitCode, stderr } = await evaluate("--compare", await toTarget());
    expect(exitCode).toBe(1);
    expect(stderr.trimEnd().split("\n")).toEqual([expect.stringContaining(message)]);
  });

  it("looks at the items again for an encoder of another network", async () => {
    const [{ exitCode, stderr, report }, beside] = await Promise.all([
      evaluate("--compare", ofAnother.encoder, "--images", join(folder, "images")),
      evaluate("--compare", ofAnother.artifact),
    ]);
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(report.compared).toEqual({ ...beside.report.compared, name: "encoder" });
    expect(report.compared.answers.same_answer).toBeLessThan(1);
  });

  it("says what is left out where pictures of the items are missing", async () => {
    const partial = join(await aFolder(), "images");
    await cp(join(folder, "images/upperwear"), join(partial, "upperwear"), { recursive: true });
    const lacking = await evaluate("--compare", ofAnother.encoder, "--images", partial);
    expect([lacking.exitCode, lacking.stderr]).toEqual([0, expect.stringContaining("note: 12 pictures or items")]);
  });

  it.each([
    ["a folder without photos", async () => ["--photos", await aFolder()], "no photos are in folders of"],
    ["no folder", async () => ["--photos", "no-such-folder"], "no-such-folder is not a readable folder"],
    ["a map that is no JSON", async () => ["--photos", ".", "--category-map", "README.md"], "README.md is not JSON"],
    ["a map of other things", async () => ["--photos", ".", "--category-map", "package.json"], "the category map: "],
  ])("refuses %s with exit code 2", async (_what, toFlags, message) => {
    const { exitCode, stderr } = await runStygig([...asked, ...(await toFlags())]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });

  it("refuses flags with every problem at once", async () => {
    const flags = ["--min-vote-accuracy", "86", "--min-color-accuracy", "0.9", "--compare", "no-such-folder"];
    const { exitCode, stdout, stderr } = await runStygig([...asked, ...flags]);
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr.trimEnd().split("\n")).toEqual([
      'stygig: --min-vote-accuracy must be a number from 0 to 1, not "86"',
      "stygig: --min-color-accuracy goes with --color-labels",
      expect.stringContaining("no-such-folder is none of v4, fp32, fp16, int8, rules:NAME, or the folder of"),
    ]);
  });

  it.each([
    ["that are no JSON", async () => "README.md", "README.md is not JSON"],
    ["of no photo", () => labelsOf({ "x/1.png": "red" }), "none of the photos"],
    ["that nobody knows", () => labelsOf({ "shoes/1.png": "mauve" }), 'shoes/1.png is "mauve"; a color is red, orange'],
  ])("refuses color labels %s", async (_what, toFile, message) => {
    const { exitCode, stderr } = await runStygig([...asked, "--color-labels", await toFile()]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  async function labelsOf(labels: Readonly<Record<string, string>>): Promise<string> {
    const file = join(await aFolder(), "labels.json");
    await writeFile(file, JSON.stringify(labels));
    return file;
  }
});

unlessSkipped("stygig eval of a catalog in codes", faiss.available ? null : faiss.reason, () => {
  it("opens a catalog in codes by its whole vectors for v4", async () => {
    const { exitCode, stderr, report } = await evaluate("--artifact", store, "--compare", "v4");
    expect(exitCode, stderr).toBe(0);
    expect(report.catalog).toMatchObject({ index: "codes", index_agreement: { sameAnswer: 1 } });
    expect(report).toMatchObject({ vote_accuracy_v4: null, index: { recallAt10: 1, sameAnswer: 1 } });
    expect(report.compared).toEqual(besideV4.report.compared);
  });
});
