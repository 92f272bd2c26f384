import { describe, expect, it } from "vitest";
import { maxInstances, parseBody } from "../../../src/http/instances.js";
import { parseQuery } from "../../../src/http/parse-query.js";

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const parse = (value: unknown) => parseBody("json", json(value), undefined);
const refusal = (code: string, details: object) =>
  expect.objectContaining({ code, details: expect.objectContaining(details) });

describe("a body", () => {
  it("is a list when it has instances, whatever they are", () => {
    expect(parse({ instances: [{ item_id: "a" }, null, 3] })).toEqual({
      kind: "instances",
      instances: [{ item_id: "a" }, null, 3],
    });
    expect(parse({ instances: [] })).toEqual({ kind: "instances", instances: [] });
  });

  it("is one query otherwise, in every form", () => {
    const query = parseQuery("json", json({ item_id: "a" }), undefined);
    expect(parse({ item_id: "a" })).toEqual({ kind: "one", query });
    const picture = Uint8Array.of(1, 2);
    expect(parseBody("image", picture, "top_k=2")).toEqual({
      kind: "one",
      query: parseQuery("image", picture, "top_k=2"),
    });
  });

  it.each([
    ["instances that are no list", { instances: { item_id: "a" } }, "body_malformed", { field: "instances" }],
    ["options beside the list", { instances: [], top_k: 3 }, "option_invalid", { option: "top_k" }],
    ["a query beside the list", { item_id: "a", instances: [] }, "option_invalid", { option: "item_id" }],
    ["too many", { instances: Array(maxInstances + 1).fill(0) }, "option_invalid", { option: "instances" }],
    ["a list alone", [{ item_id: "a" }], "body_malformed", {}],
  ])("with %s is refused", (_, value, code, details) => {
    expect(() => parse(value)).toThrow(refusal(code, details));
  });

  it("takes the name from nobody's prototype", () => {
    const text = '{"__proto__":{"instances":[]},"item_id":"a"}';
    expect(() => parseBody("json", Buffer.from(text), undefined)).toThrow(
      refusal("option_invalid", { option: "__proto__" }),
    );
  });
});
