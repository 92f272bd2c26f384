import { describe, expect, it } from "vitest";
import { createGate, type GateOptions } from "../../../src/serving/gate.js";

function readyGate(limit: number, options: GateOptions = {}) {
  const gate = createGate(limit, options);
  gate.become("ready");
  return gate;
}

const code = (expected: string, details: object = {}) =>
  expect.objectContaining({ code: expected, details: expect.objectContaining(details) });

describe("a gate", () => {
  it("lets nobody in before it is ready, and nobody after it has begun to stop", () => {
    const gate = createGate(1);
    expect(gate.enter).toThrow(code("not_ready"));
    gate.become("ready");
    gate.enter().leave();
    gate.become("stopping");
    expect(gate.enter).toThrow(code("shutting_down"));
  });

  it("never becomes ready again once it stops", () => {
    const gate = createGate(1);
    gate.become("stopping");
    gate.become("ready");
    expect(gate.state()).toBe("stopping");
  });

  it("holds its limit, and one more after each that leaves", () => {
    const gate = readyGate(2);
    const { leave } = gate.enter();
    gate.enter();
    expect(gate.enter).toThrow(code("overloaded"));
    leave();
    gate.enter();
    expect(gate.inside()).toBe(2);
    expect(gate.enter).toThrow(code("overloaded", { limit: 2 }));
  });

  it("counts leaving twice once", () => {
    const gate = readyGate(2);
    const { leave } = gate.enter({ bytes: 5 });
    gate.enter({ bytes: 7 });
    leave();
    leave();
    expect([gate.inside(), gate.bytesInside()]).toEqual([1, 7]);
  });

  it("tells when it is empty, also when it already is", async () => {
    const gate = readyGate(2);
    await gate.whenEmpty();
    const [first, second] = [gate.enter(), gate.enter()];
    let isEmpty = false;
    const empty = gate.whenEmpty().then(() => {
      isEmpty = true;
    });
    first.leave();
    await Promise.resolve();
    expect(isEmpty).toBe(false);
    second.leave();
    await empty;
  });
});

describe("a gate's bytes", () => {
  it("are those declared, and those that arrive undeclared", () => {
    const gate = readyGate(10, { maxBytes: 100 });
    const declared = gate.enter({ bytes: 60 });
    const undeclared = gate.enter();
    undeclared.addBytes(40);
    expect(() => undeclared.addBytes(1)).toThrow(code("overloaded", { limit_bytes: 100 }));
    expect(() => gate.enter({ bytes: 1 })).toThrow(code("overloaded", { limit_bytes: 100 }));
    expect(gate.inside()).toBe(2);
    declared.leave();
    gate.enter({ bytes: 60 });
    expect(gate.bytesInside()).toBe(100);
  });

  it("let in a body that is larger than all of them, alone", () => {
    const gate = readyGate(10, { maxBytes: 100 });
    const { leave } = gate.enter({ bytes: 1000 });
    expect(() => gate.enter({ bytes: 1 })).toThrow(code("overloaded"));
    leave();
    gate.enter({ bytes: 1 });
  });
});

describe("a gate with a backlog", () => {
  it("says when to come again, in whole seconds", () => {
    const gate = readyGate(1, { backlog: () => ({ waitMs: 2100, serviceMs: 30 }) });
    gate.enter();
    expect(gate.enter).toThrow(code("overloaded", { limit: 1, retry_after_seconds: 3 }));
  });

  it("turns away whom it cannot serve in time", () => {
    const gate = readyGate(10, { backlog: () => ({ waitMs: 970, serviceMs: 40 }) });
    expect(() => gate.enter({ budgetMs: 1009 })).toThrow(
      code("overloaded", { expected_ms: 1010, limit_ms: 1009, retry_after_seconds: 1 }),
    );
    expect(gate.inside()).toBe(0);
    gate.enter({ budgetMs: 1010 });
    gate.enter();
  });

  it("lets in the hasty when nothing is ahead of them", () => {
    const gate = readyGate(10, { backlog: () => ({ waitMs: 0, serviceMs: 40 }) });
    gate.enter({ budgetMs: 1 });
  });
});
