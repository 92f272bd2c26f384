import { describe, expect, test } from "vitest";
import { sentenceFor } from "../../../page/error-sentences.js";
import type { Reply, VoteOutcome } from "../../../page/reply.js";
import type { Garment, Options } from "../../../page/state.js";
import { judgeByOutfit, judgeByProbe, toProbe, type Verdict, verdictSentence } from "../../../page/why-not.js";
import { toJsonQuery } from "../../../src/http/parse-query.js";
import { aPiece, aReply } from "../../support/page-replies.js";

const options: Options = { gender: "", category: "", perCategory: 1, profile: "v5", compare: false };

function anItem(item_id: string, category: string | null, gender = "unisex") {
  return { item_id, category, gender, title: null, price: null, palette: [] };
}

const garment: Garment = { kind: "item", item: anItem("dress", "dress") };
const vote: VoteOutcome = {
  ...{ category: "dress", source: "vote", confidence: 0.9, voters: [], tally: [] },
  excluded_categories: ["dress", "skirt"],
};
const shown = aPiece({ item_id: "bag 1", category: "bag", score: 0.8, rank: 2 });
const reply: Reply = { ...aReply([shown]), category_vote: vote };
const judge = (item: ReturnType<typeof anItem>, changes: Partial<Options> = {}, answer = reply) =>
  judgeByOutfit({ item, garment, options: { ...options, ...changes }, reply: answer });

describe("the outfit itself tells why", () => {
  test.each([
    ["itself", anItem("dress", "dress"), { kind: "itself" }],
    ["shown", anItem("bag 1", "bag"), { kind: "shown", rank: 2 }],
    ["of the same category", anItem("other", "dress"), { kind: "same_place", category: "dress", own: "dress" }],
    ["in the same place", anItem("skirt", "skirt"), { kind: "same_place", category: "skirt", own: "dress" }],
  ] as const)("an item is %s", (_name, item, verdict) => expect(judge(item)).toEqual(verdict));

  test("an item is for others", () => {
    expect(judge(anItem("tie", "tie", "male"), { gender: "female" })).toEqual({ kind: "other_wearer", gender: "male" });
    for (const gender of ["", "unisex", "male"]) expect(judge(anItem("tie", "tie", "male"), { gender })).toBeNull();
    expect(judge(anItem("tie", "tie", "unisex"), { gender: "female" })).toBeNull();
  });

  test("there is no outfit", () => {
    expect(judge(anItem("bag 2", "bag"), {}, { ...reply, fallback: true })).toEqual({ kind: "fallback" });
  });
});

describe("the item without its rivals", () => {
  const item = anItem("bag 2", "bag");

  test("is held against the last piece shown in its place", () => {
    const piece = aPiece({ item_id: "bag 2", category: "bag", score: 0.7 });
    expect(judgeByProbe(item, reply, aReply([piece]))).toEqual({ kind: "outscored", piece, winner: shown });
  });

  test("is cut off where it does not come even so, or nothing came in its place", () => {
    expect(judgeByProbe(item, reply, aReply([]))).toEqual({ kind: "cut" });
    const hat = aPiece({ item_id: "hat", category: "hat" });
    expect(judgeByProbe(anItem("hat", "hat"), reply, aReply([hat]))).toEqual({ kind: "cut" });
  });

  test("is asked for by a question that the server takes", () => {
    const rivals = [anItem("bag 1", "bag"), item, anItem("bag 3", "bag")];
    const json = toProbe({ item, garment, options: { ...options, gender: "female" }, reply }, rivals, null);
    expect(toJsonQuery(JSON.parse(json))).toMatchObject({
      source: { kind: "item", id: "dress" },
      ...{ profile: "v5", category: "dress", gender: "female", excludeIds: ["bag 1", "bag 3"], explain: true },
    });
  });

  test("is asked for with the picture where the garment is one, and v4 is told no category", () => {
    const file: Garment = { kind: "file", key: 1, name: "a.png", type: "image/png", url: "blob:x" };
    const ofV4 = { ...reply, profile: "v4" };
    const json = toProbe({ item, garment: file, options, reply: ofV4 }, [item], "data:image/png;base64,AAAA");
    expect(toJsonQuery(JSON.parse(json))).toMatchObject({ source: { kind: "image" }, profile: "v4", category: null });
  });
});

test("every verdict is a sentence", () => {
  const low = aPiece({ score: 0.7 });
  const verdicts: readonly Verdict[] = [
    ...[{ kind: "itself" }, { kind: "fallback" }, { kind: "cut" }, { kind: "shown", rank: 3 }],
    ...[
      { kind: "same_place", category: "a", own: "a" },
      { kind: "same_place", category: "a", own: "b" },
    ],
    ...[
      { kind: "other_wearer", gender: "male" },
      { kind: "refused", code: "overloaded" },
    ],
    ...[
      { kind: "outscored", piece: low, winner: shown },
      { kind: "outscored", piece: low, winner: low },
    ],
  ] as readonly Verdict[];
  const sentences = verdicts.map((verdict) => verdictSentence(verdict, sentenceFor));
  expect(new Set(sentences).size).toBe(verdicts.length);
  for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z“].{10,}\.$/);
});
