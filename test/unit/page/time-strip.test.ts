import { expect, test } from "vitest";
import { toStages } from "../../../page/time-strip.js";
import { aReply } from "../../support/page-replies.js";

test("the stages are those that ran, with what lies between them and the way there and back", () => {
  const stages = toStages(aReply([]), 30);
  expect(stages.map(({ name, ms }) => [name, ms])).toEqual([
    ["decode", 5],
    ["encode", 10],
    ["search", 1],
    ["rank", 2],
    ["rest", 2],
    ["travel", 10],
  ]);
  expect(stages.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 10);
});

test("a picture that was known already was neither decoded nor encoded", () => {
  const reply = aReply([], { decode_ms: null, encode_ms: null, processing_time_ms: 3 });
  expect(toStages(reply, 4).map(({ name }) => name)).toEqual(["search", "rank", "rest", "travel"]);
});

test("clocks that disagree make no negative time", () => {
  for (const { ms, share } of toStages(aReply([], { processing_time_ms: 10 }), 5)) {
    expect(ms).toBeGreaterThanOrEqual(0);
    expect(share).toBeLessThanOrEqual(1);
  }
});
