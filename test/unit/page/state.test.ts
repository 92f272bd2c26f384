import { describe, expect, test } from "vitest";
import { sentenceFor } from "../../../page/error-sentences.js";
import { type Action, type Answer, announce, firstState, reduce, type State } from "../../../page/state.js";
import { aPiece, aReply } from "../../support/page-replies.js";

const item = { item_id: "a", category: "one-piece_dress", gender: "female", title: "A", price: null, palette: [] };
const choose: Action = { kind: "garment_chosen", garment: { kind: "item", item } };
const shown: Answer = { kind: "shown", reply: aReply([aPiece(), aPiece({ item_id: "b" })]), roundTripMs: 30 };
const refused: Answer = { kind: "refused", code: "overloaded", reason: null };

function stateAfter(...actions: readonly Action[]): State {
  return actions.reduce(reduce, firstState);
}

function answered(state: State, answer: Answer, profile: "v5" | "v4" = "v5", asked = state.asked): State {
  return reduce(state, { kind: "answered", asked, profile, answer });
}

describe("a garment", () => {
  test("asks at once, by the profile chosen", () => {
    expect(stateAfter(choose)).toMatchObject({ asked: 1, waiting: ["v5"], answers: {} });
  });

  test("asks both profiles side by side", () => {
    const state = stateAfter({ kind: "options_changed", options: { compare: true } }, choose);
    expect(state.waiting).toEqual(["v5", "v4"]);
    const half = answered(state, shown, "v4");
    expect(half.waiting).toEqual(["v5"]);
    expect(answered(half, shown).waiting).toEqual([]);
  });

  test("is not what the last one was said to be, but keeps the other options", () => {
    const state = stateAfter(choose, { kind: "options_changed", options: { category: "x", gender: "male" } }, choose);
    expect(state.options).toMatchObject({ category: "", gender: "male" });
  });

  test("put back leaves nothing behind, and no answer to it counts", () => {
    const asked = stateAfter(choose);
    const state = reduce(asked, { kind: "garment_put_back" });
    expect(state).toMatchObject({ garment: null, answers: {}, waiting: [] });
    expect(answered(state, shown, "v5", asked.asked)).toBe(state);
  });
});

describe("an answer", () => {
  test("to an earlier question is not shown", () => {
    const first = stateAfter(choose);
    const second = reduce(first, { kind: "options_changed", options: { gender: "female" } });
    expect(answered(second, shown, "v5", first.asked)).toBe(second);
  });

  test("comes once", () => {
    const state = answered(stateAfter(choose), shown);
    expect(answered(state, refused)).toBe(state);
  });

  test("stays while another is looked for", () => {
    const state = reduce(answered(stateAfter(choose), shown), { kind: "options_changed", options: { perCategory: 2 } });
    expect(state.answers.v5).toBe(shown);
    expect(state.waiting).toEqual(["v5"]);
  });
});

describe("options without a garment", () => {
  test("ask nothing", () => {
    expect(stateAfter({ kind: "options_changed", options: { gender: "male" } })).toMatchObject({
      asked: 0,
      waiting: [],
    });
  });
});

describe("what is said aloud", () => {
  const say = (state: State) => announce(state, sentenceFor);

  test("follows the question from nothing to the outfit", () => {
    expect(say(firstState)).toBe("");
    expect(say(stateAfter(choose))).toBe("Looking for an outfit.");
    expect(say(answered(stateAfter(choose), shown))).toBe("2 pieces found.");
  });

  test("names the profiles where there are two", () => {
    const both = stateAfter({ kind: "options_changed", options: { compare: true } }, choose);
    const state = answered(answered(both, shown), { ...shown, reply: aReply([aPiece()]) }, "v4");
    expect(say(state)).toBe("v5: 2 pieces found. v4: 1 piece found.");
  });

  test("is the sentence of what went wrong", () => {
    expect(say(answered(stateAfter(choose), refused))).toBe(sentenceFor("overloaded"));
    expect(say(stateAfter({ kind: "complained", code: "no_file" }))).toBe(sentenceFor("no_file"));
    expect(stateAfter({ kind: "complained", code: "no_file" }, choose).complaint).toBeNull();
  });
});
