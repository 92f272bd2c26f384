import { expect, test } from "vitest";
import { errorSentences, ownSentences, sentenceFor } from "../../../page/error-sentences.js";
import { errorCatalog } from "../../../src/domain/errors.js";

test("every code of the service has a sentence for people, and no other code has", () => {
  expect(Object.keys(errorSentences).sort()).toEqual(Object.keys(errorCatalog).sort());
});

test("each sentence is one, says no code, and is nobody else's", () => {
  const sentences = [...Object.values(errorSentences), ...Object.values(ownSentences)];
  expect(new Set(sentences).size).toBe(sentences.length);
  for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z][^_]{15,}[.?]$/);
});

test("a code of a newer server is shown as it is", () => {
  expect(sentenceFor("quota_used_up")).toContain("quota_used_up");
  expect(sentenceFor("unreachable")).toBe(ownSentences.unreachable);
});
