import { describe, expect, it } from "vitest";
import type { OpenRung } from "../../../src/adapters/onnx-encoder-rung.js";
import { openFastest, timeAgainstCpu } from "../../../src/adapters/onnx-encoder-timing.js";
import type { EncoderGoal, EncoderSetting } from "../../../src/domain/encoder-setting.js";
import { anFp32Model } from "../../support/a-manifest.js";

/** What a setting is like on a machine whose time the test makes: `aloneMs` of one picture, `perSecond` with all busy. */
type Speed = Readonly<{ openMs: number; aloneMs: number; perSecond: number }>;

function aMachine(speeds: Readonly<Record<string, Speed | "refused">>) {
  let time = 0;
  const open: string[] = [];
  const opened: string[] = [];
  const rungOf = (setting: EncoderSetting, name: string, { aloneMs, perSecond }: Speed): OpenRung => {
    let running = 0;
    return {
      ...{
        rung: { provider: "cpu", model: anFp32Model() },
        digest: "",
        side: 224,
        setting,
        alive: () => setting.workers,
      },
      isExhausted: () => false,
      proof: { cosine: 1, sharesRuns: true },
      encode: async () => {
        running++;
        // Whoever began at the same time counts as working at the same time.
        await null;
        time += running === 1 ? aloneMs : 1000 / perSecond;
        await null;
        running--;
        return { kind: "encoded", embeddings: [], recoveredFrom: null };
      },
      close: async () => void open.splice(open.indexOf(name), 1),
    };
  };
  const openSetting = async (setting: EncoderSetting) => {
    const name = `${setting.workers}x${setting.threads}`;
    const speed = speeds[name]!;
    opened.push(name);
    if (speed === "refused") return { refused: "no memory" };
    time += speed.openMs;
    open.push(name);
    return rungOf(setting, name, speed);
  };
  return { now: () => time, open: openSetting, left: open, opened };
}

const twoByOne = { workers: 2, threads: 1 };
const oneByTwo = { workers: 1, threads: 2 };
const usual = { openMs: 200, aloneMs: 33, perSecond: 56 };
const other = { openMs: 200, aloneMs: 24, perSecond: 42 };

async function fastest(machine: ReturnType<typeof aMachine>, goal: EncoderGoal = "throughput") {
  const startedAt = machine.now();
  const found = await openFastest({ ...machine, candidates: [twoByOne, oneByTwo], goal, side: 4 });
  if ("refused" in found) return found;
  return { ...found.report, left: machine.left, tookMs: machine.now() - startedAt };
}

describe("the fastest setting", () => {
  it("is the one with the most pictures a second, and alone stays open", async () => {
    const found = await fastest(aMachine({ "2x1": usual, "1x2": other }));
    expect(found).toMatchObject({ chosen: twoByOne, note: null, left: ["2x1"] });
    expect(found).toMatchObject({ measured: [twoByOne, oneByTwo] });
  });

  it("is the quickest for one picture where that is asked for", async () => {
    const found = await fastest(aMachine({ "2x1": usual, "1x2": other }), "latency");
    expect(found).toMatchObject({ chosen: oneByTwo, left: ["1x2"] });
    expect(found).toMatchObject({ measured: [{ millisecondsEach: 33 }, { millisecondsEach: 24 }] });
  });

  it("costs at most a second beyond the sessions that serve", async () => {
    for (const openMs of [10, 100, 400, 700]) {
      for (const aloneMs of [2, 10, 40, 80]) {
        const speed = { openMs, aloneMs, perSecond: 1500 / aloneMs };
        const found = await fastest(aMachine({ "2x1": speed, "1x2": speed }));
        // And three looks at a picture before it is decided.
        expect("tookMs" in found && found.tookMs).toBeLessThanOrEqual(openMs + 3 * aloneMs + 1000 + 2 * aloneMs);
      }
    }
  });

  it.each([
    ["opening takes too long", { openMs: 1100, aloneMs: 110, perSecond: 18 }, /takes 1100 ms, too much of 1000$/],
    ["a run takes too long", { openMs: 500, aloneMs: 300, perSecond: 7 }, /takes 500 ms, too much of 1000$/],
    ["a picture takes no time", { openMs: 50, aloneMs: 0.4, perSecond: 4000 }, /takes 0\.40 ms in any setting$/],
  ])("is the usual one where %s", async (_what, speed, note) => {
    const machine = aMachine({ "2x1": speed, "1x2": speed });
    expect(await fastest(machine)).toMatchObject({ chosen: twoByOne, measured: [], note: expect.stringMatching(note) });
    expect(machine.opened).toEqual(["2x1"]);
  });

  it("is the usual one where another cannot be had, and says so", async () => {
    const found = await fastest(aMachine({ "2x1": usual, "1x2": "refused" }));
    expect(found).toMatchObject({ chosen: twoByOne, note: "1 x 2 cannot be had: no memory", left: ["2x1"] });
  });

  it("is none where the first cannot be had", async () => {
    const machine = aMachine({ "2x1": "refused", "1x2": other });
    expect(await fastest(machine)).toEqual({ refused: "no memory" });
    expect(machine.opened).toEqual(["2x1"]);
  });

  it("stays with what is open when another turns out slow to open", async () => {
    const speeds = { "2x1": usual, "1x2": { ...other, openMs: 5000 } };
    const found = await fastest(aMachine(speeds), "latency");
    expect(found).toMatchObject({ left: [expect.any(String)] });
  });
});

it("a GPU is timed against the CPU by medians", async () => {
  const gpu = aMachine({ "1x1": { openMs: 0, aloneMs: 2, perSecond: 1 } });
  const rung = await gpu.open({ workers: 1, threads: 1 });
  if ("refused" in rung) throw new Error(rung.refused);
  expect(await timeAgainstCpu(rung, rung, 4, gpu.now)).toEqual({ cpuMs: 2, gpuMs: 2 });
});
