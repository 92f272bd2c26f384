import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningServer } from "../../src/main.js";
import { aFolder } from "../support/a-folder.js";
import { captureLog } from "../support/captured-log.js";
import { serve } from "../support/compiled-main.js";
import { unlessSkipped } from "../support/skip-by-name.js";
import { writeTinyArtifact } from "../support/tiny-artifact.js";
import { browserProblem, openBrowser } from "./a-browser.js";

const axe = await readFile(new URL(import.meta.resolve("axe-core/axe.min.js")), "utf8");

unlessSkipped("the page of the API in a browser", browserProblem, () => {
  let browser: Browser;
  let server: RunningServer;

  beforeAll(async () => {
    const env = { PORT: "0", STYGIG_ENCODER_WORKERS: "1", INDEX: "exact" };
    server = await serve({ artifactFolder: await writeTinyArtifact(await aFolder()), log: captureLog().log, env });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  type Looks = Readonly<{ width: number; colorScheme: "light" | "dark"; bypassCSP?: boolean }>;

  /** Loads the page, and fails where a browser has anything to say about it. */
  async function look(
    { width, colorScheme, bypassCSP = false }: Looks,
    steps: (page: Page) => Promise<void>,
  ): Promise<void> {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, bypassCSP });
    const page = await context.newPage();
    const problems: string[] = [];
    const asked: string[] = [];
    page.on("console", (message) => problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("request", (request) => asked.push(request.url()));
    try {
      const address = `http://127.0.0.1:${server.port}/docs`;
      await page.goto(address, { waitUntil: "networkidle" });
      await steps(page);
      expect(problems).toEqual([]);
      expect(asked.filter((each) => !each.startsWith("data:"))).toEqual([address]);
    } finally {
      await context.close();
    }
  }

  const looks = [360, 800, 1440].flatMap((width) =>
    (["light", "dark"] as const).map((colorScheme) => [width, colorScheme] as const),
  );

  describe("the page of the API", () => {
    test.each(looks)("is in its own style at %i pixels, %s, and no wider", async (width, colorScheme) => {
      await look({ width, colorScheme }, async (page) => {
        const seen = await page.evaluate(`({
          excess: document.documentElement.scrollWidth - document.documentElement.clientWidth,
          ground: getComputedStyle(document.body).backgroundColor,
        })`);
        expect(seen).toEqual({ excess: 0, ground: colorScheme === "light" ? "rgb(246, 242, 236)" : "rgb(22, 20, 18)" });
      });
    });

    test.each(looks)("has nothing that axe finds fault with at %i pixels, %s", async (width, colorScheme) => {
      // The policy keeps scripts out, so for once it is set aside.
      await look({ width, colorScheme, bypassCSP: true }, async (page) => {
        await page.evaluate(`for (const each of document.querySelectorAll("details")) each.open = true`);
        await page.evaluate(axe);
        const found = (await page.evaluate("axe.run()")) as { violations: readonly { id: string; help: string }[] };
        expect(found.violations.map(({ id, help }) => `${id}: ${help}`)).toEqual([]);
      });
    });

    test("can be read with the keyboard alone: an example opens, a link leads to its shape", async () => {
      await look({ width: 1440, colorScheme: "light" }, async (page) => {
        const closed = page.locator("#recommend details:not([open]) summary").first();
        await closed.focus();
        await page.keyboard.press("Enter");
        expect(await page.locator("#recommend details[open]").count()).toBe(2);
        await page.locator('#recommend a[href="#schema-Reply"]').first().focus();
        await page.keyboard.press("Enter");
        expect(new URL(page.url()).hash).toBe("#schema-Reply");
      });
    });
  });
});
