import { rm } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { toEvalPage } from "../../src/cli/eval-page.js";
import { type EvalReport, toEvalDocument, toEvalText } from "../../src/cli/eval-text.js";
import type { Candidate } from "../../src/domain/candidate.js";
import { toBoardPicture } from "../../src/sheet/board-picture.js";
import { aFolder } from "../support/a-folder.js";
import { anEvalReport, hostileName } from "../support/an-eval-report.js";
import { tinyPicture } from "../support/tiny-artifact.js";

type Made = Awaited<ReturnType<typeof anEvalReport>>;
let made: Made;
let page: string;

beforeAll(async () => {
  made = await anEvalReport(await aFolder());
  page = await toEvalPage(made.report, made.pieces);
});

describe("the page of an evaluation", () => {
  it("takes no name for its own words", () => {
    expect(page).not.toContain(hostileName);
    expect(page).not.toMatch(/<script|&(?!amp;|lt;|gt;|quot;|#39;|nbsp;)/);
    expect(page).toContain("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;");
  });

  it("links to every section, and each is there once", () => {
    const linked = [...page.matchAll(/href="#([a-z]+)"/g)].map(([, id]) => id);
    const there = [...page.matchAll(/<section id="([a-z]+)"/g)].map(([, id]) => id);
    expect(linked).toEqual(there);
    expect(new Set(there).size).toBe(there.length);
    expect(there).toContain("failed");
  });

  it("says of each gate and of each reduced model whether it passed", () => {
    expect(page.match(/pill bad">failed/g)).toHaveLength(3);
    expect(page.match(/pill good">passed/g)).toHaveLength(2);
    expect(page.match(/not measured/g)).toHaveLength(1);
    expect(page).toContain("could not be measured");
  });

  it("says what the build measured of its index", async () => {
    expect(page).toContain("The build measured 99.0&nbsp;% same answers to 100 of its own items.");
    const { report, pieces } = made;
    const flat = { ...report, facts: { ...report.facts, index_agreement: null } };
    expect(await toEvalPage(flat, pieces)).not.toContain("The build measured");
  });

  it("says what the confidence is fitted on", async () => {
    expect(page).toContain("is fitted on 1234 votes of its own items");
    const { report, pieces } = made;
    const loose = { ...report, facts: { ...report.facts, calibrated_on: 0 } };
    expect(await toEvalPage(loose, pieces)).toContain("is not fitted");
  });

  it("shows a piece by its picture where there is one, else by its color, and none as none", async () => {
    expect(page).toContain(`class="piece bare" title="jeans"`);
    const picture = await toBoardPicture(tinyPicture([1, 2, 3]), 60);
    const read = async ({ row }: Pick<Candidate, "row" | "path">) => (row === 5 ? picture : null);
    const pictured = await toEvalPage(made.report, { before: read, after: read });
    expect(pictured).toMatch(/class="piece" title="jeans"><img src="data:image\/webp;base64,/);
  });

  it("shows no more of the answers that changed than one looks at", async () => {
    const { report, pieces } = made;
    const [change] = report.index!.changes;
    const changes = Array.from({ length: 15 }, () => change!);
    const long: EvalReport = { ...report, compared: null, index: { ...report.index!, changes } };
    const shown = await toEvalPage(long, pieces);
    expect(shown.match(/<article>/g)).toHaveLength(12);
    expect(shown).toContain("and 3 more");
  });

  it("is not made when a photo has gone meanwhile", async () => {
    const folder = await aFolder();
    const gone = await anEvalReport(folder);
    await rm(folder, { recursive: true });
    await expect(toEvalPage(gone.report, gone.pieces)).rejects.toThrow("ENOENT");
  });
});

describe("the evaluation as text and as JSON", () => {
  it("says everything in lines, the categories as columns", () => {
    const lines = toEvalText(made.report).split("\n");
    expect(lines[0]!.trim().split(/ {2,}/)).toEqual(["category", "right", "found", "precise", "plain vote"]);
    expect(lines[2]!.split(/ {2,}/)).toEqual(["upperwear_shirt", "5/8", "62.5 %", "100.0 %", "62.5 %"]);
    expect(new Set(lines.slice(0, 3).map(({ length }) => length)).size).toBe(1);
    expect(lines).toContainEqual(expect.stringContaining("index codes: finds 100.0 % of the ten nearest"));
    expect(lines).toContainEqual(expect.stringContaining("the dominant color is named right in 50.0 %"));
    expect(lines).toContainEqual(expect.stringContaining("1 gained, 5 lost, 2 wrong in another way"));
  });

  it("names pieces by their ids", () => {
    const { index, compared, ...rest } = JSON.parse(JSON.stringify(toEvalDocument(made.report)));
    const winners = [{ category: "bottomwear_pants", before: "jeans", after: "slim" }];
    expect(index.changes).toHaveLength(2);
    expect(index.changes[0].winners).toEqual(winners);
    expect(compared.answers.changes[0].winners).toEqual(winners);
    expect(compared.changes).toHaveLength(8);
    expect(rest.gates).toHaveLength(3);
  });
});
