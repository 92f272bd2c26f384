import { execFileSync } from "node:child_process";
import { availableParallelism, cpus } from "node:os";
import {
  type Agreement,
  addAgreement,
  compareColors,
  coverages,
  groundNames,
  noAgreement,
} from "../support/color-comparison.js";

// `node dist/test/bench/color.js [garments]`: how often a drawn garment's color, found on white, gray, black and busy
// grounds, gives the harmony that its true color gives with random second colors: by `dominant` and by V4's `mean`.
// Prints JSON; percentages are of all pairs, and of those whose true harmony is not neutral.
const garments = Number(process.argv[2] ?? 20);

const percent = (part: number, whole: number) => Math.round((1000 * part) / whole) / 10;

function toRow(agreement: Agreement) {
  const { pairs, dominant, mean, hued, huedDominant, huedMean } = agreement;
  return {
    dominant: percent(dominant, pairs),
    mean: percent(mean, pairs),
    dominantWhenNotNeutral: percent(huedDominant, hued),
    meanWhenNotNeutral: percent(huedMean, hued),
    pairs,
  };
}

type Cell = Readonly<{ ground: string; coverage: number; agreement: Agreement }>;
const cells: Cell[] = [];
for (const ground of groundNames) {
  for (const coverage of coverages) {
    cells.push({ ground, coverage, agreement: await compareColors(ground, coverage, garments) });
  }
}

function total(wanted: (cell: Cell) => boolean): Agreement {
  return cells.filter(wanted).reduce((sum, { agreement }) => addAgreement(sum, agreement), noAgreement());
}

const all = toRow(total(() => true));
const report = {
  machine: `${availableParallelism()} x ${cpus()[0]?.model}`,
  node: process.version,
  commit: execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim(),
  date: new Date().toISOString().slice(0, 10),
  unit: "% of pairs with the true harmony",
  garmentsPerCell: garments,
  bars: { color_dominant_same_harmony: all.dominant, color_mean_same_harmony: all.mean },
  all,
  byGround: Object.fromEntries(groundNames.map((ground) => [ground, toRow(total((cell) => cell.ground === ground))])),
  byCoverage: Object.fromEntries(coverages.map((share) => [share, toRow(total((cell) => cell.coverage === share))])),
  cells: cells.map(({ ground, coverage, agreement }) => ({ ground, coverage, ...toRow(agreement) })),
};
console.log(JSON.stringify(report, null, 2));
