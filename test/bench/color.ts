import {
  type Agreement,
  addAgreement,
  compareColors,
  coverages,
  groundNames,
  noAgreement,
} from "../support/color-comparison.js";
import { BenchFailure } from "./harness/bench-failure.js";
import { versionOf } from "./harness/machine.js";
import { type BenchRun, type Measured, runBench } from "./harness/run-bench.js";

// `npm run bench -- color [GARMENTS]`: how often a drawn garment's color, found on white, gray, black and busy grounds,
// gives the harmony that its true color gives with random second colors: by `dominant` and by V4's `mean`.
// Percentages are of all pairs, and of those whose true harmony is not neutral. Nothing is timed, and chance is seeded:
// one round says everything.
const usualGarments = 20;
const shortGarments = 2;

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

function total(cells: readonly Cell[], wanted: (cell: Cell) => boolean): Agreement {
  return cells.filter(wanted).reduce((sum, { agreement }) => addAgreement(sum, agreement), noAgreement());
}

function countGarments({ short, parameters: [given] }: BenchRun): number {
  if (given === undefined) return short ? shortGarments : usualGarments;
  if (!/^[1-9]\d{0,4}$/.test(given)) throw new BenchFailure(`GARMENTS is a whole number from 1, not "${given}"`, 2);
  return Number(given);
}

async function measure(run: BenchRun): Promise<Measured> {
  const garmentsPerCell = countGarments(run);
  const cells: Cell[] = [];
  for (const ground of groundNames) {
    for (const coverage of coverages) {
      cells.push({ ground, coverage, agreement: await compareColors(ground, coverage, garmentsPerCell) });
    }
  }
  const rowOf = (wanted: (cell: Cell) => boolean) => toRow(total(cells, wanted));
  const all = rowOf(() => true);
  const figures = {
    unit: "% of pairs with the true harmony",
    garmentsPerCell,
    color_dominant_same_harmony: all.dominant,
    color_mean_same_harmony: all.mean,
    all,
    byGround: Object.fromEntries(groundNames.map((name) => [name, rowOf(({ ground }) => ground === name)])),
    byCoverage: Object.fromEntries(coverages.map((share) => [share, rowOf(({ coverage }) => coverage === share)])),
    cells: Object.fromEntries(
      cells.map(({ ground, coverage, agreement }) => [`${ground}, ${coverage}`, toRow(agreement)]),
    ),
  };
  return { figures, bars: [], libraries: { sharp: versionOf("sharp") } };
}

await runBench(import.meta.url, { name: "color", parameters: "[GARMENTS]", variants: {}, measure });
