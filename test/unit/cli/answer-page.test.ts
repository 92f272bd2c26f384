import { expect, it } from "vitest";
import type { Reply } from "../../../client/client.js";
import { toAnswerPage } from "../../../src/cli/answer-page.js";
import { tinyPicture } from "../../support/tiny-artifact.js";

const hostile = `"><script>alert(1)</script>`;

/** An answer whose every word is somebody's who means no good. */
function anAnswer(row: object = {}): Reply {
  return {
    query_item: { dominant_color: hostile, dominant_color_rgb: [200, 30, 40] },
    category_vote: { category: hostile },
    recommendations: [
      {
        ...{ item_id: hostile, category: hostile, gender: hostile, title: hostile, rank: 1 },
        ...{ score: 0.5, color_score: 1, category_score: null, gender_score: null, colors: [hostile] },
        ...row,
      },
    ],
    ...{ mode: "outfit", fallback: false, encoder: hostile, profile: "v5", catalog_digest: hostile },
  } as unknown as Reply;
}

it("an answer's page runs no word of the answer", () => {
  const page = toAnswerPage(anAnswer(), null);
  expect(page).not.toContain("<script");
  expect(page).toContain("default-src 'none'");
  expect(page).toContain("&quot;&gt;&lt;script&gt;");
});

it.each([
  ["javascript:alert(1)", null],
  ["data:text/html,x", null],
  ['https://shop.example/"onclick="x', "https://shop.example/&quot;onclick=&quot;x"],
  ["https://shop.example/a", "https://shop.example/a"],
])("an answer's page links %s as %s", (url, href) => {
  const links = [...toAnswerPage(anAnswer({ url }), null).matchAll(/href="([^"]*)"/g)].map(([, address]) => address);
  expect(links).toEqual(href === null ? [] : [href]);
});

it("an answer's page holds the picture that was asked about, if it is one", () => {
  const picture = tinyPicture([1, 2, 3]);
  expect(toAnswerPage(anAnswer(), picture)).toContain(
    `data:image/png;base64,${Buffer.from(picture).toString("base64")}`,
  );
  expect(toAnswerPage(anAnswer(), Buffer.from(hostile))).not.toContain("<img");
});

it("an answer's page shows colors that are colors", () => {
  expect(toAnswerPage(anAnswer({ colors: [[1, 2, 3]] }), null)).toContain("background:#010203");
  const odd = toAnswerPage(anAnswer({ colors: [["red;x", 999, -5]] }), null);
  expect(odd).toContain("background:#00ff00");
  expect(odd).not.toContain("red;x");
});
