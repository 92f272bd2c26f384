import { SaxesParser } from "saxes";
import { describe, expect, it } from "vitest";
import type { Board } from "../../../src/sheet/board.js";
import { drawSheet } from "../../../src/sheet/draw-sheet.js";
import { aBoard, aCard } from "../../support/a-board.js";

const hostile = `"><script>alert(1)</script>&nothing;`;

type Element = Readonly<{ name: string; attributes: Readonly<Record<string, string>> }>;

/** Every element in order. @throws Error when it is not well-formed XML */
function parse(svg: string): readonly Element[] {
  const elements: Element[] = [];
  const parser = new SaxesParser();
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name, attributes }) =>
    elements.push({ name, attributes: attributes as Element["attributes"] }),
  );
  parser.write(svg).close();
  return elements;
}

async function draw(board: Board): Promise<readonly Element[]> {
  return parse(new TextDecoder().decode((await drawSheet(board, "svg")).bytes));
}

function labels(elements: readonly Element[], kind: string): readonly string[] {
  return elements.flatMap(({ attributes }) => (attributes.class === kind ? [attributes["aria-label"] ?? ""] : []));
}

describe("a sheet as SVG", () => {
  it("says what the board says, a card a piece", async () => {
    const cards = [aCard(), aCard({ rank: 2, name: "Envelope Clutch", category: "Bag", price: null })];
    const elements = await draw(aBoard(cards, { notice: "No outfit was found." }));
    const words = labels(elements, "text");
    const expected = ["An outfit around this dress", "dress.png", "Dress", "80 %", "No outfit was found.", "1  Shoes"];
    expect(words).toEqual(
      expect.arrayContaining([...expected, "129.00 EUR", "0.81", "+0.10 boost", "complementary, 180°", "2  Bag"]),
    );
    expect(words.join(" ")).toContain("catalog 0123456789ab  ·  profile v5  ·  encoder tiny fp32");
    expect(elements.filter(({ attributes }) => attributes.class === "panel")).toHaveLength(3);
    expect(labels(elements, "picture")).toEqual(["dress.png", "Penny Loafers in Oxblood", "Envelope Clutch"]);
    expect(elements.filter(({ attributes }) => attributes.class === "wheel")).toHaveLength(2);
  });

  it("cuts a long id in its middle, and a long title at its end", async () => {
    const id = `accessories/bag/${"x".repeat(300)}/last-part`;
    const words = labels(await draw(aBoard([aCard({ name: id, isTitle: false })])), "text");
    expect(words).toContainEqual(expect.stringMatching(/^accessories\/b.*….*last-part$/));
    const titled = labels(await draw(aBoard([aCard({ name: "very long title ".repeat(40) })])), "text");
    expect(titled).toContainEqual(expect.stringMatching(/^(very )?(long )?title.*…$|^long title.*…$/));
  });

  it("is well-formed and runs nothing, whatever the words are", async () => {
    const elements = await draw(
      aBoard([aCard({ name: hostile, category: hostile, price: hostile })], { heading: hostile }),
    );
    expect(new Set(elements.map(({ name }) => name))).toEqual(
      new Set(["svg", "title", "defs", "g", "path", "rect", "clipPath", "use", "circle"]),
    );
    expect(labels(elements, "text").join(" ")).toContain("<script>");
  });

  it("needs nothing but itself", async () => {
    const picture = { kind: "embedded", uri: "data:image/jpeg;base64,AAAA", ratio: 1 } as const;
    const elements = await draw(aBoard([aCard({ picture })]));
    const ids = new Set(elements.map(({ attributes }) => attributes.id));
    const links = elements.flatMap(({ attributes }) => (attributes.href === undefined ? [] : [attributes.href]));
    expect(links).toContain(picture.uri);
    const lost = links.filter((link) => !link.startsWith("data:image/") && !ids.has(link.replace(/^#/, "")));
    expect(lost).toEqual([]);
  });

  it("draws each letter as an outline, and says which it has none for", async () => {
    const { missing, bytes } = await drawSheet(aBoard([aCard({ name: "Žluté šaty, жёлтое, κίτρινο 字" })]), "svg");
    expect(missing).toEqual(["字"]);
    const elements = parse(new TextDecoder().decode(bytes));
    expect(elements.filter(({ name }) => name === "text")).toEqual([]);
    const named = elements.filter(
      ({ name, attributes }) => name === "path" && /^[rs]\d-\d+$/.test(attributes.id ?? ""),
    );
    expect(named.length).toBeGreaterThan(40);
    expect(named.every(({ attributes }) => attributes.d?.startsWith("M"))).toBe(true);
  });
});
