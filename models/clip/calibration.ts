import { rm } from "node:fs/promises";
import { openOnnxOutputs } from "../../src/adapters/onnx-outputs.js";
import { writeOnnx } from "../graph/write-onnx.js";
import { createSiteObserver, type SiteStatistics } from "../quantize/site-statistics.js";
import type { Site } from "./block.js";
import type { PixelStatistics } from "./vision-config.js";
import { buildVisionGraph, type GraphPrecision, graphEnds, type VisionGraph } from "./vision-graph.js";
import type { VisionWeights } from "./vision-weights.js";

/** Pictures as the graph takes them, [side, side, 3] bytes each, as often as they are asked for. */
export type CalibrationPictures = () => AsyncIterable<Uint8Array>;

/** What the full-precision network did with the calibration pictures. */
export type Calibration = Readonly<{
  sites: ReadonlyMap<Site, SiteStatistics>;
  /** One row of length 1 a picture. */
  embeddings: readonly Float32Array[];
}>;

type Network = Readonly<{ weights: VisionWeights; statistics: PixelStatistics; threads: number }>;

/**
 * Runs the pictures through the network in full precision. `file` is written for it and removed again.
 * @throws Error with one line when there are no pictures.
 */
export async function calibrate(file: string, network: Network, pictures: CalibrationPictures): Promise<Calibration> {
  const { width, innerWidth } = network.weights.config;
  const built = build(network, { kind: "float32" }, true);
  const observers = new Map(
    [...built.sites.keys()].map((site) => [site, createSiteObserver(site.endsWith("contract") ? innerWidth : width)]),
  );
  const embeddings: Float32Array[] = [];
  await runAll(file, network, built, pictures, (outputs) => {
    for (const [site, tensor] of built.sites) observers.get(site)!.observe(outputs.get(tensor)!);
    embeddings.push(outputs.get(graphEnds.uint8.output)!.slice());
  });
  if (embeddings.length === 0) throw new Error("int8 has to be calibrated on pictures, and there are none");
  return { sites: new Map([...observers].map(([site, observer]) => [site, observer.statistics()])), embeddings };
}

/** The cosine of each picture's embedding at this precision to the one in full precision, in the pictures' order. */
export async function cosinesAt(
  file: string,
  network: Network,
  precision: GraphPrecision,
  pictures: CalibrationPictures,
  { embeddings }: Calibration,
): Promise<readonly number[]> {
  const cosines: number[] = [];
  await runAll(file, network, build(network, precision, false), pictures, (outputs) => {
    const embedding = outputs.get(graphEnds.uint8.output)!;
    const reference = embeddings[cosines.length]!;
    cosines.push(embedding.reduce((sum, value, at) => sum + value * reference[at]!, 0));
  });
  return cosines;
}

function build({ weights, statistics }: Network, precision: GraphPrecision, withSites: boolean): VisionGraph {
  return buildVisionGraph(weights, { precision, statistics, input: "uint8", operators: "fused", withSites });
}

async function runAll(
  file: string,
  { weights, threads }: Network,
  { graph }: VisionGraph,
  pictures: CalibrationPictures,
  look: (outputs: ReadonlyMap<string, Float32Array>) => void,
): Promise<void> {
  const { side } = weights.config;
  try {
    await writeOnnx(file, graph);
    const network = await openOnnxOutputs(file, threads);
    try {
      for await (const picture of pictures()) look(await network.run(picture, [1, side, side, 3]));
    } finally {
      await network.close();
    }
  } finally {
    await rm(file, { force: true });
  }
}
