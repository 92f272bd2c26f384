import Table from "cli-table3";
import type { Reading } from "../../deploy/read-gauges.js";
import type { AlarmState, Status } from "../../deploy/status.js";
import { toVariantTable } from "./variant-table.js";

/** A status for the eye: the endpoint, its variants, figures of the window, alarms. */
export function toStatusText({ endpoint, alarms, readings }: Status, windowMinutes: number): string {
  const { name, status, mode, configName, pendingConfigName } = endpoint;
  const kind = mode === null ? "" : `, ${mode}`;
  const moving = pendingConfigName === null ? "" : `, on its way to ${pendingConfigName}`;
  const reason = endpoint.failureReason === null ? [] : [`reason: ${endpoint.failureReason.replace(/\s*\n\s*/g, " ")}`];
  return [
    `${name} is ${status}${kind}, on ${configName || "no configuration yet"}${moving}`,
    ...reason,
    toVariantTable(endpoint),
    ...(readings.length === 0 ? [] : [`the last ${windowMinutes} minutes:`, toReadingTable(readings)]),
    ...readings.filter(({ gauge }) => gauge.variant === null).map((each) => `${each.gauge.label}: ${toText(each)}`),
    ...alarmLines(alarms),
  ].join("\n");
}

/** One row a figure, one column a variant. */
function toReadingTable(readings: readonly Reading[]): string {
  const ofVariants = readings.filter(({ gauge }) => gauge.variant !== null);
  const variants = [...new Set(ofVariants.map(({ gauge }) => gauge.variant!))];
  const labels = [...new Set(ofVariants.map(({ gauge }) => gauge.label))];
  const table = new Table({ head: ["", ...variants], style: { head: [], border: [], compact: true } });
  for (const label of labels) {
    const cells = variants.map((variant) => {
      const reading = ofVariants.find(({ gauge }) => gauge.variant === variant && gauge.label === label);
      return reading === undefined ? "-" : toText(reading);
    });
    table.push([label, ...cells]);
  }
  return table.toString();
}

function toText({ gauge: { unit }, value }: Reading): string {
  if (value === null) return "no data";
  // One failure of ten thousand requests must not look like none.
  const isSmall = value > 0 && value < 0.1;
  const digits = isSmall ? value.toPrecision(1) : unit === "" ? `${Number(value.toFixed(1))}` : value.toFixed(1);
  return unit === "" ? digits : `${digits} ${unit}`;
}

/** Those that are not OK one by one, the worst first. */
function alarmLines(alarms: readonly AlarmState[]): readonly string[] {
  if (alarms.length === 0) return ["no alarms: `stygig deploy alarms` puts them in place"];
  const counted = (["ALARM", "INSUFFICIENT_DATA", "OK"] as const)
    .map((state) => ({ state, count: alarms.filter((each) => each.state === state).length }))
    .filter(({ count }) => count > 0);
  const rank = { ALARM: 0, INSUFFICIENT_DATA: 1, OK: 2 } as const;
  const told = alarms.filter(({ state }) => state !== "OK").toSorted((a, b) => rank[a.state] - rank[b.state]);
  return [
    `alarms: ${counted.map(({ state, count }) => `${count} ${state}`).join(", ")}`,
    ...told.map(({ name, state, since, reason, isForScaling }) => {
      const time = since === null ? "" : ` since ${since}`;
      return `  ${state} ${name}${time}${isForScaling ? ", which sets scaling to work" : ""}: ${reason}`;
    }),
  ];
}
