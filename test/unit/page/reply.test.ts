import { describe, expect, test } from "vitest";
import { isCatalogPart, isReply, type Reply, readRefusal } from "../../../page/reply.js";
import { ServiceError } from "../../../src/domain/errors.js";
import { toErrorReply } from "../../../src/http/error-response.js";
import type { toReply } from "../../../src/http/to-reply.js";
import { aReply } from "../../support/page-replies.js";

/** The compiler's word that the page reads nothing which the server does not send. */
const asRead = (sent: ReturnType<typeof toReply>): Reply => sent;

test("the page reads an answer of the server's own type", () => {
  expect(asRead).toBeTypeOf("function");
  expect(isReply(aReply([]))).toBe(true);
});

test.each([null, undefined, "text", 7, [], {}, { recommendations: {} }, { error: {} }])(
  "what is no answer (%j) is not drawn",
  (value) => {
    expect(isReply(value)).toBe(false);
    expect(isCatalogPart(value)).toBe(false);
  },
);

describe("a refusal", () => {
  test("is read as the server writes it", () => {
    const { body } = toErrorReply(new ServiceError("option_invalid", { option: "gender", reason: "no such word" }));
    expect(readRefusal(body)).toEqual({ code: "option_invalid", reason: "no such word" });
    expect(readRefusal(toErrorReply(new ServiceError("overloaded")).body)).toEqual({
      code: "overloaded",
      reason: null,
    });
  });

  test("of somebody in between is none", () => {
    for (const value of [null, "Bad Gateway", {}, { error: "no" }, { error: { code: 502 } }]) {
      expect(readRefusal(value)).toBeNull();
    }
  });
});
