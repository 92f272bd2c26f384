import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { toEvalPage } from "../../src/cli/eval-page.js";
import { aFolder } from "../support/a-folder.js";
import { anEvalReport } from "../support/an-eval-report.js";
import { unlessSkipped } from "../support/skip-by-name.js";
import { browserProblem, openBrowser } from "./a-browser.js";

const axe = await readFile(new URL(import.meta.resolve("axe-core/axe.min.js")), "utf8");

const looks = [360, 800, 1440].flatMap((width) =>
  (["light", "dark"] as const).map((colorScheme) => [width, colorScheme] as const),
);

type Finding = Readonly<{ id: string; impact: string; nodes: readonly Readonly<{ html: string }>[] }>;

unlessSkipped("the page of an evaluation in a browser", browserProblem, () => {
  let browser: Browser;
  let address: string;

  beforeAll(async () => {
    const folder = await aFolder();
    const { report, pieces } = await anEvalReport(folder);
    const file = join(folder, "report.html");
    await writeFile(file, await toEvalPage(report, pieces));
    address = pathToFileURL(file).href;
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });

  test.each(looks)("is no wider than %i pixels, %s, loads nothing and bars nobody", async (width, colorScheme) => {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    const page = await context.newPage();
    const problems: string[] = [];
    page.on("console", (message) => problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("request", (request) => {
      if (request.url() !== address && !request.url().startsWith("data:")) problems.push(`asks ${request.url()}`);
    });
    try {
      await page.goto(address);
      const seen = await page.evaluate<Readonly<{ wide: number; broken: number; shown: number }>>(`(async () => {
        const images = [...document.images];
        for (const image of images) image.loading = "eager";
        await Promise.all(images.map((image) => image.decode()));
        const broken = images.filter((image) => image.naturalWidth === 0).length;
        return { wide: document.documentElement.scrollWidth, broken, shown: images.length };
      })()`);
      expect(seen).toMatchObject({ wide: width, broken: 0 });
      expect(seen.shown).toBeGreaterThan(10);
      await page.evaluate(axe);
      const { violations } = await page.evaluate<Readonly<{ violations: readonly Finding[] }>>("axe.run()");
      expect(violations.map(({ id, impact, nodes }) => [id, impact, nodes[0]?.html.slice(0, 200)])).toEqual([]);
      expect(problems).toEqual([]);
    } finally {
      await context.close();
    }
  });

  test("leads from its list to each section, by keyboard too", async () => {
    const page = await browser.newPage();
    try {
      await page.goto(address);
      await page.keyboard.press("Tab");
      expect(await page.evaluate("document.activeElement.textContent")).toMatch(/^Beside/);
      await page.keyboard.press("Enter");
      await page.waitForURL(/#compared$/);
      await page.click('nav a[href="#encoder"]');
      await page.waitForFunction("document.querySelector('#encoder').getBoundingClientRect().top < innerHeight");
    } finally {
      await page.close();
    }
  });
});
