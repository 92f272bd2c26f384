/** What was seen at one place of a network over the calibration pictures. */
export type SiteStatistics = Readonly<{
  channels: number;
  /** Smallest and largest value of each channel. */
  min: Float32Array;
  max: Float32Array;
  /** Some whole rows, [n, channels], for measuring what rounding does. */
  rows: readonly Float32Array[];
}>;

/** Collects statistics, tensor by tensor. */
export type SiteObserver = Readonly<{ observe: (values: Float32Array) => void; statistics: () => SiteStatistics }>;

/** Rows kept of a site: enough to see the common values, and few enough for the largest network. */
const maxRows = 192;

/** An observer of tensors [..., channels]. */
export function createSiteObserver(channels: number): SiteObserver {
  const min = new Float32Array(channels).fill(Number.POSITIVE_INFINITY);
  const max = new Float32Array(channels).fill(Number.NEGATIVE_INFINITY);
  const rows: Float32Array[] = [];
  let observed = 0;
  return {
    observe: (values) => {
      let [largest, largestRow] = [-1, 0];
      for (let at = 0; at < values.length; at++) {
        const value = values[at]!;
        const channel = at % channels;
        if (value < min[channel]!) min[channel] = value;
        if (value > max[channel]!) max[channel] = value;
        if (Math.abs(value) > largest) [largest, largestRow] = [Math.abs(value), Math.floor(at / channels)];
      }
      const count = values.length / channels;
      // The class's token, which decides the embedding; the one with the largest value, which sampling would miss; and
      // another, which moves on from picture to picture.
      for (const row of new Set([0, largestRow, (observed * 7 + 1) % count])) {
        if (rows.length < maxRows) rows.push(values.slice(row * channels, (row + 1) * channels));
      }
      observed += 1;
    },
    statistics: () => ({ channels, min, max, rows }),
  };
}
