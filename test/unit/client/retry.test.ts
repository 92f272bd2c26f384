import { describe, expect, it } from "vitest";
import type { InvokeError } from "../../../client/invoke-error.js";
import { type RetryRules, withRetries } from "../../../client/retry.js";
import { toServiceFailure } from "../../../client/service-failure.js";

const rules: RetryRules = { maxAttempts: 4, firstWaitMs: 100, maxWaitMs: 5000 };

function failure(status: number, text = "", retryAfterMs: number | null = null): InvokeError {
  return toServiceFailure(status, text, retryAfterMs);
}

function said(code: string, retryable: boolean, details: object = {}): string {
  return JSON.stringify({ error: { code, message: "As it is.", retryable, details } });
}

/** What came of attempts that fail like this one after the other, and how long was waited between them. */
async function run(failures: readonly unknown[], chance = 1, signal = new AbortController().signal) {
  const waits: number[] = [];
  let attempts = 0;
  const sleep = async (ms: number) => void waits.push(ms);
  const attempt = async () => {
    const failure = failures[attempts++];
    if (failure !== undefined) throw failure;
    return "answer";
  };
  const waiting = { now: () => 0, sleep, random: () => chance };
  const outcome = await withRetries(attempt, { rules, waiting, signal }).catch((error: unknown) => error);
  return { outcome, attempts, waits };
}

describe("a failed call", () => {
  it.each([
    [429, said("overloaded", true)],
    [503, said("not_ready", true)],
    [503, "from a proxy"],
    [0, ""],
    [500, said("encoder_failed", true)],
    [504, said("deadline_exceeded", true)],
  ])("with %d %s is tried again", async (status, text) => {
    expect(await run([failure(status, text)])).toMatchObject({ outcome: "answer", attempts: 2 });
  });

  it.each([
    [400, said("body_malformed", false)],
    [413, said("body_too_large", false)],
    [424, said("reference_unreachable", true)],
    [409, said("reload_running", true)],
    [500, said("internal", false)],
    [500, "<html>"],
    [502, ""],
  ])("with %d %s is not", async (status, text) => {
    const { outcome, attempts } = await run([failure(status, text)]);
    expect(attempts).toBe(1);
    expect(outcome).toMatchObject({ name: "InvokeError", status });
  });

  it("that is no failure of a call is thrown as it is", async () => {
    const bug = new TypeError("x is not a function");
    expect(await run([bug])).toMatchObject({ outcome: bug, attempts: 1 });
  });

  it("is given up after the last attempt, with its own reason", async () => {
    const failures = [1, 2, 3, 4].map((number) => failure(503, said("not_ready", true, { number })));
    const { outcome, attempts } = await run(failures);
    expect(attempts).toBe(4);
    expect(outcome).toBe(failures[3]);
  });
});

describe("the wait between two attempts", () => {
  it("grows to twice the one before, and is a random part of that", async () => {
    expect((await run([failure(429), failure(429), failure(429)])).waits).toEqual([100, 200, 400]);
    expect((await run([failure(429), failure(429), failure(429)], 0.25)).waits).toEqual([25, 50, 100]);
  });

  it("is never shorter than the service asks for", async () => {
    expect((await run([failure(429, "", 1000)], 0)).waits).toEqual([1000]);
    expect((await run([failure(429, "", 1000)], 0.5)).waits).toEqual([1050]);
  });

  it("is read from the error where the platform drops headers", async () => {
    const text = said("overloaded", true, { retry_after_seconds: 2 });
    expect((await run([failure(429, text)], 0)).waits).toEqual([2000]);
  });

  it("is not waited when the service asks for longer than the caller has", async () => {
    expect(await run([failure(503, "", 60_000)])).toMatchObject({ attempts: 1, waits: [] });
  });
});

describe("an abort", () => {
  it("before the first attempt sends nothing", async () => {
    const reason = new Error("stop");
    expect(await run([], 1, AbortSignal.abort(reason))).toMatchObject({ outcome: reason, attempts: 0 });
  });

  it("during an attempt ends it all with the signal's reason", async () => {
    const controller = new AbortController();
    const reason = new Error("stop");
    const attempt = async () => {
      controller.abort(reason);
      throw failure(503);
    };
    const waiting = { now: () => 0, sleep: async () => {}, random: () => 0 };
    await expect(withRetries(attempt, { rules, waiting, signal: controller.signal })).rejects.toBe(reason);
  });
});

describe("what a service says of its failure", () => {
  const long = said("option_invalid", false, { option: "x".repeat(5000) });

  it("is understood although it was cut", () => {
    expect(toServiceFailure(422, long.slice(0, 2048))).toMatchObject({ code: "option_invalid", isRetryable: false });
  });

  it("is never longer than 2,048 characters", () => {
    expect(toServiceFailure(500, "x".repeat(9000)).message).toHaveLength(2048);
  });

  it("keeps its words and details", () => {
    const { message } = toServiceFailure(422, said("option_invalid", false, { option: "top_k" }));
    expect(message).toBe('As it is. {"option":"top_k"}');
  });

  it("may be nothing at all", () => {
    expect(toServiceFailure(502, "")).toMatchObject({
      code: "http_502",
      message: "the answer was 502 and nothing else",
    });
  });
});
