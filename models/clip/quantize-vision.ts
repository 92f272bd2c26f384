import type { LayerInFp32 } from "../../src/domain/encoder-model.js";
import { type PlannedSite, planSite, type SiteLinear } from "../quantize/plan-site.js";
import type { WeightBits } from "../quantize/quantize-weights.js";
import type { Site } from "./block.js";
import { type Calibration, type CalibrationPictures, cosinesAt } from "./calibration.js";
import { smoothWeights } from "./smoothed-weights.js";
import type { PixelStatistics } from "./vision-config.js";
import type { GraphPrecision } from "./vision-graph.js";
import { shapeOf, type VisionWeights, type WeightName } from "./vision-weights.js";

export type QuantizeOptions = Readonly<{
  statistics: PixelStatistics;
  bits: WeightBits;
  /** Whether scales are moved between activations and weights. */
  smooth: boolean;
  /** Sites that stay in floats at least, however well the others do. */
  leastInFp32: number;
  /** What the median cosine over the calibration pictures must reach; worse sites go back to floats until it does. */
  minMedianCosine: number;
  pictures: CalibrationPictures;
  threads: number;
}>;

/** A network ready to be written in 8 bits: its weights, smoothed, and how each site is written. */
export type QuantizedVision = Readonly<{
  weights: VisionWeights;
  precision: GraphPrecision;
  layersInFp32: readonly LayerInFp32[];
  medianCosine: number;
  sites: number;
}>;

type Plans = ReadonlyMap<Site, PlannedSite>;

/**
 * Chooses the smoothing of every site, measures the whole, and takes the sites with the largest expected error
 * back to floats, twice as many each time, until the calibration pictures' embeddings are close enough or half of the
 * sites are floats. `file` is written for it and removed again.
 */
export async function quantizeVision(
  file: string,
  original: VisionWeights,
  calibration: Calibration,
  options: QuantizeOptions,
): Promise<QuantizedVision> {
  const plans = await planSites(original, calibration, options);
  const moved = [...plans].flatMap(([site, { smoothing }]) => (smoothing === null ? [] : [[site, smoothing] as const]));
  const weights = smoothWeights(original, new Map(moved));
  const worstFirst = [...plans.keys()].sort(
    (one, other) => plans.get(other)!.relativeError - plans.get(one)!.relativeError,
  );
  const mostInFp32 = Math.max(options.leastInFp32, Math.floor(worstFirst.length / 2));
  const network = { weights, statistics: options.statistics, threads: options.threads };
  const measured: number[] = [];
  for (let count = options.leastInFp32; ; count = Math.min(mostInFp32, Math.max(1, count * 2))) {
    const inFp32 = new Set(worstFirst.slice(0, count));
    const precision: GraphPrecision = { kind: "int8", bits: options.bits, inFp32 };
    const cosines = await cosinesAt(file, network, precision, options.pictures, calibration);
    const medianCosine = medianOf(cosines);
    measured.push(medianCosine);
    if (medianCosine >= options.minMedianCosine || count === mostInFp32) {
      const layersInFp32 = [...inFp32].map((layer) => ({ layer, reason: reasonOf(plans.get(layer)!, measured) }));
      return { weights, precision, layersInFp32, medianCosine, sites: plans.size };
    }
  }
}

async function planSites(weights: VisionWeights, { sites }: Calibration, options: QuantizeOptions): Promise<Plans> {
  const plans = new Map<Site, PlannedSite>();
  for (const [site, seen] of sites) {
    // A nonlinear function makes the input of `contract`, and no scale can be moved through it.
    const canSmooth = options.smooth && !site.endsWith("contract");
    plans.set(site, planSite(seen, await readLinears(weights, site), { bits: options.bits, canSmooth }));
  }
  return plans;
}

async function readLinears({ config, read }: VisionWeights, site: Site): Promise<readonly SiteLinear[]> {
  const [, layer, kind] = site.split(".");
  const linears: SiteLinear[] = [];
  for (const part of kind === "attention" ? ["query", "key", "value"] : [kind]) {
    const name = `blocks.${layer}.${part}.weight` as WeightName;
    linears.push({ weight: await read(name), outputs: shapeOf(config, name)[0]! });
  }
  return linears;
}

function reasonOf({ relativeError }: PlannedSite, measured: readonly number[]): string {
  const error = `expected error of its products ${(relativeError * 100).toFixed(1)} %`;
  const without = measured.at(-2);
  return without === undefined ? error : `${error}; with more in int8 the median cosine was ${without.toFixed(4)}`;
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[(sorted.length - 1) >> 1]!;
}
