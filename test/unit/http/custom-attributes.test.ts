import { describe, expect, it } from "vitest";
import { readTimeoutMs } from "../../../src/http/custom-attributes.js";

describe("the caller's own limit", () => {
  it("is read among other people's attributes", () => {
    expect(readTimeoutMs("")).toBeNull();
    expect(readTimeoutMs("trace=abc, top_k=3")).toBeNull();
    expect(readTimeoutMs("trace=abc; timeout_ms=2500 ,top_k=3")).toBe(2500);
    expect(readTimeoutMs("timeout_ms=3600000")).toBe(3_600_000);
    expect(readTimeoutMs("timeout_ms")).toBeNull();
    expect(readTimeoutMs("timeout_ms=1,timeout_ms=2")).toBe(2);
  });

  it.each(["0", "-5", "1e3", "3600001", "99999999999", "", "soon", "1.5"])("is refused as %j", (text) => {
    expect(() => readTimeoutMs(`timeout_ms=${text}`)).toThrow(
      expect.objectContaining({ code: "option_invalid", details: expect.objectContaining({ option: "timeout_ms" }) }),
    );
  });
});
