import { expect, test } from "vitest";
import { atLeast, atMost } from "../../bench/harness/bar.js";
import { type Report, toReadableText } from "../../bench/harness/report.js";

const report: Report = {
  bench: "tiny",
  commit: "abc1234",
  machine: {
    cpu: "Some CPU",
    cores: 2,
    node: "v20.20.2",
    takenByOthers: 0.114,
    libraries: { sharp: "0.35.5" },
    date: "2026-11-21",
  },
  short: false,
  judged: true,
  figures: { unit: "ms", inside: { deeper: { median: 2, raw: [3, 1, 2] } }, counts: { small: 1, large: 2 } },
  bars: [atLeast("speed", 3, 2), atMost("time", 3, 2)],
};

/** The cells of each line, without the drawn lines between them. */
function rowsOf(text: string) {
  return text.split("\n").map((line) => line.split("│").map((cell) => cell.trim()));
}

test("says where the figures come from, each figure with its rounds, and how each bar ended", () => {
  const text = toReadableText(report);
  expect(text).toContain("tiny, commit abc1234, 2026-11-21");
  expect(text).toContain("2 x Some CPU, 11 % of its time taken by others; Node v20.20.2, sharp 0.35.5");
  expect(rowsOf(text)).toEqual(
    expect.arrayContaining([
      ["", "unit", "ms", "", ""],
      ["", "inside: deeper", "2", "3  1  2", ""],
      ["", "counts", "small 1, large 2", "", ""],
      ["", "speed", "3", "at least 2", "passes", ""],
      ["", "time", "3", "at most 2", "falls short", ""],
    ]),
  );
});

test("says of a short run that its bars are not judged", () => {
  expect(toReadableText({ ...report, short: true, judged: false })).toContain("not judged");
  expect(toReadableText(report)).not.toContain("not judged");
});
