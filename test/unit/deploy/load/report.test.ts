import { describe, expect, it } from "vitest";
import { InvokeError } from "../../../../client/invoke-error.js";
import type { Arrivals } from "../../../../deploy/load/arrivals.js";
import { drawChart, toShort } from "../../../../deploy/load/chart.js";
import { type LoadReport, toReport } from "../../../../deploy/load/report.js";
import { toReportPage } from "../../../../deploy/load/report-page.js";
import { type LoadBounds, type LoadParts, runLoad } from "../../../../deploy/load/run-load.js";
import type { Thresholds } from "../../../../deploy/load/verdict.js";
import { toReportText } from "../../../../src/cli/loadtest-text.js";
import { createLanes, createVirtualTime, type VirtualTime } from "../../../support/virtual-time.js";

const bounds: LoadBounds = { durationMs: 20_000, maxRequests: 1e6, maxInFlight: 1e6, drainMs: 60_000 };
const noLimits: Thresholds = { maxP99Ms: null, maxP95Ms: null, maxErrors: null, minPerSecond: null };
const facts = {
  target: "<script>alert(1)</script>",
  startedAt: "2026-01-02T03:04:05.000Z",
  version: "0.1.0",
  pictures: "one & only",
  ownCpuShare: 0.25,
};

/** Two lanes of 20 ms bear a hundred a second. */
async function report(
  arrivals: Arrivals,
  toAsk: (time: VirtualTime) => LoadParts["ask"] = ({ waiting }) => createLanes(waiting, 2, 20),
  limits = noLimits,
  wishes: Partial<LoadBounds> = {},
): Promise<LoadReport> {
  const time = createVirtualTime();
  const parts = { ask: toAsk(time), waiting: time.waiting, signal: new AbortController().signal };
  const run = await time.play(runLoad(arrivals, { ...bounds, ...wishes }, parts));
  return toReport(run, null, limits, facts);
}

function open(fromPerSecond: number, toPerSecond = fromPerSecond): Arrivals {
  return { kind: "open", fromPerSecond, toPerSecond, spacing: "constant" };
}

const refusing = () => async () => {
  throw new InvokeError({ code: "overloaded", message: "no", status: 429, isRetryable: true });
};

describe("a report", () => {
  it("adds up", async () => {
    const { sent, good, errors, cut_off, windows, latency_ms } = await report(open(50));
    expect({ sent, good, errors, cut_off, count: latency_ms.count }).toEqual({
      ...{ sent: 1000, good: 1000, errors: 0, cut_off: 0, count: 1000 },
    });
    expect(windows.reduce((sum, { good_per_second }) => sum + good_per_second, 0)).toBeCloseTo(1000);
    expect(windows.every(({ offered_per_second }) => offered_per_second === 50)).toBe(true);
  });

  it("shows the knee of a rising load alone", async () => {
    expect((await report(open(50))).knee).toBeNull();
    expect((await report({ kind: "closed", callers: 2 })).knee).toBeNull();
    const { knee } = await report(open(10, 200));
    expect(knee).toMatchObject({ is_reached: true, most_p95_ms: expect.closeTo(60, 0) });
    expect(knee!.per_second! / 100).toBeGreaterThan(0.9);
    expect(knee!.per_second! / 100).toBeLessThan(1.15);
    expect((await report(open(10, 60))).knee).toMatchObject({ is_reached: false });
  });

  it("passes without limits, and fails by the one that does not hold", async () => {
    expect((await report(open(50))).passed).toBe(true);
    const limits = { ...noLimits, maxP99Ms: 10, maxErrors: 0 };
    const { passed, checks } = await report(open(50), undefined, limits);
    expect(passed).toBe(false);
    expect(checks.map((check) => [check.name, check.passed])).toEqual([
      ["p99_ms", false],
      ["errors", true],
    ]);
  });

  it("is JSON, of whatever there was", async () => {
    for (const each of [await report(open(50)), await report(open(50), refusing), await report(open(0.01))]) {
      const text = JSON.stringify(each);
      expect(JSON.parse(text)).toEqual(each);
    }
  });

  it("says what a reader must know", async () => {
    const notes = async (...parameters: Parameters<typeof report>) => (await report(...parameters)).notes.join("\n");
    expect(await notes(open(50))).toBe("");
    expect(await notes({ kind: "closed", callers: 2 })).toMatch(/flatter/);
    expect(await notes(open(50), undefined, noLimits, { maxRequests: 10 })).toMatch(/most requests/);
    expect(await notes(open(400), undefined, noLimits, { maxInFlight: 5 })).toMatch(/not sent/);
    const remembering = ({ waiting }: VirtualTime) => {
      const lanes = createLanes(waiting, 2, 20);
      return async (signal: AbortSignal) => ({ ...(await lanes(signal)), cache: "hit" });
    };
    expect(await notes(open(5), remembering)).toMatch(/^100 answers came from the service's memory/);
  });
});

describe("a report as a page and as text", () => {
  it.each<[string, () => Promise<LoadReport>]>([
    ["a good run", () => report(open(50), undefined, { ...noLimits, maxP99Ms: 300 })],
    ["a rising load", () => report(open(1, 200))],
    ["callers", () => report({ kind: "closed", callers: 4 })],
    ["nothing but errors", () => report(open(50), refusing)],
    ["one request", () => report(open(0.01))],
    ["no request", () => report(open(50), undefined, noLimits, { maxRequests: 0 })],
  ])("shows %s without a hole, and runs no word of its target", async (_what, toIt) => {
    const it = await toIt();
    const page = toReportPage(it);
    expect(page).not.toMatch(/NaN|undefined|Infinity|<script/);
    expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(page).toContain("one &amp; only");
    expect(toReportText(it)).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe("a chart", () => {
  const sketch = { title: "T", xTitle: "x", yTitle: "y" };

  it("leaves a gap where there is nothing", () => {
    const points = [[0, 1] as const, [1, null] as const, [2, 3] as const, [3, 4] as const];
    const svg = drawChart({ ...sketch, series: [{ name: "a", color: "#000", points }] });
    const line = /<path d="([^"]*)" fill="none"/.exec(svg)![1]!;
    expect(line.match(/M/g)).toHaveLength(2);
    expect(line.match(/L/g)).toHaveLength(1);
  });

  it.each<[string, readonly (readonly [number, number])[]]>([
    ["one point", [[5, 5]]],
    [
      "zeros",
      [
        [0, 0],
        [1, 0],
      ],
    ],
    [
      "large numbers",
      [
        [0, 1e12],
        [1, 1e-9],
      ],
    ],
  ])("draws %s inside its frame", (_what, points) => {
    const series = [{ name: "a", color: "#000", points }];
    const svg = drawChart({ ...sketch, series, limit: { name: "most", y: 1 } });
    const numbers = [...svg.matchAll(/ c[xy]="([^"]+)"/g)].map(([, text]) => Number(text));
    expect(numbers.length).toBeGreaterThan(0);
    expect(numbers.every((number) => number >= 0 && number <= 720)).toBe(true);
  });

  it("says when there is nothing to draw", () => {
    expect(drawChart({ ...sketch, series: [{ name: "a", color: "#000", points: [[0, null]] }] })).toContain("nothing");
  });

  it.each([
    [0, "0"],
    [0.001234, "0.00123"],
    [12.345, "12.3"],
    [1234.5, "1235"],
  ])("writes %d as %s", (value, text) => {
    expect(toShort(value)).toBe(text);
  });
});
