import { toAlarmName } from "../names.js";
import type { PlannedCall } from "../planned-call.js";

/** Where SageMaker publishes: what requests did, and how the machines are. An async endpoint's queue is in the first. */
export const namespaces = { requests: "AWS/SageMaker", machines: "/aws/sagemaker/Endpoints" } as const;

export type Dimensions = Readonly<Record<string, string>>;

/** One metric: what it is, of what, and by which statistic: Sum, Average, Maximum, p99 and the like. */
export type Metric = Readonly<{ namespace: string; name: string; dimensions: Dimensions; statistic: string }>;

/** Metrics put together by an expression that names them. */
export type Formula = Readonly<{ label: string; expression: string; metrics: Readonly<Record<string, Metric>> }>;

/**
 * What an alarm is about. `minutes` is [bad ones, of the last so many]; CloudWatch has a value a minute. `missing` is what
 * a minute without one counts as: `notBreaching` where no requests are no fault, `missing` where machines should report
 * and an alarm without data should be seen as such.
 */
export type AlarmFacts = Readonly<{
  endpointName: string;
  /** The name's last part, and whose it is: `AllTraffic/errors`. */
  purpose: string;
  description: string;
  watched: Metric | Formula;
  threshold: number;
  comparison: ">=" | "<=" | ">" | "<";
  minutes: readonly [bad: number, of: number];
  missing: "notBreaching" | "missing";
  /** Who is told, or what is done, when it is bad. */
  actions: readonly string[];
  /** Who is told when it is good again. */
  okActions: readonly string[];
}>;

const comparisons = {
  ">=": "GreaterThanOrEqualToThreshold",
  "<=": "LessThanOrEqualToThreshold",
  ">": "GreaterThanThreshold",
  "<": "LessThanThreshold",
} as const;

const periodSeconds = 60;

/** The call that puts an alarm in place; put again it is the same alarm, and keeps its state. */
export function toAlarmCall(facts: AlarmFacts): PlannedCall {
  const { endpointName, purpose, description, watched, threshold, comparison, minutes, missing } = facts;
  const [datapoints, evaluated] = minutes;
  return {
    service: "cloudwatch",
    operation: "PutMetricAlarm",
    input: {
      AlarmName: toAlarmName(endpointName, purpose),
      AlarmDescription: description,
      ActionsEnabled: true,
      AlarmActions: facts.actions,
      OKActions: facts.okActions,
      ...("expression" in watched ? toFormulaInput(watched) : toMetricInput(watched)),
      EvaluationPeriods: evaluated,
      DatapointsToAlarm: datapoints,
      Threshold: threshold,
      ComparisonOperator: comparisons[comparison],
      TreatMissingData: missing,
    },
  };
}

// No Unit is asked for: CloudWatch compares values of that unit alone, and the alarm never fires where the page is wrong.
function toMetricInput({ namespace, name, dimensions, statistic }: Metric) {
  return {
    Namespace: namespace,
    MetricName: name,
    Dimensions: toDimensionList(dimensions),
    Period: periodSeconds,
    ...(/^p\d/.test(statistic) ? { ExtendedStatistic: statistic } : { Statistic: statistic }),
  };
}

function toFormulaInput({ label, expression, metrics }: Formula) {
  const parts = Object.entries(metrics).map(([id, { namespace, name, dimensions, statistic }]) => ({
    Id: id,
    MetricStat: {
      Metric: { Namespace: namespace, MetricName: name, Dimensions: toDimensionList(dimensions) },
      Period: periodSeconds,
      Stat: statistic,
    },
    ReturnData: false,
  }));
  return { Metrics: [{ Id: "result", Expression: expression, Label: label, ReturnData: true }, ...parts] };
}

function toDimensionList(dimensions: Dimensions) {
  return Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
}
