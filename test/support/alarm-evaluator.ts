import type { PlannedCall } from "../../deploy/planned-call.js";

/** A minute's value of each metric, by `MetricName statistic`; a metric that is left out has no data. */
export type Minute = Readonly<Record<string, number>>;

type Stat = Readonly<{ Metric: Readonly<{ MetricName: string }>; Stat: string }>;
type Query = Readonly<{ Id: string; Expression?: string; MetricStat?: Stat; ReturnData: boolean }>;
type AlarmInput = Readonly<{
  MetricName?: string;
  Statistic?: string;
  ExtendedStatistic?: string;
  Metrics?: readonly Query[];
  EvaluationPeriods: number;
  DatapointsToAlarm: number;
  Threshold: number;
  ComparisonOperator: string;
}>;

/**
 * Whether an alarm is red after each of the minutes, as CloudWatch's guide describes it: so many of the last periods
 * breach; minutes without data do not count. Of metric math only what our alarms use.
 */
export function alarmStates({ input }: PlannedCall, minutes: readonly Minute[]): readonly boolean[] {
  const alarm = input as unknown as AlarmInput;
  const isBad = minutes.map((minute) => {
    const value = readValue(alarm, minute);
    return value !== undefined && isBreached(alarm, value);
  });
  return isBad.map((_, last) => {
    const window = isBad.slice(Math.max(0, last + 1 - alarm.EvaluationPeriods), last + 1);
    return window.filter(Boolean).length >= alarm.DatapointsToAlarm;
  });
}

function readValue(alarm: AlarmInput, minute: Minute): number | undefined {
  if (alarm.Metrics === undefined) return minute[`${alarm.MetricName} ${alarm.Statistic ?? alarm.ExtendedStatistic}`];
  const { Expression } = alarm.Metrics.find(({ ReturnData }) => ReturnData)!;
  const known = alarm.Metrics.flatMap(({ Id, MetricStat }) => (MetricStat === undefined ? [] : [{ Id, MetricStat }]));
  const values = known.map(({ MetricStat: { Metric, Stat } }) => minute[`${Metric.MetricName} ${Stat}`]);
  const isFilled = ({ Id }: Readonly<{ Id: string }>) => Expression!.includes(`FILL(${Id},`);
  if (known.some((each, index) => values[index] === undefined && !isFilled(each))) return undefined;
  const names = ["IF", "FILL", ...known.map(({ Id }) => Id)];
  const compute = new Function(...names, `"use strict"; return (${Expression});`);
  return compute(
    (condition: boolean, yes: number, no: number) => (condition ? yes : no),
    (value: number | undefined, instead: number) => value ?? instead,
    ...values,
  );
}

function isBreached({ ComparisonOperator, Threshold }: AlarmInput, value: number): boolean {
  switch (ComparisonOperator) {
    case "GreaterThanOrEqualToThreshold":
      return value >= Threshold;
    case "GreaterThanThreshold":
      return value > Threshold;
    case "LessThanThreshold":
      return value < Threshold;
    case "LessThanOrEqualToThreshold":
      return value <= Threshold;
    default:
      throw new RangeError(`no comparison of ours: ${ComparisonOperator}`);
  }
}
