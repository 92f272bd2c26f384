import { expect, it } from "vitest";
import type { Reply } from "../../../client/client.js";
import type { BoardPicture } from "../../../src/sheet/board.js";
import { toBoardPage } from "../../../src/sheet/board-page.js";
import { toBoard } from "../../../src/sheet/to-board.js";

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

function toPage(reply: Reply, query: BoardPicture | null = null): string {
  return toBoardPage(toBoard(reply, { name: hostile, query, pieces: [] }));
}

it("an answer's page runs no word of the answer", () => {
  const page = toPage(anAnswer());
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
  const links = [...toPage(anAnswer({ url })).matchAll(/href="([^"]*)"/g)].map(([, address]) => address);
  expect(links).toEqual(href === null ? [] : [href]);
});

it("an answer's page holds the picture that was asked about, and nothing where there is none", () => {
  const picture = { kind: "embedded", uri: "data:image/png;base64,AAAA", ratio: 1 } as const;
  expect(toPage(anAnswer(), picture)).toContain(`src="${picture.uri}"`);
  expect(toPage(anAnswer())).not.toContain("<img");
});

it("an answer's page needs nothing else", () => {
  const page = toPage(anAnswer({ colors: [[30, 200, 190]], image_url: "https://shop.example/a.jpg" }));
  expect(page.match(/src=|url\(|@import|<link|<script|href="(?!https:\/\/shop\.example\/a\.jpg")/g)).toBeNull();
  expect(page).toContain("prefers-color-scheme: dark");
});

it("an answer's page shows colors that are colors", () => {
  expect(toPage(anAnswer({ colors: [[1, 2, 3]] }))).toContain("background:#010203");
  const odd = toPage(anAnswer({ colors: [["red;x", 999, -5]] }));
  expect(odd).toContain("background:#00ff00");
  expect(odd).not.toContain("red;x");
});
