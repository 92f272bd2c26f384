import { describe, expect, it } from "vitest";
import { createGate } from "../../../src/serving/gate.js";

function readyGate(limit: number) {
  const gate = createGate(limit);
  gate.become("ready");
  return gate;
}

const code = (expected: string) => expect.objectContaining({ code: expected });

describe("a gate", () => {
  it("lets nobody in before it is ready, and nobody after it has begun to stop", () => {
    const gate = createGate(1);
    expect(gate.enter).toThrow(code("not_ready"));
    gate.become("ready");
    gate.enter()();
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
    const leave = gate.enter();
    gate.enter();
    expect(gate.enter).toThrow(code("overloaded"));
    leave();
    gate.enter();
    expect(gate.inside()).toBe(2);
    expect(gate.enter).toThrow(code("overloaded"));
  });

  it("counts leaving twice once", () => {
    const gate = readyGate(2);
    const leave = gate.enter();
    gate.enter();
    leave();
    leave();
    expect(gate.inside()).toBe(1);
  });

  it("tells when it is empty, also when it already is", async () => {
    const gate = readyGate(2);
    await gate.whenEmpty();
    const [first, second] = [gate.enter(), gate.enter()];
    let isEmpty = false;
    const empty = gate.whenEmpty().then(() => {
      isEmpty = true;
    });
    first();
    await Promise.resolve();
    expect(isEmpty).toBe(false);
    second();
    await empty;
  });
});
