import type { Figure } from "../serving/minute-figures.js";

export type EmfDocument = Readonly<{
  namespace: string;
  dimensions: Readonly<Record<string, string>>;
  figures: readonly Figure[];
  timestampMs: number;
}>;

/** Members of a line that no dimension may be called. */
export const emfMembers: ReadonlySet<string> = new Set(["_aws", "event"]);

/**
 * Figures as one line in CloudWatch's embedded metric format: what names the metrics first, then dimensions and values
 * as members of the line itself. The dimensions are one set: each combination would be a metric more to pay for.
 */
export function toEmfLine({ namespace, dimensions, figures, timestampMs }: EmfDocument): string {
  const directive = {
    Namespace: namespace,
    Dimensions: [Object.keys(dimensions)],
    Metrics: figures.map(({ name, unit }) => ({ Name: name, Unit: unit })),
  };
  const values = Object.fromEntries(figures.map(({ name, values }) => [name, values]));
  return `${JSON.stringify({
    _aws: { Timestamp: Math.trunc(timestampMs), CloudWatchMetrics: [directive] },
    event: "metrics_summed",
    ...dimensions,
    ...values,
  })}\n`;
}
