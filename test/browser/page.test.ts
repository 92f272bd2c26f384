import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ownSentences, sentenceFor } from "../../page/error-sentences.js";
import type { ServerProcess } from "../support/server-process.js";
import { unlessSkipped } from "../support/skip-by-name.js";
import { browserProblem, openBrowser, openPage, serveSamples } from "./a-browser.js";

const cards = ".board .card:not(.is-skeleton)";
const dress = "one-piece/dress/sun-dress-marigold";

unlessSkipped("the page in a browser", browserProblem, () => {
  let browser: Browser;
  let server: ServerProcess;
  let url = "";
  let picture = "";

  beforeAll(async () => {
    ({ url, server, picture } = await serveSamples());
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    server?.child.kill("SIGTERM");
    await server?.ended;
  });

  /** Walks on a page of its own, on which nothing but what is expected may go wrong. */
  async function walk(
    steps: (page: Page) => Promise<void>,
    looks: Parameters<typeof openPage>[2] = {},
    expected: RegExp = /^$/,
  ): Promise<void> {
    const { page, problems, close } = await openPage(browser, url, looks);
    try {
      await steps(page);
      expect(problems.filter((problem) => !expected.test(problem))).toEqual([]);
    } finally {
      await close();
    }
  }

  async function chooseSample(page: Page, id = dress): Promise<void> {
    await page.click(`.samples [data-item="${id}"]`);
    await page.waitForSelector(cards);
  }

  /** How many pieces the server itself finds around the sample. */
  async function countPieces(profile = "v5"): Promise<number> {
    const body = JSON.stringify({ item_id: dress, profile });
    const headers = { "content-type": "application/json" };
    const reply: unknown = await (await fetch(`${url}invocations`, { method: "POST", headers, body })).json();
    return (reply as { recommendations: unknown[] }).recommendations.length;
  }

  const announced = (page: Page) => page.textContent("#announcer");

  /** Of the pictures that are in sight. */
  async function expectPicturesToShow(page: Page): Promise<void> {
    const first = '[...document.querySelectorAll(".card img")].slice(0, 3)';
    await page.waitForFunction(`${first}.every((image) => image.complete)`);
    expect(await page.evaluate<number>(`Math.min(...${first}.map((image) => image.naturalWidth))`)).toBeGreaterThan(0);
  }

  test("loads without an error, a breach of its policy or a call elsewhere", () =>
    walk(async (page) => {
      await page.waitForLoadState("networkidle");
      expect(await page.title()).toBe("StyGig");
      expect(await page.locator(".sample").count()).toBe(12);
      const widths = '[...document.querySelectorAll(".samples img")].map((image) => image.naturalWidth)';
      expect(await page.evaluate<number[]>(widths)).not.toContain(0);
    }));

  test("a sample gives a board, each card with its reasons", () =>
    walk(async (page) => {
      await chooseSample(page);
      const count = await countPieces();
      expect(await page.locator(cards).count()).toBe(count);
      for (const part of [".wheel", ".bar", ".price", ".card-title", ".swatches"]) {
        expect(await page.locator(`${cards} ${part}`).count(), part).toBeGreaterThanOrEqual(count);
      }
      await page.waitForLoadState("networkidle");
      await expectPicturesToShow(page);
      expect(await page.locator(".voter").count()).toBe(5);
      expect(await page.textContent(".seen-as")).toContain("Dress");
      expect(await announced(page)).toBe(`${count} pieces found.`);
    }));

  test("the parts of each score add up to it", () =>
    walk(async (page) => {
      await chooseSample(page);
      const lists = await page.locator(".addition dl").all();
      const sums = await Promise.all(
        lists.map(async (list) => {
          const texts = await list.locator("dd").allTextContents();
          return texts.map((text) => Math.round(Number(text.replace("\u2212", "-")) * 10_000));
        }),
      );
      expect(sums).toHaveLength(await countPieces());
      for (const points of sums) expect(points.slice(0, -1).reduce((sum, each) => sum + each, 0)).toBe(points.at(-1));
    }));

  test("an upload gives a board, and its time is shown stage by stage", () =>
    walk(async (page) => {
      await page.setInputFiles("#pick", picture);
      await page.waitForSelector(cards);
      expect(await page.evaluate('document.querySelector("#garment img").naturalWidth')).toBeGreaterThan(0);
      const legend = await page.textContent("#times .legend");
      for (const stage of ["Decode", "Encode", "Search", "Rank"]) expect(legend).toContain(stage);
    }));

  test.each(["drop", "paste"] as const)("a picture can be handed over by %s", (way) =>
    walk(async (page) => {
      const base64 = (await readFile(picture)).toString("base64");
      const event = { drop: 'DragEvent("drop", { dataTransfer', paste: 'ClipboardEvent("paste", { clipboardData' }[way];
      await page.evaluate(`{
        const bytes = Uint8Array.from(atob("${base64}"), (each) => each.charCodeAt(0));
        const data = new DataTransfer();
        data.items.add(new File([bytes], "a.png", { type: "image/png" }));
        document.body.dispatchEvent(new ${event}: data, bubbles: true, cancelable: true }));
      }`);
      await page.waitForSelector(cards);
      expect(await page.locator(cards).count()).toBeGreaterThan(3);
    }),
  );

  test("a refused file shows what is wrong with it, and the way back", () =>
    walk(
      async (page) => {
        const broken = (await readFile(picture)).subarray(0, 300);
        await page.setInputFiles("#pick", { name: "broken.png", mimeType: "image/png", buffer: broken });
        await page.waitForSelector(".refusal");
        expect(await page.textContent(".refusal-sentence")).toBe(sentenceFor("image_undecodable"));
        expect(await announced(page)).toBe(sentenceFor("image_undecodable"));
        await page.click(".refusal button");
        expect(await page.locator(".sample").first().isVisible()).toBe(true);
      },
      {},
      /status of 422/,
    ));

  test("what is no picture is not even sent", () =>
    walk(async (page) => {
      await page.setInputFiles("#pick", { name: "a.txt", mimeType: "text/plain", buffer: Buffer.from("a shirt") });
      expect(await page.textContent("#complaint")).toBe(ownSentences.not_a_picture);
      expect(await page.locator(".sample").first().isVisible()).toBe(true);
    }));

  test("a server that is gone is told apart from one that refuses", () =>
    walk(
      async (page) => {
        await page.context().setOffline(true);
        await page.click(`.samples [data-item="${dress}"]`);
        await page.waitForSelector(".refusal");
        expect(await page.textContent(".refusal-sentence")).toBe(ownSentences.unreachable);
      },
      {},
      /ERR_INTERNET_DISCONNECTED/,
    ));

  test("v4 and v5 stand side by side, place by place", () =>
    walk(async (page) => {
      await chooseSample(page);
      await page.check("[name=rules][value=both]");
      await page.waitForSelector(".compare-row");
      const rows = await page.locator(".compare-row").count();
      expect(rows).toBeGreaterThanOrEqual(Math.max(await countPieces(), await countPieces("v4")));
      expect(await page.locator(".side").count()).toBe(2 * rows);
      const [, agreed] = /agree in (\d+) of/.exec((await page.textContent("#board .lead"))!)!;
      expect(await page.locator(".compare-row.is-same").count()).toBe(Number(agreed));
    }));

  test("options ask anew, and the last one counts", () =>
    walk(async (page) => {
      await chooseSample(page);
      await page.check("[name=gender][value=male]");
      await page.selectOption("#per_category", "2");
      await page.selectOption("#category", "footwear_heels");
      await page.waitForSelector('.outfit[aria-busy="false"]');
      await page.getByText("You say it is a").waitFor();
      const categories = await page.evaluate<string[]>(
        '[...document.querySelectorAll(".card .eyebrow")].map((each) => each.firstChild.textContent)',
      );
      expect(categories).not.toContain("Heels");
      expect(categories.filter((name) => name === "Bag").length).toBe(2);
    }));

  test("a piece of the outfit becomes the next garment", () =>
    walk(async (page) => {
      await chooseSample(page);
      const title = await page.locator(`${cards} .card-title`).first().textContent();
      await page.locator(`${cards} .card-action`).first().click();
      await page.locator(".garment-name", { hasText: title! }).waitFor();
    }));

  test("the question can be copied", () =>
    walk(async (page) => {
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await chooseSample(page);
      await page.click(".code summary");
      await page.click("#copy-curl");
      await page.locator("#copy-curl", { hasText: "Copied" }).waitFor();
      const copied = await page.evaluate("navigator.clipboard.readText()");
      expect(copied).toContain(`curl '${url}invocations'`);
      expect(copied).toContain(dress);
    }));

  test("the keyboard is enough", () =>
    walk(async (page) => {
      const focused = (selector: string) =>
        page.evaluate<boolean>(`document.activeElement.matches(${JSON.stringify(selector)})`);
      const tabTo = async (selector: string) => {
        for (let presses = 0; presses < 40 && !(await focused(selector)); presses++) await page.keyboard.press("Tab");
        expect(await focused(selector), selector).toBe(true);
      };
      await tabTo(".skip");
      await tabTo("#pick");
      await tabTo(`[data-item="${dress}"]`);
      await page.keyboard.press("Enter");
      await page.waitForSelector(cards);
      expect(await focused("#outfit-heading")).toBe(true);
      await tabTo(`${cards} summary`);
      await page.keyboard.press("Enter");
      expect(await page.locator(`${cards} details[open]`).count()).toBe(1);
      await page.keyboard.press("Shift+Tab");
      expect(await focused(".card-action")).toBe(true);
      await page.locator("[name=rules][value=v5]").focus();
      await page.keyboard.press("ArrowRight");
      await page.waitForSelector(".vote .sure", { state: "detached" });
      await tabTo("#category");
    }));

  async function openCatalog(page: Page): Promise<void> {
    await page.click('.views a[href="#/catalog"]');
    await page.waitForSelector(".shelf-item");
  }

  test("the catalog can be filtered, looked through and left again", () =>
    walk(async (page) => {
      await openCatalog(page);
      expect(await page.locator("[data-why]").count()).toBe(0);
      expect(await page.textContent("#shelf-count")).toBe("48 of 130");
      await page.click("#shelf-more");
      await page.getByText("96 of 130").waitFor();
      await page.check("[name=color][value=green]");
      await page.selectOption("#filter-category", "footwear_heels");
      await page.getByText("1 of 1", { exact: true }).waitFor();
      expect(await page.textContent(".shelf-name")).toContain("Emerald");
      await page.selectOption("#filter-gender", "male");
      await page.getByText("Nothing in the catalog is like that.").waitFor();
      await page.goBack();
      expect(await page.locator(".sample").first().isVisible()).toBe(true);
    }));

  test("any item of it can be built around", () =>
    walk(async (page) => {
      await openCatalog(page);
      await page.locator(".shelf-item [data-item]").first().click();
      await page.waitForSelector(cards);
      expect(await page.textContent(".garment-name")).toContain("Bag");
    }));

  test("it tells why an item is not in the outfit, in numbers that add up", () =>
    walk(async (page) => {
      await chooseSample(page);
      const shownBag = await page.getAttribute(`${cards}:has-text("Bag") [data-item]`, "data-item");
      await openCatalog(page);
      const ask = async (id: string) => {
        await page.click(`[data-why="${id}"]`);
        await page.locator(".verdict", { hasNotText: "Asking" }).waitFor();
        const verdict = await page.textContent(".verdict");
        const scores = await page.locator(".compared .bar").evaluateAll((bars) => bars.map((bar) => bar.ariaLabel));
        const differences = await page.locator(".differences dd").allTextContents();
        await page.click("#why-close");
        return { verdict, scores, differences: differences.map((text) => Number(text.replace("\u2212", "-"))) };
      };
      expect((await ask(shownBag!)).verdict).toContain("It is in the outfit");
      const other = await ask("accessories/bag/chain-bag-cherry");
      expect(other.verdict).toContain("scores higher in its place");
      const [own, winner] = other.scores.map((label) => Number(/Score ([\d.]+)/.exec(label ?? "")?.[1]));
      expect(own! - winner!).toBeCloseTo(other.differences.at(-1)!, 6);
      expect(other.differences.slice(0, -1).reduce((sum, each) => sum + each, 0)).toBeCloseTo(own! - winner!, 6);
      await page.selectOption("#filter-category", "one-piece_dress");
      await page.locator(`[data-why="${dress}"]`).waitFor();
      expect((await ask(dress)).verdict).toBe("That is the garment itself.");
      expect((await ask("one-piece/dress/tea-dress-navy")).verdict).toBe("Your garment is a dress already.");
    }));

  test("it tells why of an uploaded picture, too", () =>
    walk(async (page) => {
      await page.setInputFiles("#pick", picture);
      await page.waitForSelector(cards);
      await openCatalog(page);
      await page.click('[data-why="accessories/bag/striped-shopper-navy"]');
      await page.locator(".verdict", { hasNotText: "Asking" }).waitFor();
      expect(await page.textContent(".verdict")).toMatch(/scores higher in its place|It is in the outfit/);
    }));

  test("the metrics show what the server does, stage by stage, and go on", () =>
    walk(async (page) => {
      await page.setInputFiles("#pick", picture);
      await page.waitForSelector(cards);
      await page.click('.views a[href="#/metrics"]');
      await page.waitForSelector(".bar-row");
      const stages = await page.locator(".bars").first().locator("dt").allTextContents();
      expect(stages.toSorted()).toEqual(["decode", "encode", "rank", "search"]);
      const requests = Number(await page.locator(".tile-value").first().textContent());
      expect(requests).toBeGreaterThan(0);
      await countPieces();
      await page.locator(".tile-value", { hasText: String(requests + 1) }).waitFor();
    }));

  test.each([320, 390, 820])("nothing is wider than a screen of %i pixels", (width) =>
    walk(
      async (page) => {
        const overflow = () =>
          page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        expect(await overflow()).toBe(0);
        await chooseSample(page);
        await page.locator(".addition summary").first().click();
        await page.click(".code summary");
        expect(await overflow()).toBe(0);
        await page.check("[name=rules][value=both]");
        await page.waitForSelector(".compare-row");
        expect(await overflow()).toBe(0);
        await openCatalog(page);
        expect(await overflow()).toBe(0);
        await page.click('.views a[href="#/metrics"]');
        await page.waitForSelector(".bar-row");
        expect(await overflow()).toBe(0);
      },
      { width, height: 844 },
    ),
  );

  test("nothing moves for those who asked for that", () =>
    walk(
      async (page) => {
        await chooseSample(page);
        expect(await page.evaluate("document.getAnimations().length")).toBe(0);
      },
      { reducedMotion: "reduce" },
    ));

  describe.each(["light", "dark"] as const)("in %s", (colorScheme) => {
    test.each([390, 1280])("axe finds nothing serious at %i pixels", (width) =>
      walk(
        async (page) => {
          await expectAccessible(page, "the start");
          await chooseSample(page);
          await page.locator(".addition summary").first().click();
          await page.click(".code summary");
          await expectAccessible(page, "the outfit");
          await page.check("[name=rules][value=both]");
          await page.waitForSelector(".compare-row");
          await expectAccessible(page, "side by side");
          await openCatalog(page);
          await expectAccessible(page, "the catalog");
          await page.locator("[data-why]").nth(1).click();
          await page.locator(".verdict", { hasNotText: "Asking" }).waitFor();
          await expectAccessible(page, "why not");
          await page.click("#why-close");
          await page.click('.views a[href="#/metrics"]');
          await page.waitForSelector(".bar-row");
          await expectAccessible(page, "the metrics");
        },
        { width, colorScheme, reducedMotion: "reduce" },
      ),
    );
  });
});

type Finding = Readonly<{
  id: string;
  impact: string | null;
  nodes: readonly Readonly<{ html: string; failureSummary: string }>[];
}>;

async function expectAccessible(page: Page, view: string): Promise<void> {
  const source = await readFile(new URL(import.meta.resolve("axe-core")), "utf8");
  // Handed over by the debugger, which the page's policy does not bind.
  await page.evaluate(source);
  const { violations } = await page.evaluate<Readonly<{ violations: readonly Finding[] }>>("axe.run()");
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const told = serious.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
  expect(told, view).toEqual([]);
}
