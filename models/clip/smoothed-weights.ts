import type { Site } from "./block.js";
import type { VisionWeights, WeightName } from "./vision-weights.js";

/** By site, what each channel of the tensor there is divided by. */
export type Smoothing = ReadonlyMap<Site, Float32Array>;

/**
 * The same network with its activations re-scaled channel by channel: the layer before a site divides, the layers that
 * read it multiply. In exact arithmetic no embedding changes. The tensor before `contract` cannot be re-scaled: a
 * nonlinear function makes it.
 */
export function smoothWeights({ config, read }: VisionWeights, smoothing: Smoothing): VisionWeights {
  return {
    config,
    read: async (name) => {
      const values = await read(name);
      const [divisor, factor] = [divisorOf(name, smoothing), factorOf(name, smoothing)];
      if (divisor === undefined && factor === undefined) return values;
      // A divisor goes with the outputs, which are the rows, a factor with the inputs, which are the columns.
      const rows = divisor?.length ?? 1;
      const perRow = values.length / rows;
      return values.map((value, at) => {
        const divided = divisor === undefined ? value : value / divisor[Math.floor(at / perRow)]!;
        return factor === undefined ? divided : divided * factor[at % factor.length]!;
      });
    },
  };
}

function divisorOf(name: WeightName, smoothing: Smoothing): Float32Array | undefined {
  const found = /^blocks\.(\d+)\.(norm1|norm2|value)\./.exec(name);
  if (found === null) return undefined;
  const site = { norm1: "attention", norm2: "expand", value: "out" }[found[2] as "norm1" | "norm2" | "value"];
  return smoothing.get(`blocks.${found[1]}.${site}` as Site);
}

function factorOf(name: WeightName, smoothing: Smoothing): Float32Array | undefined {
  const found = /^blocks\.(\d+)\.(query|key|value|out|expand|contract)\.weight$/.exec(name);
  if (found === null) return undefined;
  const site = /^(?:query|key|value)$/.test(found[2]!) ? "attention" : found[2];
  return smoothing.get(`blocks.${found[1]}.${site}` as Site);
}
