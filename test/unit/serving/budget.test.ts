import { describe, expect, it } from "vitest";
import { ServiceError } from "../../../src/domain/errors.js";
import { createBudget } from "../../../src/serving/budget.js";

const never = new AbortController().signal;
const aBudget = (limit: number) => createBudget(limit, () => new ServiceError("overloaded", { limit }));
const overloaded = expect.objectContaining({ code: "overloaded" });

describe("a budget", () => {
  it("is taken up to its limit and given back, twice counting once", () => {
    const budget = aBudget(10);
    const first = budget.take(4);
    budget.take(6);
    expect(() => budget.take(1)).toThrow(overloaded);
    first.giveBack();
    first.giveBack();
    expect(budget.held()).toBe(6);
    budget.take(4);
    expect(() => budget.take(1)).toThrow(overloaded);
  });

  it("lets who is alone have more than there is", () => {
    const budget = aBudget(10);
    const alone = budget.take(50);
    expect(() => budget.take(1)).toThrow(overloaded);
    alone.giveBack();
    budget.take(1);
    expect(() => budget.take(50)).toThrow(overloaded);
  });

  it("grows with what arrives, until others would have no room", () => {
    const budget = aBudget(10);
    const first = budget.take(0);
    const second = budget.take(0);
    first.grow(6);
    second.grow(4);
    expect(() => second.grow(1)).toThrow(overloaded);
    expect(budget.held()).toBe(10);
    first.giveBack();
    second.grow(100);
    expect(budget.held()).toBe(104);
    second.giveBack();
    second.grow(1);
    expect(budget.held()).toBe(0);
  });
});

describe("whoever can wait for room", () => {
  it("is let in by turns, as room is made", async () => {
    const budget = aBudget(10);
    const first = budget.take(8);
    const order: string[] = [];
    const enter = (name: string, amount: number) =>
      budget.wait(amount, never).then((hold) => {
        order.push(name);
        return hold;
      });
    const large = enter("large", 9);
    const small = enter("small", 1);
    await Promise.resolve();
    expect(order).toEqual([]);
    first.giveBack();
    await Promise.all([large, small]);
    expect(order).toEqual(["large", "small"]);
    expect(budget.held()).toBe(10);
  });

  it("enters at once where there is room", async () => {
    expect((await aBudget(1).wait(5, never)).giveBack).toBeTypeOf("function");
  });

  it("leaves the line when it gives up, and the next one moves up", async () => {
    const budget = aBudget(10);
    budget.take(8);
    const caller = new AbortController();
    const large = budget.wait(9, caller.signal);
    const small = budget.wait(2, never);
    caller.abort(new Error("gone"));
    await expect(large).rejects.toThrow("gone");
    await small;
    expect(budget.held()).toBe(10);
    await expect(budget.wait(1, AbortSignal.abort(new Error("gone")))).rejects.toThrow("gone");
  });

  it("gives nothing back that it did not get", async () => {
    const budget = aBudget(10);
    const first = budget.take(10);
    const caller = new AbortController();
    const left = budget.wait(1, caller.signal);
    caller.abort(new Error("gone"));
    await expect(left).rejects.toThrow("gone");
    first.giveBack();
    expect(budget.held()).toBe(0);
  });
});
