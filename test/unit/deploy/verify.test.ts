import { describe, expect, it } from "vitest";
import type { Question, Reply } from "../../../client/client.js";
import { verifyAnswers } from "../../../deploy/verify.js";

type Row = Readonly<{ category: string; item_id: string; score: number }>;

const shirt: Row = { category: "upperwear_shirt", item_id: "s1", score: 0.91 };
const shoes: Row = { category: "footwear_shoes", item_id: "f1", score: 0.74 };

function aReply(recommendations: readonly Row[], more: Readonly<Record<string, string>> = {}): Reply {
  const same = { catalog_digest: "c", encoder: "e", preprocess: "p", rules: "r", profile: "v5", mode: "outfit" };
  return { ...same, ...more, recommendations } as unknown as Reply;
}

async function differences(expected: Reply, actual: Reply): Promise<readonly string[]> {
  const question: Question = { item_id: "x" };
  const asked: Question[] = [];
  const ask = async (each: Question) => {
    asked.push(each);
    return actual;
  };
  const verified = await verifyAnswers([{ name: "item x", question, expected }], ask);
  expect([verified.asked, asked]).toEqual([1, [question]]);
  return verified.differences;
}

describe("a deployment's answer", () => {
  it("is as the artifact's, in whatever order the categories come", async () => {
    expect(await differences(aReply([shirt, shoes]), aReply([shoes, shirt]))).toEqual([]);
  });

  it("may have another piece whose score is as good, as other processors round", async () => {
    expect(await differences(aReply([shirt]), aReply([{ ...shirt, item_id: "s2", score: 0.9 }]))).toEqual([]);
  });

  it("is another one with other pieces, missing or further categories, each told", async () => {
    const actual = aReply([
      { ...shirt, item_id: "s2", score: 0.7 },
      { ...shoes, category: "bag" },
    ]);
    expect(await differences(aReply([shirt, shoes]), actual)).toEqual([
      "item x: footwear_shoes is missing, expected f1",
      "item x: bag was not expected",
      "item x: upperwear_shirt is s2 with 0.7, not s1 with 0.91",
    ]);
  });

  it("of another catalog, encoder or profile is told by that alone", async () => {
    const actual = aReply([], { catalog_digest: "other", profile: "v4" });
    expect(await differences(aReply([shirt]), actual)).toEqual([
      "item x: catalog_digest is other, not c",
      "item x: profile is v4, not v5",
    ]);
  });
});
