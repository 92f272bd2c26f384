import type { Board, BoardCard, BoardColor } from "../../src/sheet/board.js";

const red: BoardColor = { hex: "#c81e28", hue: 0.99, isNeutral: false };
const teal: BoardColor = { hex: "#1ec8be", hue: 0.49, isNeutral: false };

/** A suggested shoe with everything that a catalog can say of it, but for its picture. */
export function aCard(changes: Partial<BoardCard> = {}): BoardCard {
  return {
    rank: 1,
    category: "Shoes",
    name: "Penny Loafers in Oxblood",
    isTitle: true,
    score: 0.8123,
    parts: [
      { name: "similarity", share: 0.3 },
      { name: "harmony", share: 0.4123 },
      { name: "boost", share: 0.1 },
    ],
    boosted: true,
    color: teal,
    match: { rule: "complementary", degrees: 180 },
    price: "129.00 EUR",
    link: null,
    picture: null,
    ...changes,
  };
}

/** A board around a dress with these cards. */
export function aBoard(cards: readonly BoardCard[], changes: Partial<Board> = {}): Board {
  return {
    heading: "An outfit around this dress",
    facts: ["catalog 0123456789ab", "profile v5", "encoder tiny fp32"],
    query: {
      name: "dress.png",
      category: "Dress",
      vote: "voted by its 5 nearest, 86 % sure",
      tally: [
        { category: "Dress", share: 0.8 },
        { category: "Skirt", share: 0.2 },
      ],
      color: red,
      palette: [
        { hex: red.hex, share: 0.7 },
        { hex: "#ffffff", share: 0.2 },
      ],
      picture: null,
    },
    notice: null,
    cards,
    ...changes,
  };
}
