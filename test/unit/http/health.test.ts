import { describe, expect, it } from "vitest";
import { unreadyReasons } from "../../../src/http/health.js";
import { createGate } from "../../../src/serving/gate.js";

type Served = ReturnType<Parameters<typeof unreadyReasons>[0]["served"]>;

function reasons(state: "loading" | "ready" | "stopping", problems: readonly string[] = []): readonly string[] {
  const gate = createGate(1);
  gate.become(state);
  return unreadyReasons({ gate, served: () => ({ problems: () => problems }) as Served });
}

describe("readiness", () => {
  it("comes with the gate's", () => {
    expect(reasons("loading")).toEqual(["the model or catalog is still loading"]);
    expect(reasons("ready")).toEqual([]);
    expect(reasons("stopping")).toEqual(["the server is stopping"]);
  });

  it("ends when no worker is left, and returns with one", () => {
    expect(reasons("ready", ["no encoder worker is left"])).toEqual(["no encoder worker is left"]);
  });

  it("does not end with load", () => {
    const gate = createGate(1);
    gate.become("ready");
    gate.enter();
    expect(unreadyReasons({ gate, served: () => null })).toEqual([]);
  });
});
