import { describe, expect, it } from "vitest";
import { createGate } from "../../../src/serving/gate.js";
import { createGenerations } from "../../../src/serving/generation.js";
import { createReload, type ReloadOutcome } from "../../../src/serving/reload.js";

/** A server of texts: each opening waits until the test lets it end. */
function aServer() {
  const gate = createGate(1);
  const closed: string[] = [];
  const reports: ReloadOutcome[] = [];
  const openings: Readonly<{ succeed: (text: string) => void; fail: (reason: string) => void }>[] = [];
  const generations = createGenerations<string>(async (text) => void closed.push(text));
  let time = 0;
  const reload = createReload<string>({
    gate,
    generations,
    open: () =>
      new Promise((resolve, reject) => {
        openings.push({ succeed: resolve, fail: (reason) => reject(new Error(reason)) });
      }),
    digestOf: (text) => `digest of ${text}`,
    now: () => time++,
    report: (outcome) => reports.push(outcome),
  });
  const ready = () => {
    gate.become("ready");
    generations.replace("old");
  };
  return { gate, generations, reload, openings, closed, reports, ready };
}

const reloaded = { kind: "reloaded", from: "digest of old", to: "digest of new", milliseconds: 1 };

describe("a reload", () => {
  it("puts the new generation in place once it is open, and closes the old one", async () => {
    const { generations, reload, openings, closed, reports, ready } = aServer();
    ready();
    const outcome = reload.now();
    expect([generations.current(), closed]).toEqual(["old", []]);
    openings[0]?.succeed("new");
    expect(await outcome).toEqual(reloaded);
    expect([generations.current(), closed, reports]).toEqual(["new", ["old"], [reloaded]]);
  });

  it("keeps the old generation when the new one cannot serve, and says why in one line", async () => {
    const { generations, reload, openings, closed, reports, ready } = aServer();
    ready();
    const outcome = reload.now();
    openings[0]?.fail("not\n  sound");
    expect(await outcome).toEqual({ kind: "kept", digest: "digest of old", reason: "not sound" });
    expect([generations.current(), closed, reports]).toEqual(["old", [], [await outcome]]);
  });

  it("is refused while the first generation loads and once the server stops", async () => {
    const { gate, reload, openings, reports, ready } = aServer();
    expect(await reload.now()).toEqual({ kind: "not_ready" });
    expect(await reload.soon()).toEqual({ kind: "not_ready" });
    ready();
    gate.become("stopping");
    expect(await reload.now()).toEqual({ kind: "stopping" });
    expect([openings.length, reports]).toEqual([0, []]);
  });

  it("is busy with one at a time, and remembers one wish for another", async () => {
    const { generations, reload, openings, ready } = aServer();
    ready();
    const first = reload.now();
    expect(await reload.now()).toEqual({ kind: "busy" });
    const [second, third] = [reload.soon(), reload.soon()];
    expect(openings).toHaveLength(1);
    openings[0]?.fail("half written");
    await first;
    await expect.poll(() => openings.length).toBe(2);
    openings[1]?.succeed("new");
    expect([await second, await third]).toEqual([
      { ...reloaded, milliseconds: 1 },
      { ...reloaded, milliseconds: 1 },
    ]);
    expect([generations.current(), openings.length]).toEqual(["new", 2]);
  });

  it("that ends after the server closed leaves nothing open", async () => {
    const { gate, generations, reload, openings, closed, ready } = aServer();
    ready();
    void reload.now();
    gate.become("stopping");
    const settled = reload.settled();
    openings[0]?.succeed("new");
    await settled;
    await generations.close();
    expect(closed.sort()).toEqual(["new", "old"]);
    await reload.settled();
  });
});
