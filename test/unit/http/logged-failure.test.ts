import { describe, expect, it } from "vitest";
import { ServiceError } from "../../../src/domain/errors.js";
import { toFailureFields } from "../../../src/http/logged-failure.js";

describe("the log line of a failure", () => {
  it("has numbers, names of options and words of ours", () => {
    const failure = new ServiceError("option_invalid", { option: "top_k", reason: "a whole number", limit: 5 });
    expect(toFailureFields(failure)).toEqual({ details: { option: "top_k", reason: "a whole number", limit: 5 } });
    const { details } = toFailureFields(new ServiceError("option_invalid", { option: "x".repeat(1000) }));
    expect((details as { option: string }).option).toHaveLength(100);
  });

  it("has nothing that a caller wrote", () => {
    const quoting = new SyntaxError("Unexpected token 's', \"secret\" is not valid JSON");
    expect(toFailureFields(new ServiceError("item_unknown", { item_id: "secret" }))).toEqual({});
    expect(toFailureFields(new ServiceError("route_unknown", { path: "/secret" }))).toEqual({});
    expect(toFailureFields(new ServiceError("media_type_unsupported", { content_type: "secret" }))).toEqual({});
    expect(toFailureFields(new ServiceError("body_malformed", {}, quoting))).toEqual({});
  });

  it("is short, however much a decoder has to say", () => {
    const cause = new Error("Inconsistent directory count\n".repeat(1000));
    const { cause: shown } = toFailureFields(new ServiceError("image_undecodable", {}, cause));
    expect(shown).toHaveLength(300);
    const stack = String(toFailureFields(new ServiceError("internal", {}, cause)).cause);
    expect(stack.length).toBeLessThan(4000);
  });

  it("has the cause where it is about us, and the stack where nobody foresaw it", () => {
    const cause = new Error("no memory");
    expect(toFailureFields(new ServiceError("encoder_failed", {}, cause))).toEqual({ cause: "no memory" });
    expect(toFailureFields(new ServiceError("image_undecodable", { format: "png" }, cause))).toEqual({
      ...{ details: { format: "png" }, cause: "no memory" },
    });
    expect(toFailureFields(new ServiceError("internal", {}, cause)).cause).toContain("logged-failure.test.ts");
    expect(toFailureFields(new ServiceError("internal", {}, "thrown text"))).toEqual({ cause: "thrown text" });
  });
});
