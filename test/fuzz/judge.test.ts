import { describe, expect, it } from "vitest";
import { errorCatalog } from "../../src/domain/errors.js";
import { families } from "./corpus/families.js";
import { atOnce, type Expectation } from "./corpus/hostile-request.js";
import type { Exchange } from "./exchange.js";
import { innerWorkings, judge } from "./judge.js";
import { readAnswers } from "./read-answers.js";
import { planFamilies, schedule } from "./schedule.js";

const empty = {
  error: { code: "body_empty", message: errorCatalog.body_empty.message, retryable: false, details: {} },
};

function answer(status: number, body: string, headers: readonly string[] = ["content-type: application/json"]): string {
  const lines = [`HTTP/1.1 ${status} Words`, ...headers, `content-length: ${Buffer.byteLength(body)}`];
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

const right = answer(400, JSON.stringify(empty));

function problemsOf(text: string, expects: Partial<Expectation> = {}, endedBy: Exchange["endedBy"] = "server") {
  const received = Buffer.from(text);
  const request = atOnce("made", new Uint8Array(), { statuses: [200, 400], ...expects });
  return judge(request, { ...readAnswers(received), received, endedBy }, { ...innerWorkings, "a secret": "hush" });
}

describe("the judge", () => {
  it("finds nothing wrong where nothing is", () => {
    expect(problemsOf(right)).toEqual([]);
    expect(problemsOf(answer(200, '{"recommendations":[]}'))).toEqual([]);
    expect(problemsOf(answer(400, "", []), { mayBeBare: true })).toEqual([]);
    expect(problemsOf(`HTTP/1.1 100 Continue\r\n\r\n${right}`)).toEqual([]);
    expect(problemsOf(right + right, { answers: [2, 2] })).toEqual([]);
    const lines = `{"recommendations":[]}\n${JSON.stringify(empty)}`;
    expect(problemsOf(answer(200, lines), { records: { count: 2, form: "lines" } })).toEqual([]);
  });

  it.each([
    ["no answer", ""],
    ["an answer that is cut short", right.slice(0, -3)],
    ["two answers to one request", right + right],
    ["something behind the answer", `${right}more`],
    ["a status that is not expected", answer(404, JSON.stringify(empty))],
    ["a status that is not the code's", answer(400, JSON.stringify({ error: { ...empty.error, code: "internal" } }))],
    ["a code that nobody knows", answer(400, JSON.stringify({ error: { ...empty.error, code: "toString" } }))],
    ["a message that is not the code's", answer(400, JSON.stringify({ error: { ...empty.error, message: "no" } }))],
    [
      "an error of too many bytes",
      answer(400, JSON.stringify({ error: { ...empty.error, details: "x".repeat(3000) } })),
    ],
    ["an error without a body", answer(400, "", [])],
    ["an error in HTML", answer(400, "<h1>400</h1>", ["content-type: text/html"])],
    ["a success that is no JSON", answer(200, "{")],
    ["a success of too many bytes", answer(200, JSON.stringify("x".repeat(200_000)))],
    ["no length", "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{}"],
    ["a header that somebody else put there", answer(200, "{}", ["content-type: application/json", "x-injected: 1"])],
    ["a header twice", answer(200, "{}", ["content-type: application/json", "content-type: application/json"])],
    ["a stack", answer(200, JSON.stringify({ stack: "Error\n    at a (b:1:2)" }))],
    ["the name of a source file", answer(200, '{"where":"main.js:12"}')],
    ["a secret", answer(200, '{"key":"hush"}')],
  ])("finds %s", (_name, text) => {
    expect(problemsOf(text)).not.toEqual([]);
  });

  it("finds a hang, and a connection that the server leaves open", () => {
    expect(problemsOf(right, {}, "nobody")).not.toEqual([]);
    expect(problemsOf(right, { endsByServer: true }, "client")).not.toEqual([]);
  });

  it.each([
    ["too few records", '{"recommendations":[]}'],
    ["a record that is neither answer nor error", '{"recommendations":[]}\n{}'],
    ["a record that failed for a reason of ours", '{"recommendations":[]}\n{"error":{"code":"internal"}}'],
  ])("finds %s", (_name, lines) => {
    expect(problemsOf(answer(200, lines), { records: { count: 2, form: "lines" } })).not.toEqual([]);
  });
});

describe("the plan of a run", () => {
  it("has every family, whatever the number, and as many requests as are asked for", () => {
    for (const count of [1, 500, 10_000]) {
      const plan = planFamilies(families, count, 7);
      expect(new Set(plan)).toEqual(new Set(families));
      expect(plan.length).toBeGreaterThanOrEqual(count);
    }
  });

  it("is the same for the same seed, to the last byte, and another one for another", () => {
    const bytesOf = (seed: number) =>
      planFamilies(families, 300, seed).map((family, number) => JSON.stringify(schedule(family, number, seed).request));
    expect(bytesOf(3)).toEqual(bytesOf(3));
    expect(bytesOf(3)).not.toEqual(bytesOf(4));
  });
});
